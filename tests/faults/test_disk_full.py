"""The disk is full: nothing half done, a sentence that is true, and all is well when there is room
again."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import soundness
from desk import wrapper
from scene import INSIDE, NEW, Command, Scene
from sqlalchemy import Connection, event
from transcript import Stage

resource = pytest.importorskip("resource")
"""Not on Windows."""

GROUP = "Trackers/Support"
APPEND = Command("append", f"APPEND {GROUP}", (NEW,))


@contextmanager
def files_end_at(octets: int) -> Iterator[None]:
    """No file of this process can grow beyond so many octets: writing says EFBIG, as it would say
    ENOSPC (Python ignores the signal)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def log_size(scene: Scene) -> int:
    log = scene.path.with_name(scene.path.name + "-wal")
    return log.stat().st_size if log.exists() else 0


def test_a_write_ahead_log_that_can_not_grow_keeps_nothing_and_all_is_well_with_room_again(
    scene: Scene, figures: Counter[str]
) -> None:
    """The limit is set within each page that the drop would write."""
    before = soundness.snapshot(scene.path)
    scene.stage.client("alice")
    came: Counter[str] = Counter()
    for pages in range(40):
        scene.reset()
        with files_end_at(log_size(scene) + pages * (4096 + 24) + 2000):
            answer = scene.say(APPEND)
        assert soundness.problems(scene.path, whole=True) == []
        figures["writes without room"] += 1
        if answer.condition == "OK":
            came["filed"] += 1
            continue
        came["not filed"] += 1
        assert answer.code == "UNAVAILABLE", answer
        assert soundness.changed(before, soundness.snapshot(scene.path)) == {}
        assert scene.waiting == ([NEW] if "a copy is kept" in answer.tagged else [])
        assert scene.say(APPEND).condition == "OK"
        scene.take_in()
        assert [folder for folder, _, _ in soundness.standing(scene.path, NEW)] == [GROUP]
    assert came["not filed"] > 5


def test_a_database_that_has_no_page_left_keeps_nothing_and_goes_on_with_room_again(
    scene: Scene,
) -> None:
    """SQLITE_FULL, from the first page that is missing on."""
    used = scene.world.db.read(
        lambda tx: tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    )
    room = [used]

    def limit(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={room[0]}").close()

    event.listen(scene.world.db._writing, "begin", limit)
    large = Command("append", f"APPEND {GROUP}", (NEW + b"x" * 100_000,))
    before = soundness.snapshot(scene.path)
    for room[0] in range(used, used + 26, 5):
        answer = scene.say(large)
        assert answer.code == "UNAVAILABLE", answer
        assert soundness.changed(before, soundness.snapshot(scene.path)) == {}
        assert scene.waiting == [large.messages[0]]
        scene.goes_on(large)
    room[0] = 1_000_000
    assert scene.say(large).condition == "OK"
    scene.take_in()
    assert len(soundness.standing(scene.path, large.messages[0])) == 1
    assert soundness.problems(scene.path, whole=True) == []


@pytest.mark.parametrize("literal", [b"{%d}", b"{%d+}"])
@pytest.mark.parametrize("room", [0, 4096, 100_000, 299_999])
def test_an_upload_that_finds_no_room_is_refused_and_the_session_goes_on(
    scene: Scene, literal: bytes, room: int
) -> None:
    """Beyond literal_in_memory it goes to a temporary file, which here can't grow."""
    content = NEW + b"x" * 300_000
    stage = _stage_with(scene, literal_in_memory=100_000)
    client = stage.client("alice")
    before = soundness.snapshot(scene.path)
    with files_end_at(room):
        client.send(b"a APPEND INBOX " + literal % len(content) + b"\r\n")
        client.send(content + b"\r\n")
        answered = [line for line in client.read() if not line.startswith("+")]
    assert len(answered) == 1, answered
    assert answered[0].startswith("a NO [UNAVAILABLE] Not filed: "), answered
    assert "no copy was kept" in answered[0]
    client.lines.clear()
    assert stage.server.budget.left == stage.server.limits.process_literals
    changes = soundness.changed(before, soundness.snapshot(scene.path))
    assert set(changes) <= {"drop_record"}
    stage.run(
        """
        C: b APPEND INBOX {#mail}
        S: + ...
        C: #mail
        S: b OK [APPENDUID ...
        """,
        mail=content,
    )
    stage.close()


def test_what_came_before_a_message_without_room_is_kept(scene: Scene) -> None:
    """Of a MULTIAPPEND: the first is here whole, the second can't be held."""
    content = INSIDE + b"x" * 300_000
    stage = _stage_with(scene, literal_in_memory=100_000)
    client = stage.client("alice")
    client.send(b"a APPEND INBOX {%d+}\r\n%b {%d+}\r\n" % (len(NEW), NEW, len(content)))
    with files_end_at(4096):
        client.send(content[:200_000])
    client.send(content[200_000:] + b"\r\n")
    (answer,) = client.read()
    client.lines.clear()
    assert answer.startswith("a NO [UNAVAILABLE] "), answer
    assert [one[:2] for one in soundness.standing(scene.path, NEW)] == [
        ("Recovered Messages", "alice")
    ]
    assert soundness.standing(scene.path, content) == []
    stage.close()


def test_a_wrapper_whose_message_can_not_be_unpacked_is_not_filed_as_another_mail(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large attached message is unpacked into a temporary file. Without room for it the wrapper
    would be taken for a mail without meaning, for ever."""
    inside = INSIDE + b"x" * 1_500_000
    content = wrapper("> @Support E-Mails look", inside)
    command = Command("append", f"APPEND {GROUP}", (content,))
    before = soundness.snapshot(scene.path)
    room = tempfile.TemporaryFile

    def without(*_: object, **__: object) -> object:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        stage = _stage_with(scene, literal_in_memory=10_000_000)
        client = stage.client("alice")
        patched.setattr(tempfile, "TemporaryFile", without)
        client.send(b"a %b {%d+}\r\n%b\r\n" % (command.line.encode(), len(content), content))
        (answer,) = client.read()
        client.lines.clear()
    assert tempfile.TemporaryFile is room
    assert answer.startswith("a NO ["), answer
    assert "a copy is kept" in answer
    assert soundness.changed(before, soundness.snapshot(scene.path)) == {}
    assert scene.waiting == [content]
    stage.close()
    assert scene.say(command).condition == "OK"
    scene.take_in()
    assert [one[0] for one in soundness.standing(scene.path, inside)] == [GROUP]


def test_a_spool_without_room_says_that_no_copy_was_kept(scene: Scene) -> None:
    """The database is full, and so is the disk of the spool: a sentence that is true, and nothing
    left behind of the attempt."""
    before = soundness.snapshot(scene.path)
    scene.stage.client("alice")
    with files_end_at(100):
        answer = scene.say(APPEND)
    assert answer.code == "UNAVAILABLE", answer
    assert "no copy was kept" in answer.tagged
    assert soundness.changed(before, soundness.snapshot(scene.path)) == {}
    assert [one.name for one in scene.spool.rglob("*")] == []
    assert scene.say(APPEND).condition == "OK"
    assert len(soundness.standing(scene.path, NEW)) == 1


def _stage_with(scene: Scene, **limits: int) -> Stage:
    """Another server on the same world."""
    return Stage(
        scene.world,
        replace(scene.stage.server.limits, **limits),
        spool=scene.stage.server.spool,
    )

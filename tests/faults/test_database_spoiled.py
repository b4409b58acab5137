"""A database file that is damaged, locked or read-only: no wrong octet is served, nothing that came
is lost, and every command is answered."""

from __future__ import annotations

import random
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import soundness
from click.testing import CliRunner
from desk import mail
from scene import COMMANDS, FIRST, NEW, SECOND, WRAPPER, Command, Scene
from sqlalchemy import event
from transcript import Client, Stage
from world import World

from imapgate import service
from imapgate.activities import passwords
from imapgate.cli.main import imapgate
from imapgate.folders.spool import Spool
from imapgate.limits import Limits
from storage import Database, sqlite
from storage.engine import SchemaMismatch, Unavailable

PAGE = 4096
GROUP = "Trackers/Support"
LARGE = mail("Large", "large") + b"z" * 600_000
APPEND = Command("append", f"APPEND {GROUP}", (NEW,))
BODY = re.compile(rb"\* (\d+) FETCH \(UID (\d+) BODY\[\] \{(\d+)\}\r\n")


def spoil(path: Path, content: bytes, at: int = 50) -> None:
    """One octet of a stored message is another."""
    wrong = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    with closing(sqlite3.connect(path)) as connection, connection:
        done = connection.execute(
            "UPDATE message_chunk SET bytes = ? WHERE n = 0 AND bytes = ?",
            (wrong[: 256 * 1024], content[: 256 * 1024]),
        )
        assert done.rowcount == 1


def say(client: Client, line: bytes) -> bytes:
    """The whole answer to a command without literals."""
    client.send(b"s " + line + b"\r\n")
    return client.wire.take()


def bodies(answer: bytes) -> dict[int, bytes]:
    """UID -> octets, of an answer to UID FETCH (BODY.PEEK[])."""
    found = {}
    for one in BODY.finditer(answer):
        found[int(one[2])] = answer[one.end() : one.end() + int(one[3])]
    return found


def test_a_damaged_message_is_not_served_and_the_others_are(scene: Scene) -> None:
    """NO [CORRUPTION], for what was asked of its octets; what else is known of it is told."""
    spoil(scene.path, SECOND)
    client = scene.stage.client("alice")
    say(client, b"SELECT INBOX")
    answer = say(client, b"UID FETCH 1:3 BODY.PEEK[]")
    assert bodies(answer) == {1: FIRST, 3: WRAPPER}
    assert b"\r\ns NO [CORRUPTION] One message is damaged" in answer
    for part in (b"BODY.PEEK[TEXT]", b"BODY.PEEK[]<10.20>", b"BODY.PEEK[1]", b"RFC822.TEXT"):
        assert say(client, b"FETCH 2 " + part).startswith(b"s NO [CORRUPTION]"), part
    assert b"\r\ns OK" in say(client, b"FETCH 1:3 (FLAGS ENVELOPE RFC822.SIZE)")
    assert b"\r\ns OK" in say(client, b"FETCH 1 BODY.PEEK[]")


def test_a_damaged_message_is_whole_again_once_it_is_sent_again(scene: Scene) -> None:
    """Else a client that sends its own copy, and then deletes it, would lose it."""
    scene.say(Command("append", "APPEND INBOX", (LARGE,)))
    for content in (FIRST, LARGE):
        spoil(scene.path, content)
        assert soundness.problems(scene.path)
        scene.say(Command("append", "APPEND INBOX", (content,)))
        assert soundness.problems(scene.path) == []
    client = scene.stage.client("alice")
    say(client, b"SELECT INBOX")
    assert bodies(say(client, b"UID FETCH 1,4 BODY.PEEK[]")) == {1: FIRST, 4: LARGE}


def test_a_large_damaged_message_is_not_served_from_its_start(scene: Scene) -> None:
    scene.say(Command("append", "APPEND INBOX", (LARGE,)))
    client = scene.stage.client("alice")
    say(client, b"SELECT INBOX")
    assert bodies(say(client, b"UID FETCH 4 BODY.PEEK[]")) == {4: LARGE}
    spoil(scene.path, LARGE, 200_000)
    assert bodies(say(client, b"UID FETCH 1,4 BODY.PEEK[]")) == {1: FIRST}
    assert say(client, b"UID FETCH 4 BODY.PEEK[]<0.1000>").startswith(b"s NO [CORRUPTION]")
    with closing(sqlite3.connect(scene.path)) as connection, connection:
        connection.execute("DELETE FROM message_chunk WHERE n = 2")
    assert say(client, b"UID FETCH 4 BODY.PEEK[]").startswith(b"s NO [CORRUPTION]")
    assert not client.closed


def test_a_damaged_wrapper_is_not_filed(scene: Scene) -> None:
    """Its bytes are read again for a COPY: what is attached to it would be stored wrong."""
    spoil(scene.path, WRAPPER, WRAPPER.index(b"Subject: Inside") + 12)
    command = Command("copy", f"UID COPY 3 {GROUP}", before=("SELECT INBOX",))
    scene.begin(command)
    before = soundness.snapshot(scene.path)
    answer = scene.say(command)
    assert answer.tagged.split(" ", 1)[1].startswith("NO [CORRUPTION] Not "), answer
    assert set(soundness.changed(before, soundness.snapshot(scene.path))) == {"drop_record"}


def spoiled(beginning: bytes, page: int, with_what: bytes) -> bytes:
    return beginning[: page * PAGE] + with_what + beginning[(page + 1) * PAGE :]


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "matches", lambda _hash, _password: True)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("kind", ["noise", "nothing"])
def test_whichever_page_of_the_file_is_damaged_no_wrong_octet_is_served(
    beginning: bytes, tmp_path: Path, kind: str, figures: Counter[str]
) -> None:
    """One page in four, each in turn: the file doesn't open, or each command is answered OK or
    NO, on a connection that stays open; a body that is served is right; a mail that isn't filed is
    kept."""
    noise = random.Random(7)
    came: Counter[str] = Counter()
    right = {1: FIRST, 2: SECOND, 3: WRAPPER}
    pages = len(beginning) // PAGE
    for page in range(0 if kind == "noise" else 1, pages, 4):
        what = noise.randbytes(PAGE) if kind == "noise" else bytes(PAGE)
        path = tmp_path / f"{page}" / "imapgate.db"
        path.parent.mkdir()
        path.write_bytes(spoiled(beginning, page, what))
        figures["pages of a database damaged"] += 1
        try:
            db = Database.open(path)
        except (Unavailable, SchemaMismatch):
            came["refused"] += 1
            continue
        try:
            came[_answers(db, right)] += 1
        finally:
            db.close()
    assert came["answered"] > 10, came


def _answers(db: Database, right: dict[int, bytes]) -> str:
    waiting = db.path.with_name("spool")
    stage = Stage(World(db, 0, {}, {}), spool=Spool(waiting, Limits()))
    client = stage.connect("alice")
    client.wire.take()
    if b"s OK" not in say(client, b"LOGIN alice@Standard demo"):
        stage.close()
        return "not signed in"
    for line in (b'LIST "" *', b"STATUS INBOX (MESSAGES)", b"SELECT INBOX", b"NOOP"):
        _one_answer(say(client, line))
    answer = say(client, b"UID FETCH 1:* BODY.PEEK[]")
    if b"s BAD" not in answer:  # Nothing is selected.
        _one_answer(answer)
        for uid, octets in bodies(answer).items():
            assert octets == right[uid], uid
    client.send(b"s APPEND %b {%d+}\r\n%b\r\n" % (GROUP.encode(), len(NEW), NEW))
    answer = client.wire.take()
    _one_answer(answer)
    if b"s NO" in answer and b"no copy" not in answer:
        kept = [one.read_bytes() for one in waiting.glob("*-*.[0-9]*")]
        assert kept == [NEW] or b"is in Recovered Messages" in answer, answer
    assert not client.closed
    stage.close()
    return "answered"


def _one_answer(answer: bytes) -> None:
    tagged = [line for line in answer.split(b"\r\n") if re.match(rb"s (OK|NO|BAD)", line)]
    assert len(tagged) == 1, answer
    assert not tagged[0].startswith(b"s BAD"), answer


@contextmanager
def a_place(tmp_path: Path, content: bytes, log: bytes | None = None) -> Iterator[list[str]]:
    """A data directory with such a database; the options that lead to it."""
    (tmp_path / "imapgate.db").write_bytes(content)
    if log is not None:
        (tmp_path / "imapgate.db-wal").write_bytes(log)
    yield ["--data", str(tmp_path)]


@pytest.mark.parametrize(
    ("spoil_it", "said"),
    [
        (lambda content: b"not a database at all" * 1000, "not a database"),
        (lambda content: b"\0" * 100 + content[100:], "not a database"),
        (lambda content: content[:18], "not a database"),
        (lambda content: content[: PAGE // 2], "damaged"),
        (lambda content: content[:PAGE] + b"\xff" * (len(content) - PAGE), "damaged"),
        (lambda content: b"", "no database"),
    ],
)
def test_serve_on_a_spoiled_file_says_so_in_one_sentence(
    beginning: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    spoil_it: Callable[[bytes], bytes],
    said: str,
) -> None:
    def serve(*_: object) -> None:
        raise AssertionError("it serves")

    monkeypatch.setattr(service, "serve", serve)
    with a_place(tmp_path, spoil_it(beginning)) as options:
        done = CliRunner().invoke(imapgate, [*options, "serve"])
    assert done.exit_code == 1, (done.output, done.exception)
    assert said in done.output
    assert done.output.count("\n") == 1
    assert "Traceback" not in done.output


def test_a_write_ahead_log_that_is_garbage_changes_nothing(
    beginning: bytes, tmp_path: Path
) -> None:
    """Nothing of it counts; what stands in the file is all there."""
    before = _rows(beginning, tmp_path / "before.db")
    for number, log in enumerate((b"garbage" * 3000, bytes(40_000), b"\x37\x7f\x06\x82" * 9000)):
        directory = tmp_path / str(number)
        directory.mkdir()
        with a_place(directory, beginning, log):
            database = Database.open(directory / "imapgate.db")
            database.write(lambda tx: None)
            database.close()
            assert soundness.changed(before, soundness.snapshot(directory / "imapgate.db")) == {}


def _rows(content: bytes, path: Path) -> soundness.Rows:
    path.write_bytes(content)
    return soundness.snapshot(path)


WRITERS = ("append several", "move between groups", "store")
WRITING = [one for one in COMMANDS if one.name in WRITERS]


@pytest.mark.parametrize("command", [APPEND, *WRITING], ids=str)
@pytest.mark.parametrize("how", ["locked", "read-only", "only to be read"])
def test_a_database_that_can_not_be_written_says_so_and_keeps_what_came(
    scene: Scene, command: Command, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By another process's lock, by the file's mode (whoever we are), by SQLite's own switch. Then
    all is well without a restart."""
    scene.prepare(command)
    before = soundness.snapshot(scene.path)
    with WAYS[how](scene, monkeypatch):
        answer = scene.say(command)
        assert answer.code == "UNAVAILABLE", answer
        scene.goes_on(command)
        assert soundness.changed(before, soundness.snapshot(scene.path)) == {}
        assert sorted(scene.waiting) == sorted(command.messages[: answer.uploaded])
        assert scene.say(Command("list", 'LIST "" *')).untagged
    assert scene.say(command).condition == "OK"
    scene.take_in()
    assert soundness.problems(scene.path) == []


@contextmanager
def locked(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    scene.world.db._writing.dispose()
    with monkeypatch.context() as patched:
        patched.setattr(sqlite, "BUSY_SECONDS", 0.05)
        with closing(sqlite3.connect(scene.path, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            yield
            other.execute("ROLLBACK")
    scene.world.db._writing.dispose()


@contextmanager
def read_only(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    connect = sqlite3.connect

    def reading(name: Any, *rest: Any, **options: Any) -> sqlite3.Connection:
        return connect(str(name).replace("mode=rw", "mode=ro"), *rest, **options)

    scene.world.db._writing.dispose()
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", reading)
        yield
    scene.world.db._writing.dispose()


@contextmanager
def only_read(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def switch(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only=ON").close()

    engine = scene.world.db._writing
    event.listen(engine, "connect", switch)
    engine.dispose()
    yield
    event.remove(engine, "connect", switch)
    engine.dispose()


WAYS = {"locked": locked, "read-only": read_only, "only to be read": only_read}

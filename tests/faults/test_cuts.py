"""The connection is lost at every octet of what a client says.

A command is run once the CRLF that ends it has arrived (RFC 3501 2.2.1); the last octet of a
message alone is no command yet. So: nothing before that, everything from then on.
"""

from __future__ import annotations

from collections import Counter

import pytest
import soundness
from scene import FIRST, INSIDE, KNOWN, NEW, Scene
from transcript import Client

from imapgate.activities import passwords

GROUP = "Trackers/Support"
LITERALS = {"asked for": b"{%d}\r\n", "sent at once": b"{%d+}\r\n"}


def append(name: str, *messages: bytes, literal: bytes = LITERALS["asked for"]) -> bytes:
    """A whole APPEND; who loses the connection midway has not waited for a `+` either."""
    pieces = [b"a APPEND %b (\\Seen)" % name.encode()]
    for content in messages:
        pieces.append(b" " + literal % len(content) + content)
    return b"".join(pieces) + b"\r\n"


@pytest.fixture(autouse=True)
def _sign_in_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of sign-ins; the password isn't what is tested."""
    monkeypatch.setattr(passwords, "matches", lambda _hash, _password: True)


def connected(scene: Scene) -> Client:
    """A session of alice's that has said nothing yet."""
    scene.stage.clients.pop("alice9", None)
    return scene.stage.client("alice9")


def lost_after(scene: Scene, client: Client, data: bytes) -> None:
    """Says that much and is gone; what the session held is given back."""
    client.send(data)
    client.lose()
    scene.stage.clients.pop("alice9", None)
    server = scene.stage.server
    assert server.budget.left == server.limits.process_literals
    assert server.sessions.count == 0
    assert not server.turns._gates
    assert not [one for one in scene.stage.clock.getDelayedCalls() if one.active()]


@pytest.mark.parametrize("literal", LITERALS)
@pytest.mark.parametrize("name", [GROUP, "INBOX"])
def test_an_append_cut_at_each_octet_is_filed_whole_or_not_at_all(
    scene: Scene, name: str, literal: str, figures: Counter[str]
) -> None:
    said = append(name, NEW, literal=LITERALS[literal])
    before = soundness.snapshot(scene.path)
    for octets in range(len(said)):
        lost_after(scene, connected(scene), said[:octets])
        figures["connections cut"] += 1
    assert soundness.changed(before, soundness.snapshot(scene.path)) == {}
    lost_after(scene, connected(scene), said)
    assert [folder for folder, _, _ in soundness.standing(scene.path, NEW)] == [name]
    assert soundness.problems(scene.path) == []


def test_what_was_filed_when_the_connection_was_lost_keeps_its_uid_when_it_is_sent_again(
    scene: Scene,
) -> None:
    """One entry, one activity, and the OK that the client missed."""
    said = append(GROUP, NEW)
    lost_after(scene, connected(scene), said)
    once = soundness.standing(scene.path, NEW)
    client = connected(scene)
    client.send(said)
    uid = once[0][2]
    assert any(line.startswith("a OK [APPENDUID") and f" {uid}]" in line for line in client.read())
    client.lose()
    assert soundness.standing(scene.path, NEW) == once
    assert soundness.problems(scene.path) == []


@pytest.mark.parametrize("literal", LITERALS)
def test_a_multiappend_cut_at_each_octet_is_filed_whole_or_not_at_all(
    scene: Scene, literal: str, figures: Counter[str]
) -> None:
    messages = (FIRST, KNOWN, INSIDE)
    said = append(GROUP, *messages, literal=LITERALS[literal])
    before = soundness.snapshot(scene.path)
    for octets in range(len(said)):
        lost_after(scene, connected(scene), said[:octets])
        figures["connections cut"] += 1
    assert soundness.changed(before, soundness.snapshot(scene.path)) == {}
    lost_after(scene, connected(scene), said)
    for content in messages:
        places = soundness.standing(scene.path, content)
        assert [folder for folder, _, _ in places if folder == GROUP] == [GROUP]


def test_a_large_message_cut_in_its_middle_leaves_no_file(
    scene: Scene, figures: Counter[str]
) -> None:
    """Beyond literal_in_memory it stands in a temporary file, which nobody else sees, and which is
    closed."""
    content = NEW + b"x" * (2 * scene.stage.server.limits.literal_in_memory)
    said = append(GROUP, content)
    before = soundness.snapshot(scene.path)
    start = said.index(NEW)
    for octets in (start, start + 1, start + 70_000, len(said) // 2, len(said) - 3, len(said) - 2):
        client = connected(scene)
        client.send(said[:octets])
        held = [one._file for one in client.protocol._receiver._command.literals]
        lost_after(scene, client, b"")
        assert [file.closed for file in held if file is not None] == [True]
        figures["connections cut"] += 1
    assert soundness.changed(before, soundness.snapshot(scene.path)) == {}


def test_a_pipeline_cut_at_each_octet_has_done_its_whole_lines_and_no_other(
    scene: Scene, figures: Counter[str]
) -> None:
    """COPY, then MOVE, sent in one go: each is done once its line has arrived."""
    lines = (
        b"a SELECT INBOX\r\n",
        b"b UID COPY 1 Trackers/Support\r\n",
        b"c UID MOVE 1:2 Trackers/Sales\r\n",
        b"d EXPUNGE\r\n",
    )
    states = []
    for count in range(len(lines) + 1):
        scene.reset()
        lost_after(scene, connected(scene), b"".join(lines[:count]))
        states.append(soundness.snapshot(scene.path))
    said = b"".join(lines)
    for octets in range(len(said) + 1):
        scene.reset()
        lost_after(scene, connected(scene), said[:octets])
        done = said[:octets].count(b"\r\n")
        assert soundness.changed(states[done], soundness.snapshot(scene.path)) == {}, octets
        assert soundness.problems(scene.path) == []
        figures["connections cut"] += 1
    assert states[1] != states[2] != states[3]


@pytest.mark.parametrize("works", range(4))
def test_a_connection_lost_while_the_drop_is_being_filed_changes_nothing_of_it(
    scene: Scene, works: int
) -> None:
    """The server has the whole command; the client is lost before this or that of its works is
    done, the last time between COMMIT and OK."""
    stage = scene.stage
    client = connected(scene)
    head = b"a APPEND %b {%d}\r\n" % (GROUP.encode(), len(NEW))
    client.send(head)
    assert client.read()[-1].startswith("+")
    stage.hold = True
    client.send(NEW + b"\r\n")
    stage.release(works)
    client.lose()
    stage.hold = False
    stage.release()
    stage.clients.pop("alice9")
    once = soundness.standing(scene.path, NEW)
    assert [folder for folder, _, _ in once] == [GROUP]
    again = connected(scene)
    again.send(append(GROUP, NEW))
    assert any(f" {once[0][2]}]" in line for line in again.read())
    again.lose()
    assert soundness.standing(scene.path, NEW) == once
    assert stage.server.budget.left == stage.server.limits.process_literals


def test_each_piece_of_an_append_may_come_alone(scene: Scene) -> None:
    """Octet by octet, and then one entry."""
    client = connected(scene)
    for octet in append(GROUP, NEW):
        client.send(bytes([octet]))
    assert any(line.startswith("a OK") for line in client.read())
    client.lose()
    assert len(soundness.standing(scene.path, NEW)) == 1

"""Each function of the session and of the grammar fails in turn, while a drop is on its way: a
tagged answer, or BYE and the end; never silence, never half of it."""

from __future__ import annotations

from collections import Counter

import pytest
import soundness
import traps
from scene import FIRST, NEW, Scene
from transcript import Client

from imapgate.activities import passwords

GROUP = "Trackers/Support"
SAID = {
    "append": b"a APPEND %b {%d+}\r\n%b\r\n" % (GROUP.encode(), len(NEW), NEW),
    "multiappend": b"a APPEND %b {%d+}\r\n%b {%d+}\r\n%b\r\n"
    % (GROUP.encode(), len(NEW), NEW, len(FIRST), FIRST),
    "move": b"a UID MOVE 1:2 %b\r\n" % GROUP.encode(),
}
MOST = 120


@pytest.mark.parametrize("said", SAID)
def test_a_session_that_fails_anywhere_answers_or_ends(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, said: str, figures: Counter[str]
) -> None:
    monkeypatch.setattr(passwords, "matches", lambda _hash, _password: True)
    calls = traps.Calls(traps.ABOVE)
    came: Counter[str] = Counter()
    calls.arm(None)
    assert _run(scene, calls, SAID[said])[-1].startswith("a OK")
    points = {what: at for at, what in reversed(list(enumerate(calls.seen)))}
    chosen = sorted(points.values())
    for at in chosen[:: len(chosen) // MOST + 1]:
        calls.arm(at)
        lines = _run(scene, calls, SAID[said])
        assert calls.sprung == 1
        name = calls.seen[-1]
        tagged = [line for line in lines if line.startswith("a ")]
        assert len(tagged) <= 1, (name, lines)
        assert soundness.problems(scene.path) == [], name
        done = [place for place in soundness.standing(scene.path, FIRST) if place[0] == GROUP]
        if tagged and tagged[0].startswith("a OK"):
            assert said == "append" or done, name
        came[tagged[0].split()[1] if tagged else "ended"] += 1
        _again(scene, SAID[said])
    assert came["OK"] + came["NO"] > 3 * came["ended"], came
    figures["faults injected into sessions"] += came.total()


def _connected(scene: Scene) -> Client:
    scene.stage.clients.pop("alice9", None)
    client = scene.stage.client("alice9")
    client.send(b"s SELECT INBOX\r\n")
    client.wire.take()
    return client


def _run(scene: Scene, calls: traps.Calls, said: bytes) -> list[str]:
    """The lines that came; then the connection is lost, and nothing of it is left behind."""
    scene.reset()
    client = _connected(scene)
    try:
        calls.around(client.send)(said)
    except traps.Broken:
        pass  # Twisted then closes the connection.
    else:
        tagged = any(line.startswith("a ") for line in client.read())
        assert tagged or client.closed, ("silence", client.lines)
    lines = list(client.read())
    client.lines.clear()
    client.lose()
    scene.stage.clients.pop("alice9")
    server = scene.stage.server
    assert server.budget.left == server.limits.process_literals
    assert server.sessions.count == 0
    assert not server.turns._gates
    assert not [one for one in scene.stage.clock.getDelayedCalls() if one.active()]
    return lines


def _again(scene: Scene, said: bytes) -> None:
    """From a new connection: as if nothing had been."""
    client = _connected(scene)
    client.send(said)
    lines = list(client.read())
    client.lines.clear()
    client.lose()
    scene.stage.clients.pop("alice9")
    assert lines[-1].startswith("a OK"), lines
    content = FIRST if b"MOVE" in said else NEW
    places = [place for place in soundness.standing(scene.path, content) if place[0] == GROUP]
    assert len(places) == 1
    assert soundness.problems(scene.path) == []

"""Each function below the session fails in turn: when it is called, or when it is done."""

from __future__ import annotations

from collections import Counter

import pytest
import soundness
import traps
from scene import COMMANDS, NEW, WRAPPER, Command, Scene
from verdicts import judge, undisturbed

BY_NAME = {command.name: command for command in COMMANDS}
MAIN = "append into a group"
MOST = 20
"""Calls that fail in commands other than MAIN, spread over all of them."""


@pytest.mark.parametrize("command", COMMANDS, ids=str)
def test_a_call_that_fails_leaves_nothing_half_done(
    scene: Scene, command: Command, figures: Counter[str]
) -> None:
    """A tagged NO or OK, whole or not at all, the bytes where the answer says, and the same once
    more succeeds."""
    course = undisturbed(scene, command)
    came: Counter[str] = Counter()
    with traps.calls(scene.world.db, scene.stage.server) as calls:
        points = _points(scene, command, calls)
        if command.name != MAIN:
            points = points[:: len(points) // MOST + 1]
        for at in points:
            scene.prepare(command)
            calls.arm(at)
            answer = scene.say(command)
            assert calls.sprung == 1, (at, answer)
            name = calls.seen[-1]
            calls.arm(None)
            try:
                came[judge(scene, course, answer)] += 1
            except AssertionError as error:
                raise AssertionError(f"after the {name}: {error}") from error
    assert came.total() > 10
    figures["faults injected into calls"] += came.total()


@pytest.mark.parametrize("content", [NEW, WRAPPER], ids=["mail", "wrapper"])
def test_a_mail_that_can_not_be_read_is_kept_all_the_same(
    scene: Scene, content: bytes, figures: Counter[str]
) -> None:
    """Whatever goes wrong while a message is read: it is filed as bytes without meaning."""
    command = Command("append", "APPEND Trackers/Support", (content,))
    with traps.calls(scene.world.db, scene.stage.server, reading=True) as calls:
        points = _points(scene, command, calls)
        for at in points[:: len(points) // 100 + 1]:
            scene.prepare(command)
            calls.arm(at)
            answer = scene.say(command)
            name = calls.seen[-1]
            assert calls.sprung == 1
            assert answer.condition == "OK", (answer, name)
            assert soundness.problems(scene.path) == []
            places = soundness.standing(scene.path, content)
            assert places[-1][0] == "Trackers/Support", name
            figures["faults injected into calls"] += 1
    assert len(points) > 50


def test_an_upload_whose_sender_can_not_be_looked_up_is_not_dropped(scene: Scene) -> None:
    """After a change of people each command looks first whether they are still welcome; an error
    of ours there must not cost the mail that has arrived."""
    command = BY_NAME[MAIN]
    client = scene.stage.client(command.person)
    client.send(b"a %b {%d}\r\n" % (command.line.encode(), len(NEW)))
    assert client.read().pop().startswith("+")
    scene.world.db.write(lambda tx: tx.touch_people())
    scene.stage.tell_news()
    with traps.calls(scene.world.db, scene.stage.server) as calls:
        calls.arm(0)
        client.send(NEW + b"\r\n")
        assert calls.sprung == 1
    assert client.read().pop().startswith("a OK [APPENDUID ")
    client.lines.clear()
    assert soundness.problems(scene.path) == []


def _points(scene: Scene, command: Command, calls: traps.Calls) -> list[int]:
    """Of each function the first call, and the first return."""
    scene.prepare(command)
    calls.arm(None)
    scene.say(command)
    first: dict[tuple[str, str], int] = {}
    for at, what in enumerate(calls.seen):
        first.setdefault(what, at)
    return sorted(first.values())

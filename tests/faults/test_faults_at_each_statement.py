"""Each statement of each drop fails in turn, in each way that a database can fail."""

from __future__ import annotations

from collections import Counter

import pytest
import traps
from scene import COMMANDS, Command, Scene
from verdicts import judge, undisturbed

FAULTS = {"unreadable": traps.unreadable, "full": traps.full, "broken": traps.broken}
BY_NAME = {command.name: command for command in COMMANDS}
IN_EACH_WAY = ("append into a group", "append what is refused", "move between groups")
FOREVER = 1_000_000


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", IN_EACH_WAY)
def test_a_statement_that_fails_in_each_way_leaves_nothing_half_done(
    scene: Scene, name: str, fault: str, figures: Counter[str]
) -> None:
    """One statement fails, and the next one would work: a tagged NO or OK, whole or not at all,
    the bytes where the answer says, and the same once more succeeds."""
    course = undisturbed(scene, BY_NAME[name])
    came: Counter[str] = Counter()
    with traps.statements(scene.world.db) as steps:
        for at in range(1, FOREVER):
            scene.prepare(course.command)
            steps.arm(FAULTS[fault], at)
            answer = scene.say(course.command)
            steps.disarm()
            if not steps.sprung:
                break
            came[judge(scene, course, answer)] += 1
    assert came.total() > 20
    figures["faults injected into statements"] += came.total()


@pytest.mark.parametrize(
    "command", [one for one in COMMANDS if one.name not in IN_EACH_WAY], ids=str
)
def test_a_statement_that_fails_leaves_nothing_half_done(
    scene: Scene, command: Command, figures: Counter[str]
) -> None:
    """The same, each statement in one of the ways."""
    course = undisturbed(scene, command)
    came: Counter[str] = Counter()
    ways = list(FAULTS.values())
    with traps.statements(scene.world.db) as steps:
        for at in range(1, FOREVER):
            scene.prepare(command)
            steps.arm(ways[at % len(ways)], at)
            answer = scene.say(command)
            steps.disarm()
            if not steps.sprung:
                break
            came[judge(scene, course, answer)] += 1
    assert came.total() - came["done"] > 5
    figures["faults injected into statements"] += came.total()


@pytest.mark.parametrize(
    ("name", "fault"), [("append into a group", "unreadable"), ("move into a group", "full")]
)
def test_a_database_that_goes_away_at_a_statement_and_comes_back_loses_nothing(
    scene: Scene, name: str, fault: str, figures: Counter[str]
) -> None:
    """From one statement on everything fails, until the answer was given."""
    course = undisturbed(scene, BY_NAME[name])
    came: Counter[str] = Counter()
    with traps.statements(scene.world.db) as steps:
        for at in range(1, FOREVER):
            scene.prepare(course.command)
            steps.arm(FAULTS[fault], at, FOREVER)
            answer = scene.say(course.command)
            steps.disarm()
            if not steps.sprung:
                break
            came[judge(scene, course, answer)] += 1
    assert came.total() - came["done"] > 10
    figures["faults injected into statements"] += came.total()


@pytest.mark.parametrize("fault", FAULTS)
def test_what_fails_while_a_refused_mail_is_kept_is_told(
    scene: Scene, fault: str, figures: Counter[str]
) -> None:
    """The drop fails with an error of ours, and then each statement that would have kept the
    mail fails too: the answer promises no copy that isn't there."""
    course = undisturbed(scene, BY_NAME["append into a group"])
    came: Counter[str] = Counter()
    with traps.statements(scene.world.db) as steps:
        scene.prepare(course.command)
        steps.arm(traps.broken, FOREVER)
        scene.say(course.command)
        first = steps.count // 2
        for at in range(first + 1, FOREVER):
            scene.prepare(course.command)
            steps.arm(traps.broken, first)
            steps.arm_second(FAULTS[fault], at)
            answer = scene.say(course.command)
            steps.disarm()
            if steps.sprung < 2:
                break
            came[judge(scene, course, answer)] += 1
    assert came.total() > 20
    figures["faults injected into statements"] += came.total()

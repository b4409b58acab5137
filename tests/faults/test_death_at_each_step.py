"""The process dies at each step of a command: what its database file shows then is all of it, or
nothing. What a process has written stays written when it dies; power cuts are another matter."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import soundness
from dying import graveyard
from scene import COMMANDS, Scene
from verdicts import COUNTED, undisturbed

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")

MAIN = "append into a group"
STEPS = 1_000_000
BY_NAME = {command.name: command for command in COMMANDS}
Run = Callable[[Path, str, int], bool]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with graveyard() as found:
        yield found


@pytest.mark.parametrize(
    "name",
    [
        "append into a group",
        "append several",
        "append what is refused",
        "replace in a group",
        "move between groups",
        "expunge after a refusal",
    ],
)
def test_a_death_at_each_step_leaves_all_or_nothing(
    scene: Scene, run: Run, beginning: bytes, tmp_path: Path, name: str, figures: Counter[str]
) -> None:
    """And the same APPEND afterwards is done as if nothing had been, once. Of the other commands
    than MAIN every third step."""
    command = BY_NAME[name]
    course = undisturbed(scene, command)
    came: Counter[str] = Counter()
    for step in range(1, STEPS, 1 if name == MAIN else 3):
        path = tmp_path / f"{step}.db"
        path.write_bytes(beginning)
        if not run(path, name, step):
            break
        assert soundness.problems(path, whole=True) == []
        after = soundness.snapshot(path)
        assert after in (course.before, course.after), soundness.changed(course.before, after)
        came["all" if after == course.after else "nothing"] += 1
        if not command.before and step % 5 == 0:
            assert not run(path, name, 0)
            assert soundness.problems(path) == []
            left = soundness.changed(course.after, soundness.snapshot(path))
            assert set(left) <= COUNTED, left
    assert came["nothing"] > 5
    figures["deaths of a process between two steps"] += came.total()


def test_a_commit_that_breaks_off_anywhere_is_whole_or_absent(
    scene: Scene, beginning: bytes, tmp_path: Path, figures: Counter[str]
) -> None:
    """A COMMIT appends to the write-ahead log; here it is cut at each page's head, within it and
    at its end. Only the last page makes the others count."""
    command = BY_NAME["append into a group"]
    course = undisturbed(scene, command)
    scene.prepare(command)
    with closing(sqlite3.connect(scene.path)) as connection:
        assert connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
    stood = scene.path.read_bytes()
    scene.say(command)
    log = scene.path.with_name(scene.path.name + "-wal").read_bytes()
    assert scene.path.read_bytes() == stood
    ends = range(32, len(log) + 1, 24 + 4096)
    assert ends[-1] == len(log)
    cuts = sorted({*ends, *(end - 1 for end in ends), *(end - 4000 for end in ends[1:]), 0})
    came: Counter[bool] = Counter()
    for cut in cuts:
        path = tmp_path / f"{cut}.db"
        path.write_bytes(stood)
        path.with_name(path.name + "-wal").write_bytes(log[:cut])
        assert soundness.problems(path, whole=True) == []
        after = soundness.snapshot(path)
        assert after == (course.after if cut == len(log) else course.before), cut
        came[cut == len(log)] += 1
    assert came[True] == 1
    assert came[False] > 30
    figures["commits broken off"] += came.total()

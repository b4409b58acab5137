"""Whether a command that met a fault came to one of the things that it may come to."""

from __future__ import annotations

import re
from dataclasses import dataclass

import soundness
from scene import Answer, Command, Scene

INCIDENT = re.compile(r"an error of ours, incident [0-9a-f]{8}")
COPIED = "Your mail stays where it was; a copy is in Recovered Messages."
WAITING = "Your mail stays where it was; a copy is kept and comes to Recovered Messages."
KEPT = {
    "message",
    "message_chunk",
    "message_digest",
    "message_order",
    "message_ready",
    "message_text",
    "entry",
    "folder",
    "folder_keyword",
    "drop_record",
}
"""Tables that change where a refused APPEND is kept."""
RECOVERED = "Recovered Messages"
Places = tuple[list[tuple[str, str | None, int]], ...]
"""Of each message: (folder, owner, UID) of its entries."""
COUNTED = {"folder", "expunged_run", "expunged_entry", "folder_keyword", "drop_record"}
"""Tables that may tell that something was tried before it succeeded."""


@dataclass(frozen=True)
class Course:
    """A command without a fault: what it answers, the rows before and after it, and where its
    messages stand then."""

    command: Command
    answer: Answer
    before: soundness.Rows
    after: soundness.Rows
    standing: Places

    @property
    def refusal(self) -> str:
        """The code with which it is refused; empty if it is done."""
        return self.answer.code if self.answer.condition == "NO" else ""

    @property
    def files(self) -> bool:
        """Whether it puts mail into a group."""
        return not self.refusal and "Trackers/" in self.command.line


def undisturbed(scene: Scene, command: Command) -> Course:
    """Leaves the scene as the command does."""
    scene.prepare(command)
    before = soundness.snapshot(scene.path)
    answer = scene.say(command)
    assert soundness.problems(scene.path, whole=True) == []
    return Course(
        command, answer, before, soundness.snapshot(scene.path), _standing(scene, command)
    )


def judge(scene: Scene, course: Course, answer: Answer) -> str:
    """What it came to: `done`, `kept` in Recovered Messages, `spooled`, or `nothing` where nothing
    had been uploaded; then it was tried again and is done. Fails for everything in between, and for
    an answer that tells something else."""
    after = soundness.snapshot(scene.path)
    changes = soundness.changed(course.before, after)
    assert soundness.problems(scene.path) == []
    scene.goes_on(course.command)
    usual = course.answer.tagged.split(" ", 1)[1]
    if answer.tagged.split(" ", 1)[1] == usual and not (course.refusal and not changes):
        assert soundness.changed(course.after, after) == {}, answer
        return "done"
    assert answer.condition == "NO", answer
    assert answer.untagged == (), answer
    came = _not_done(scene, course, answer, changes)
    _again(scene, course)
    return came


def _not_done(
    scene: Scene, course: Course, answer: Answer, changes: dict[str, tuple[int, int]]
) -> str:
    command = course.command
    assert answer.code in ("UNAVAILABLE", "SERVERBUG", course.refusal), answer
    if answer.code == "SERVERBUG":
        assert INCIDENT.search(answer.tagged), answer
    arrived = list(command.messages[: answer.uploaded])
    if answer.uploaded == len(command.messages) > 0:
        assert answer.tagged.endswith((COPIED, WAITING)), answer
    elif answer.uploaded:
        # Nothing is promised of what was sent before a message that wasn't taken.
        assert "no copy was kept" in answer.tagged, answer
    if arrived and not scene.waiting:
        assert set(changes) <= KEPT, (answer, changes)
        for content in arrived:
            places = [(name, owner) for name, owner, _ in soundness.standing(scene.path, content)]
            assert places.count((RECOVERED, command.person)) == 1
        assert not answer.tagged.endswith(WAITING), answer
        return "kept"
    if answer.code == "SERVERBUG" or course.refusal:
        changes.pop("drop_record", None)  # Of what was refused, a record may stand.
    assert changes == {}, (answer, changes)
    assert sorted(scene.waiting) == sorted(arrived), answer
    assert not answer.tagged.endswith(COPIED), answer
    return "spooled" if arrived else "nothing"


def _again(scene: Scene, course: Course) -> None:
    """The same once more, without a fault, and what waited is taken in: as if nothing had been."""
    answer = scene.say(course.command)
    assert answer.tagged.split(" ", 1)[1] == course.answer.tagged.split(" ", 1)[1]
    scene.take_in()
    assert soundness.problems(scene.path) == []
    left = soundness.changed(course.after, soundness.snapshot(scene.path))
    standing = _standing(scene, course.command)
    if not course.files:
        # A copy stays in Recovered Messages, with the reason of the first time, until it is filed.
        left.pop("entry", None)
        assert _elsewhere(standing) == _elsewhere(course.standing)
    else:
        assert standing == course.standing
    if course.command.takes_out is not None:
        # It comes to Recovered Messages behind the copy that has left it.
        left.pop("entry", None)
        places = soundness.standing(scene.path, course.command.takes_out)
        assert [place[:2] for place in places] == [(RECOVERED, course.command.person)]
    assert set(left) <= COUNTED, left


def _standing(scene: Scene, command: Command) -> Places:
    return tuple(soundness.standing(scene.path, content) for content in command.messages)


def _elsewhere(standing: Places) -> Places:
    """Without Recovered Messages."""
    return tuple([place for place in places if place[0] != RECOVERED] for places in standing)

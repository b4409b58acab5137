"""The same drop twice at a time, below the sessions: one entry, one UID, whoever was first."""

from __future__ import annotations

import threading
from collections.abc import Callable

import soundness
from desk import Desk
from scene import FIRST, INSIDE, NEW, WRAPPER, Scene

from imapgate.folders.verdict import Outcome, Verdict

GROUP = "Trackers/Support"


def together(*drops: Callable[[], Verdict]) -> list[Verdict]:
    """What each came to; all begin at one moment."""
    barrier = threading.Barrier(len(drops))
    verdicts: list[Verdict] = []

    def run(drop: Callable[[], Verdict]) -> None:
        barrier.wait(30)
        verdicts.append(drop())

    threads = [threading.Thread(target=run, args=(drop,)) for drop in drops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(verdicts) == len(drops)
    return verdicts


def test_one_mail_from_two_people_and_several_sessions_is_one_entry(scene: Scene) -> None:
    alice, bob = Desk(scene.world, scene.world.alice), Desk(scene.world, scene.world.bob)
    for _ in range(10):
        scene.reset()
        verdicts = together(
            *(lambda: alice.append(GROUP, NEW) for _ in range(4)),
            *(lambda: bob.append(GROUP, NEW) for _ in range(3)),
        )
        assert {verdict.outcome for verdict in verdicts} == {Outcome.DONE}
        (uids,) = {verdict.uids for verdict in verdicts}
        assert soundness.standing(scene.path, NEW) == [(GROUP, None, uids[0])]
        assert bob.droppers(GROUP)[uids[0]] == [scene.world.alice.id, scene.world.bob.id]
        assert soundness.problems(scene.path) == []


def test_one_wrapper_from_several_sessions_is_one_drop(scene: Scene) -> None:
    alice = Desk(scene.world, scene.world.alice)
    verdicts = together(*(lambda: alice.append(GROUP, WRAPPER) for _ in range(5)))
    assert len({verdict.uids for verdict in verdicts}) == 1
    assert len(soundness.standing(scene.path, INSIDE)) == 1
    assert soundness.problems(scene.path) == []


def test_an_append_and_a_copy_of_the_same_mail_are_one_entry(scene: Scene) -> None:
    alice = Desk(scene.world, scene.world.alice)
    one, two = together(
        lambda: alice.append(GROUP, FIRST), lambda: alice.copy("INBOX", [1, 2], GROUP)
    )
    appended = one if len(one.uids) == 1 else two
    copied = two if appended is one else one
    assert appended.uids[0] == copied.uids[0]
    places = soundness.standing(scene.path, FIRST)
    assert [place for place in places if place[0] == GROUP] == [(GROUP, None, appended.uids[0])]
    assert soundness.problems(scene.path) == []


def test_two_moves_of_one_mail_take_it_once(scene: Scene) -> None:
    """It stands in exactly one place, and one of the two was told that it was gone."""
    alice = Desk(scene.world, scene.world.alice)
    for _ in range(5):
        scene.reset()
        together(
            lambda: alice.move("INBOX", [1], GROUP),
            lambda: alice.move("INBOX", [1], "Trackers/Sales"),
        )
        assert len(soundness.standing(scene.path, FIRST)) == 1
        assert soundness.problems(scene.path) == []


def test_a_drop_that_is_sent_again_while_the_first_is_being_filed(scene: Scene) -> None:
    """The client gave up, connected anew and repeats; then both are run: one entry, one UID."""
    stage = scene.stage
    said = b"a APPEND %b {%d+}\r\n%b\r\n" % (GROUP.encode(), len(NEW), NEW)
    first, second = stage.client("alice"), stage.client("alice2")
    stage.hold = True
    first.send(said)
    first.lose()
    second.send(said)
    stage.hold = False
    stage.release()
    answer = second.read()[-1]
    second.lines.clear()
    ((folder, _, uid),) = soundness.standing(scene.path, NEW)
    assert folder == GROUP
    assert answer.startswith("a OK [APPENDUID ")
    assert f" {uid}]" in answer
    assert soundness.problems(scene.path) == []

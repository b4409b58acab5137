"""The machine's clock is set back, between drops and within them: what only grows goes on growing,
nothing is lost, nobody waits."""

from __future__ import annotations

import itertools
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing

import pytest
import soundness
from desk import Desk, activities, mail
from scene import FIRST, NOW, OWN, Command, Scene

from storage import Database
from storage.changes import Change
from storage.entries import SERVED_EXPUNGED

HOUR = 60 * 60
DAY = 24 * HOUR
GROUP = "Trackers/Support"


def backwards() -> Callable[[], float]:
    """An hour less whenever somebody asks."""
    hours = itertools.count()
    return lambda: float(NOW - HOUR * next(hours))


def jumping() -> Callable[[], float]:
    """Up to two days to and fro."""
    dice = random.Random(3)
    return lambda: float(NOW + dice.randint(-2 * DAY, 2 * DAY))


@pytest.mark.parametrize("clock", [backwards, jumping])
def test_what_only_grows_goes_on_growing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, clock: Callable[[], Callable[[], float]]
) -> None:
    """UIDs, numbers, MODSEQ and UIDVALIDITY, over drops, removals and folders made anew."""
    alice = Desk(scene.world, scene.world.alice)
    monkeypatch.setattr(time, "time", clock())
    numbers, uids, modseqs, validities = [], [], [], []
    for n in range(12):
        verdict = alice.append(GROUP, mail(f"Mail {n}", n))
        uids += verdict.uids
        numbers.append(activities(scene.world)[-1].number)
        alice.move(GROUP, [verdict.uids[0]], "INBOX")
        with closing(sqlite3.connect(scene.path)) as connection:
            row = connection.execute("SELECT modseq FROM folder WHERE name = ?", (GROUP,))
            modseqs.append(row.fetchone()[0])
        for line in ("CREATE Again", "DELETE Again", "CREATE Again"):
            assert scene.say(Command("folder", line)).condition == "OK"
        validities.append(alice.folder("Again").uidvalidity)
        scene.say(Command("folder", "DELETE Again"))
    for counted in (numbers, uids, modseqs, validities):
        assert counted == sorted(set(counted)), counted
    assert len(uids) == 12
    assert soundness.problems(scene.path) == []


def test_another_process_hears_of_every_commit(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its mark in the change rows is a number, never a time; old rows are trimmed all the same."""
    alice = Desk(scene.world, scene.world.alice)
    other = Database.open(scene.path)
    heard: list[Change] = []
    other.changes.subscribe(heard.append)
    try:
        other.changes.check()
        heard.clear()
        for n, at in enumerate((NOW, NOW + 3 * DAY, NOW - HOUR, NOW - 2 * DAY, NOW)):
            monkeypatch.setattr(time, "time", lambda at=at: float(at))
            monkeypatch.setattr(scene.world.db._writer, "_trim_at", 0.0)
            alice.append(GROUP, mail("News", f"news{n}"))
            other.changes.check()
            assert len(heard) == n + 1
            assert alice.folder(GROUP).id in heard[-1].folders
    finally:
        other.close()


def test_a_refused_mail_that_is_expunged_is_kept_though_the_clock_went_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the refusal and the expunge, by an hour or by a week."""
    for back in (HOUR, 7 * DAY):
        scene.reset()
        monkeypatch.setattr(time, "time", lambda: float(NOW))
        for line in ("SELECT INBOX", "UID COPY 1 Trackers/Archive"):
            scene.say(Command("before", line))
        monkeypatch.setattr(time, "time", lambda back=back: float(NOW - back))
        for line in ("UID STORE 1 +FLAGS (\\Deleted)", "EXPUNGE"):
            assert scene.say(Command("expunge", line)).condition == "OK"
        assert [one[0] for one in soundness.standing(scene.path, FIRST)] == ["Recovered Messages"]


def test_what_was_expunged_is_served_to_who_does_not_know_though_the_clock_went_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And is forgotten a day after that, not never."""
    bob = scene.stage.client("bob")
    bob.send(b"s SELECT Trackers/Support\r\n")
    bob.wire.take()
    for line in ("SELECT Trackers/Support", "UID STORE 3 +FLAGS (\\Deleted)"):
        scene.say(Command("before", line))
    monkeypatch.setattr(time, "time", lambda: float(NOW - HOUR))
    assert scene.say(Command("expunge", "UID EXPUNGE 3")).condition == "OK"
    bob.send(b"s FETCH 3 BODY.PEEK[]\r\n")
    assert OWN in bob.wire.take()
    monkeypatch.setattr(time, "time", lambda: float(NOW - HOUR + SERVED_EXPUNGED + 1))
    for line in ("UID STORE 2 +FLAGS (\\Deleted)", "UID EXPUNGE 2"):
        scene.say(Command("later", line))
    with closing(sqlite3.connect(scene.path)) as connection:
        left = connection.execute("SELECT uid FROM expunged_entry").fetchall()
    assert left == [(2,)]


def test_a_spooled_mail_is_taken_in_though_the_clock_went_back(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the order in which it came is all that a clock may spoil."""
    contents = [mail("Spooled", f"spooled{n}") for n in range(3)]
    with monkeypatch.context() as patched:
        patched.setattr(time, "time", backwards())
        patched.setattr(scene.world.db._writer, "_closed", True)
        for content in contents:
            answer = scene.say(Command("append", f"APPEND {GROUP}", (content,)))
            assert answer.code == "UNAVAILABLE"
    assert sorted(scene.waiting) == sorted(contents)
    monkeypatch.setattr(time, "time", lambda: float(NOW - DAY))
    scene.take_in()
    for content in contents:
        assert [one[0] for one in soundness.standing(scene.path, content)] == ["Recovered Messages"]


TIMERS = """
import os, threading, time
threading.Timer(20, os._exit, [1]).start()
real, ahead = time.time, [0.0]
time.time = lambda: real() + ahead[0]
from imapgate import service
reactor = service._reactor()
def back():
    ahead[0] = -3600.0
    reactor.callLater(0, reactor.callLater, 0.05, reactor.stop)
reactor.callLater(0.05, back)
late = []
reactor.callLater(0.06, late.append, "rang")
reactor.run()
os._exit(0 if late else 2)
"""


def test_the_servers_timers_do_not_stand_still() -> None:
    """Nor the turns of pipelined commands, which are timers of 0 s: by Twisted's own clock, all of
    them would wait for as long as the clock went back."""
    path = os.pathsep.join(one for one in sys.path if one)
    done = subprocess.run(
        [sys.executable, "-c", TIMERS], timeout=60, env={**os.environ, "PYTHONPATH": path}
    )
    assert done.returncode == 0

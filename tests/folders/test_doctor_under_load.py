"""The looks of `imapgate doctor` while people work."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from desk import Desk, mail
from world import build

from imapgate.folders import remaking
from imapgate.folders.verdict import Outcome
from storage import Database, checks, contents

DROPPED = 12
ROUNDS = 500


def _faults(db: Database) -> Iterator[str]:
    yield from checks.integrity(db, full=True)
    for look in (checks.references, checks.entries, checks.modseqs, checks.counters, checks.links):
        yield from look(db)
    yield from checks.email_activities(db)
    verdicts, outcomes = ("filed", "refused", "removed"), ("linked", "already", "unknown")
    yield from checks.drop_records(db, verdicts, outcomes, "E-Mail", "[erased]")
    for looked in contents.check(db):
        yield from looked.faults
    for one in remaking.check(db, full=True, mend=False):
        if one.fault is not None:
            yield one.fault


def test_what_others_just_change_is_no_fault(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drops, links, copies, moves and expunges go on between the small steps of every look."""
    world = build(db)
    monkeypatch.setattr(checks, "BATCH", 3)
    monkeypatch.setattr(contents, "ROWS", 2)
    monkeypatch.setattr(remaking, "BATCH", 2)
    enough = threading.Event()
    troubles: list[object] = []
    done = [0]

    def work(number: int) -> None:
        bob = Desk(world, world.bob)
        n = 0
        while not enough.is_set():
            n += 1
            content = mail(f"about #{10000001 + n // 2}", f"{number}-{n}")
            dropped = bob.append("Trackers/Sales", content)
            moved = bob.move("Trackers/Sales", list(dropped.uids), "Trackers/Support")
            verdicts = (dropped, bob.append("INBOX", content), moved)
            troubles.extend(one for one in verdicts if one.outcome is not Outcome.DONE)
            done[0] += 1

    people = [threading.Thread(target=work, args=(n,)) for n in range(2)]
    for one in people:
        one.start()
    try:
        found: list[str] = []
        rounds = 0
        while done[0] < DROPPED and not troubles and rounds < ROUNDS:
            found += _faults(db)
            rounds += 1
    finally:
        enough.set()
        for one in people:
            one.join(60)
    assert not troubles
    assert done[0] >= DROPPED
    assert found == []
    assert list(_faults(db)) == []

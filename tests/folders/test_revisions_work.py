"""The server's thread that makes revisions: at once, when it is time, and a clean stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from desk import Desk
from revising import AT_ONCE, SUPPORT, calm, case
from world import World, build

from imapgate.folders.revisions import keeping, making
from imapgate.folders.revisions import work as working
from imapgate.folders.revisions.work import Work
from imapgate.limits import Limits
from storage import Database, revisions
from storage.engine import Unavailable

PATIENCE = 30.0


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "PAUSE", 0.0)


@pytest.fixture
def start(world: World) -> Iterator[Callable[..., Work]]:
    """Starts what is stopped afterwards, and no thread is left."""
    made: list[Work] = []

    def started(limits: Limits = AT_ONCE) -> Work:
        made.append(Work(world.db, limits))
        made[-1].start()
        return made[-1]

    yield started
    for one in made:
        one.stop()
    assert [one.name for one in threading.enumerate() if one.name == "imapgate-revisions"] == []


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_waited_is_made_first_and_what_changes_at_once(
    world: World, start: Callable[..., Work]
) -> None:
    one = case(world)
    start()
    until(lambda: one.revision() == 1)
    one.write(world.bob, "News")
    until(lambda: one.revision() == 2)
    until(lambda: one.due() is None)


def test_what_has_to_wait_is_made_when_its_time_has_come(
    world: World, start: Callable[..., Work]
) -> None:
    """Nobody wakes it up then."""
    one = case(world)
    start(Limits(revision_time=1))
    until(lambda: one.revision() == 1)
    one.write(world.bob, "News")
    until(lambda: one.revision() == 2)
    assert b"News" in Desk(world, world.bob).rows(SUPPORT)[0].content


def test_an_absent_database_is_waited_for(
    world: World, start: Callable[..., Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So is what nobody thought of."""
    one = case(world)
    make, errors = making.make_due, [Unavailable("away"), ValueError("strange")]

    def fail(*given: object) -> int:
        if errors:
            raise errors.pop()
        return make(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(making, "make_due", fail)
    monkeypatch.setattr(working, "AWAY", 0.01)
    start()
    until(lambda: one.revision() == 1)
    assert errors == []


def test_it_stops_between_two_passes(
    world: World, start: Callable[..., Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much is still to be done; stopping twice is fine."""
    for number in range(6):
        case(world, f"Case {number}")
    monkeypatch.setattr(working, "MOST", 1)
    make, made, stopping = making.make_due, [0], threading.Event()

    def slow(*given: object) -> int:
        made[0] += 1
        if made[0] == 2:
            stopping.set()
            while not worker._ending.is_set():
                time.sleep(0.01)
        return make(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(making, "make_due", slow)
    worker = start()
    assert stopping.wait(PATIENCE)
    worker.stop()
    worker.stop()
    assert made == [2]
    assert len(Desk(world, world.bob).rows(SUPPORT)) == 2


def test_one_that_never_started_stops(world: World) -> None:
    Work(world.db, AT_ONCE).stop()


def test_octets_of_old_revisions_are_looked_for(
    world: World, start: Callable[..., Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the start, and not with each change."""
    calm(world.db)
    forgotten: list[object] = []
    monkeypatch.setattr(keeping, "forget", lambda *given: forgotten.append(given))
    start()
    one = case(world)
    until(lambda: one.revision() == 1)
    until(lambda: forgotten)
    one.write(None, "News")
    until(lambda: one.revision() == 2)
    until(lambda: world.db.read(revisions.next_due) is None)
    assert len(forgotten) == 1

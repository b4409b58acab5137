"""What the server sends by itself: at once, a few at a time, and a clean stop."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from desk import Desk
from posting import ANN, BEN, Relay, mail, make_due, put, row_of, with_mailer
from world import World

from imapgate.outgoing import outbox
from imapgate.outgoing import work as working
from imapgate.outgoing.delivery import SENT
from imapgate.outgoing.work import Work, send_due
from imapgate.servers.server import ServerError
from storage import Database, mailers
from storage import outbox as rows
from storage.engine import Unavailable

PATIENCE = 20.0


@dataclass
class Slow:
    """A server that answers when it is told to."""

    relay: Relay = field(default_factory=Relay)
    go_on: threading.Event = field(default_factory=threading.Event)
    under_way: int = 0
    most: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.relay.before = self._wait

    def _wait(self) -> None:
        with self.lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
        assert self.go_on.wait(PATIENCE)
        with self.lock:
            self.under_way -= 1


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "LOOK", 0.02)


@pytest.fixture
def started(world: World) -> Iterator[Callable[..., Work]]:
    """Starts what is stopped afterwards, and no thread is left."""
    made: list[Work] = []

    def start(relay: Relay, **more: object) -> Work:
        made.append(Work(world.db, relay, **more))  # type: ignore[arg-type]
        made[-1].start()
        return made[-1]

    yield start
    for one in made:
        one.stop()
    left = [one.name for one in threading.enumerate()]
    assert [one for one in left if one.startswith(("imapgate-mail", "imapgate-outgoing"))] == []


def until(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.01)


def is_in(db: Database, number: int, state: str) -> Callable[[], bool]:
    return lambda: row_of(db, number).state == state


def test_a_mail_goes_out_as_soon_as_it_is_put(world: World, started: Callable[..., Work]) -> None:
    """Also one that another process puts: the change feed tells."""
    with_mailer(world)
    relay = Relay()
    started(relay)
    until(is_in(world.db, put(world), rows.SENT))
    world.db.changes.watch()
    other = Database.open(world.db.path)
    try:
        number = put(World(other, world.segment_id, world.people, world.groups), (BEN,))
    finally:
        other.close()
    until(is_in(world.db, number, rows.SENT))
    assert relay.got() == [ANN, BEN]


def test_of_one_mailer_two_at_a_time_and_others_go_on(
    world: World, started: Callable[..., Work]
) -> None:
    """A slow server holds up its own mails only."""
    slow_id = with_mailer(world, "slow")
    quick_id = with_mailer(world, "quick")
    slow = Slow()
    numbers = [put(world, mailer_id=slow_id) for _ in range(5)]
    quick = Relay()
    work = started(lambda mailer: (slow.relay if mailer.name == "slow" else quick)(mailer))
    until(lambda: slow.under_way == 2)
    until(is_in(world.db, put(world, (BEN,), mailer_id=quick_id), rows.SENT))
    assert slow.under_way == 2
    slow.go_on.set()
    until(lambda: all(row_of(world.db, one).state == rows.SENT for one in numbers))
    assert (slow.most, len(slow.relay.taken)) == (2, 5)
    assert work._rests == {}


def test_a_mailer_that_cannot_be_used_is_given_a_rest(
    world: World, started: Callable[..., Work]
) -> None:
    """Its other mails aren't tried meanwhile, unless somebody changes something or retries."""
    other_id = with_mailer(world, "other")
    with_mailer(world)
    relay, other = Relay([ServerError("connect", "Nobody answers there.")]), Relay()
    first, second = put(world), put(world, (BEN,))
    world.db.write(lambda tx: rows.keep(tx, second, next_at=None))
    work = started(lambda mailer: (other if mailer.name == "other" else relay)(mailer))
    until(lambda: bool(work._rests))
    make_due(world.db, [first, second])
    # Whatever is due before it was looked at, too.
    until(is_in(world.db, put(world, mailer_id=other_id), rows.SENT))
    assert len(relay.attempts) == 1
    world.db.write(lambda tx: outbox.retry(tx, first))
    until(is_in(world.db, first, rows.SENT))
    until(is_in(world.db, second, rows.SENT))


def test_left_over_mails_are_looked_at_first(world: World, started: Callable[..., Work]) -> None:
    """What a server before was sending is sent, or uncertain, and the sender is told."""
    with_mailer(world)
    begun, over = put(world), put(world, (BEN,), principal_id=world.alice.id)
    for one in (begun, over):
        world.db.write(lambda tx, one=one: rows.claim(tx, one))  # type: ignore[misc]
    world.db.write(lambda tx: rows.hand_over(tx, over, 1))
    relay = Relay()
    started(relay)
    until(is_in(world.db, begun, rows.SENT))
    assert row_of(world.db, over).state == rows.UNCERTAIN
    until(lambda: len(Desk(world, world.alice).contents("INBOX")) == 1)
    assert BEN not in relay.got()


def test_it_stops_after_what_is_being_sent(world: World) -> None:
    """Nothing is begun any more; what was begun comes to its end."""
    with_mailer(world)
    slow = Slow()
    numbers = [put(world) for _ in range(3)]
    work = Work(world.db, slow.relay)
    work.start()
    until(lambda: slow.under_way == 2)
    stopping = threading.Thread(target=work.stop)
    stopping.start()
    slow.go_on.set()
    stopping.join(PATIENCE)
    assert not stopping.is_alive()
    found = sorted(row_of(world.db, one).state for one in numbers)
    assert found == [rows.SENT, rows.SENT, rows.WAITING]
    work.stop()


def test_it_does_not_wait_for_what_hangs(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process ends without it; the mail isn't handed over after that."""
    with_mailer(world)
    slow = Slow()
    number = put(world)
    monkeypatch.setattr(working, "GRACE", 0.05)
    work = Work(world.db, slow.relay)
    work.start()
    until(lambda: slow.under_way == 1)
    work.stop()
    (hanging,) = [one for one in threading.enumerate() if one.name == f"imapgate-mail-{number}"]
    assert hanging.daemon
    world.db.close()
    slow.go_on.set()
    hanging.join(PATIENCE)
    assert slow.relay.taken == []


def test_database_away_between_the_end_and_the_commit_of_its_answer(
    world: World, started: Callable[..., Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is kept in memory and committed once it is back."""
    with_mailer(world)
    number = put(world)

    def refuse(_work: object) -> object:
        raise Unavailable("the database's disk is full")

    relay = Relay(during=lambda: monkeypatch.setattr(world.db, "write", refuse))
    work = started(relay)
    until(lambda: number in work._unrecorded)
    assert row_of(world.db, number).state == rows.HANDING_OVER
    monkeypatch.delattr(world.db, "write")
    until(is_in(world.db, number, rows.SENT))
    assert relay.got() == [ANN]


def test_an_absent_database_is_logged_once(
    world: World,
    started: Callable[..., Work],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """And the work goes on when it is back."""
    with_mailer(world)
    looks: list[int] = []
    read = world.db.read

    def refuse(_work: object) -> object:
        looks.append(1)
        raise Unavailable("the database file is gone")

    monkeypatch.setattr(world.db, "read", refuse)
    started(Relay())
    until(lambda: len(looks) > 3)
    monkeypatch.setattr(world.db, "read", read)
    until(is_in(world.db, put(world), rows.SENT))
    told = [one for one in caplog.records if one.levelno >= logging.ERROR]
    assert [one.getMessage() for one in told] == [
        "no mail is sent: the database file is gone; trying on"
    ]


def test_chores_come_by_themselves_and_one_that_fails_stops_nobody(
    world: World, started: Callable[..., Work], caplog: pytest.LogCaptureFixture
) -> None:
    """They are called until nothing is left, and in a thread of their own."""
    with_mailer(world)
    left = [3, 2, 1]

    def fails(_db: Database) -> int:
        raise RuntimeError("a fault")

    def works(_db: Database) -> int:
        return left.pop() if left else 0

    started(Relay(), chores=(fails, works))
    until(lambda: left == [])
    until(is_in(world.db, put(world), rows.SENT))
    assert "carrying out what happened to activities failed" in caplog.text


def test_a_clock_that_was_wrong_puts_nothing_off_for_long(
    world: World, started: Callable[..., Work]
) -> None:
    """What would wait for years is due."""
    with_mailer(world)
    number = put(world)
    world.db.write(lambda tx: rows.keep(tx, number, next_at=tx.now + 10 * 365 * 86400))
    started(Relay())
    until(is_in(world.db, number, rows.SENT))


def test_one_pass_without_a_server(world: World) -> None:
    """Each that is due once, in its turn; a mailer that is down is asked once."""
    with_mailer(world)
    numbers = [put(world) for _ in range(3)]
    relay = Relay([SENT, ServerError("connect", "Nobody answers.")])
    assert send_due(world.db, relay, 100) == numbers[:2]
    assert [row_of(world.db, one).state for one in numbers] == [rows.SENT, *[rows.WAITING] * 2]


def test_a_fault_in_tidying_stops_nobody(
    world: World,
    started: Callable[..., Work],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """It is reported, and mails go out."""

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("a fault")

    with_mailer(world)
    monkeypatch.setattr(working.left_over, "tidy", fails)
    started(Relay())
    until(is_in(world.db, put(world), rows.SENT))
    assert caplog.text.count("looking at the outbox failed") == 1


def test_a_mailer_that_is_switched_off_has_its_mails_wait(
    world: World, started: Callable[..., Work]
) -> None:
    """They lose no attempt, and go out once it is on again."""
    other_id = with_mailer(world, "other")
    mailer_id = with_mailer(world)
    settings = {"host": "127.0.0.1", "security": "none", "from": "crm@example.org"}

    def switch(on: bool) -> None:
        now = {**settings, "active": on}
        world.db.write(lambda tx: mailers.change(tx, mailer_id, "main", "main", None, now))

    switch(False)
    relay = Relay()
    started(relay)
    number = put(world)
    until(is_in(world.db, put(world, (BEN,), mailer_id=other_id), rows.SENT))
    assert send_due(world.db, relay, 10) == []
    row = row_of(world.db, number)
    assert (row.state, row.attempts) == (rows.WAITING, 0)
    switch(True)
    world.db.write(lambda tx: tx.touch_people())
    until(is_in(world.db, number, rows.SENT))


@pytest.mark.parametrize("by_worker", [True, False])
def test_however_much_waits_for_one_mailer_others_have_their_turn(
    world: World,
    started: Callable[..., Work],
    monkeypatch: pytest.MonkeyPatch,
    by_worker: bool,
) -> None:
    """Also what stands behind more than one look goes through."""
    monkeypatch.setattr(working, "PAGE", 1)
    monkeypatch.setattr(working, "MOST_DUE", 2)
    monkeypatch.setattr(working, "LOOK_AT_OUTBOX", 0.02)
    off = {"host": "127.0.0.1", "security": "none", "from": "crm@example.org", "active": False}
    other_id, off_id = with_mailer(world, "other"), with_mailer(world)
    world.db.write(lambda tx: mailers.change(tx, off_id, "main", "main", None, off))
    for n in range(5):
        put(world, content=mail(f"Waits {n}"))
    behind = [put(world, content=mail(f"{n}"), mailer_id=other_id) for n in range(3)]
    if by_worker:
        started(Relay())
        for number in behind:
            until(is_in(world.db, number, rows.SENT))
    else:
        assert send_due(world.db, Relay(), 10) == behind


def test_where_nothing_can_be_written_it_is_not_tried_without_a_pause(
    world: World, started: Callable[..., Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading goes on with a full disk: the next try comes with the next look at what is due."""
    with_mailer(world)
    number = put(world)
    tries: list[int] = []

    def refuse(_work: object) -> object:
        tries.append(1)
        raise Unavailable("the database's disk is full")

    monkeypatch.setattr(world.db, "write", refuse)
    now = [0.0]
    looks: list[float] = []

    def clock() -> float:
        looks.append(now[0])
        return now[0]

    relay = Relay()
    work = started(relay, clock=clock)
    # One to forget what is old, one to send.
    until(lambda: len(tries) == 2 and not work._threads)
    seen = len(looks)
    until(lambda: len(looks) > seen + 10)
    assert len(tries) == 2
    monkeypatch.delattr(world.db, "write")
    now[0] = working.LOOK_AT_OUTBOX
    until(is_in(world.db, number, rows.SENT))

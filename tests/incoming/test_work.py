"""What the server does by itself: rounds when they are due, in threads of its own, and a clean
stop."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from desk import Desk, activities, mail
from mailboxes import Mailbox, MailboxSource, add, broken, rows, states
from world import World

from imapgate.incoming import work as working
from imapgate.incoming.account import Account, Reading
from imapgate.incoming.accounts import edit_account, remove_account
from imapgate.incoming.queue import Fetched, Origin, take
from imapgate.incoming.work import Work
from imapgate.limits import Limits
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import ServerError
from storage import accounts

PATIENCE = 20.0
LIMITS = Limits()


@dataclass
class Post:
    """Mailboxes by their account's name; open: how many connections each has had."""

    world: World
    boxes: dict[str, Mailbox] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)
    errors: dict[str, ServerError] = field(default_factory=dict)

    def open(self, account: Account, reading: Reading) -> MailboxSource:
        self.opened.append(account.name)
        if account.name in self.errors:
            raise self.errors[account.name]
        return MailboxSource(self.boxes[account.name])

    def account(self, name: str = "support", **settings: object) -> Account:
        self.boxes.setdefault(name, Mailbox())
        return add(self.world, name, after_reading="delete", **settings)

    def until(self, condition: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < until, (self.opened, states(self.world))
            time.sleep(0.01)


@pytest.fixture
def post(world: World, monkeypatch: pytest.MonkeyPatch) -> Post:
    monkeypatch.setattr(working, "LOOK", 0.02)
    monkeypatch.setattr(working, "LOOK_AT_QUEUE", 0.0)
    monkeypatch.setattr(working, "TELL", 0.0)
    return Post(world)


@pytest.fixture
def work(post: Post) -> Iterator[Work]:
    """Started; stopped afterwards, and no thread is left."""
    made = Work(post.world.db, LIMITS, post.open)
    made.start()
    yield made
    made.stop()
    left = [one.name for one in threading.enumerate() if one.name.startswith("imapgate-")]
    assert not [one for one in left if "account" in one or "incoming" in one or "filing" in one]


def edit(world: World, account: Account, **wanted: object) -> Account:
    key = SecretKey(world.db.path.parent / "secrets.key")
    return world.db.write(lambda tx: edit_account(tx, account, wanted, key, "tests"))


def inbox(world: World) -> list[str]:
    """What the administrator was told."""
    return [one.decode() for one in Desk(world, world.admin).contents("INBOX")]


def test_an_account_is_read_as_soon_as_it_is_made(post: Post, work: Work) -> None:
    """No restart: the change feed tells."""
    post.boxes["support"] = Mailbox()
    post.boxes["support"].deliver(mail("One", 1))
    post.account()
    post.until(lambda: states(post.world) == ["filed"])
    post.until(lambda: post.boxes["support"].steps[-1:] == ["close"])
    state = post.world.db.read(lambda tx: accounts.state(tx, 1))
    assert state.succeeded_at is not None


def test_where_the_server_tells_mail_comes_at_once(post: Post, work: Work) -> None:
    """One connection, on which it waits."""
    box = post.boxes["support"] = Mailbox(idles=True)
    post.account()
    post.until(lambda: box.steps[-1:] == ["wait"])
    box.ring(mail("One", 1))
    post.until(lambda: states(post.world) == ["filed"])
    box.ring(mail("Two", 2))
    post.until(lambda: states(post.world) == ["filed"] * 2)
    assert post.opened == ["support"]


def test_a_changed_account_is_read_anew_and_a_removed_one_no_more(post: Post, work: Work) -> None:
    """Its connection ends, though it was only waiting."""
    box = post.boxes["support"] = Mailbox(idles=True)
    account = post.account()
    post.until(lambda: box.steps[-1:] == ["wait"])
    account = edit(post.world, account, folder="Other")
    post.until(lambda: post.opened == ["support", "support"])
    post.until(lambda: box.steps[-1:] == ["wait"])
    account = edit(post.world, account, active=False)
    post.until(lambda: box.steps[-1:] == ["close"])
    account = edit(post.world, account, active=True)
    post.until(lambda: box.steps[-1:] == ["wait"])
    post.world.db.write(lambda tx: remove_account(tx, account, "tests"))
    post.until(lambda: box.steps[-1:] == ["close"])
    assert post.opened == ["support"] * 3


def test_a_changed_account_waits_until_its_round_has_ended(post: Post, work: Work) -> None:
    """Of one account there are never two connections."""
    reading, go_on = threading.Event(), threading.Event()

    def before(step: str) -> None:
        if step == "read 1":
            reading.set()
            assert go_on.wait(PATIENCE)

    box = post.boxes["support"] = Mailbox(before=before)
    box.deliver(mail("One", 1))
    account = post.account()
    assert reading.wait(PATIENCE)
    edit(post.world, account, label="Changed")
    post.until(lambda: len(work._parting) == 1)
    for _ in range(3):
        work._wake.set()
        post.until(lambda: not work._wake.is_set())
    assert post.opened == ["support"]
    go_on.set()
    post.until(lambda: len(post.opened) == 2)
    post.until(lambda: states(post.world) == ["filed"])


def test_the_administrator_hears_of_a_round_at_its_end(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only by the look that comes now and then."""
    monkeypatch.setattr(working, "TELL", 3600.0)
    box = post.boxes["support"] = Mailbox()
    work = Work(post.world.db, LIMITS, post.open)
    work.start()
    box.deliver(mail("One", 1), mail("Two", 2))
    post.until(lambda: work._tell > work._clock() + 60)
    post.account(hourly=1)
    post.until(lambda: len(inbox(post.world)) == 1)
    work.stop()
    assert states(post.world) == ["filed", "held"]


def test_so_many_are_read_at_a_time_and_each_once(post: Post) -> None:
    """Ten full mailboxes: never more than four rounds, never two of one account; those that wait
    for new mail take none of the four."""
    lock, now, most, doubles = threading.Lock(), {}, [0], []

    def before(name: str) -> Callable[[str], None]:
        def step(what: str) -> None:
            with lock:
                if what == "waiting":
                    doubles.extend([name] if name in now else [])
                    now[name] = True
                    most[0] = max(most[0], len(now))
                elif what == "wait":
                    del now[name]
            time.sleep(0.002)

        return step

    for n in range(10):
        box = post.boxes[f"box{n}"] = Mailbox(idles=True, before=before(f"box{n}"))
        box.deliver(*(mail(f"Mail {n} {one}", f"{n}.{one}") for one in range(3)))
        post.account(f"box{n}")
    work = Work(post.world.db, LIMITS, post.open)
    work.start()
    post.until(lambda: len(rows(post.world)) == 30 and not now)
    work.stop()
    assert 1 < most[0] <= working.ROUNDS
    assert doubles == []
    assert set(states(post.world)) == {"filed"}


def test_a_full_mailbox_is_emptied_round_after_round(post: Post, work: Work) -> None:
    """It doesn't wait for its interval between two."""
    box = post.boxes["support"] = Mailbox()
    box.deliver(*(mail(f"Mail {n}", n) for n in range(7)))
    post.account(per_round=2)
    post.until(lambda: len(rows(post.world)) == 7 and not box.messages)
    assert post.opened == ["support"]


def test_full_mailboxes_take_turns(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is never empty doesn't keep the others from being read."""
    monkeypatch.setattr(working, "ROUNDS", 1)
    monkeypatch.setattr("imapgate.incoming.visits.TURN", 0.0)
    for name in ("first", "second"):
        box = post.boxes[name] = Mailbox()
        box.deliver(*(mail(f"{name} {n}", f"{name}{n}") for n in range(3)))
        post.account(name, per_round=1)
    work = Work(post.world.db, LIMITS, post.open)
    work.start()
    post.until(lambda: states(post.world) == ["filed"] * 6)
    work.stop()
    assert post.opened[:6] == ["first", "second"] * 3


def test_an_account_that_keeps_failing_is_told_once_and_that_it_works_again(
    post: Post, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the third failure in a row; another three are not told."""
    monkeypatch.setattr("imapgate.incoming.visits.LONGEST_PAUSE", 0.02)
    post.errors["support"] = broken("connect")
    account = post.account()
    world = post.world

    def failures() -> int:
        return world.db.read(lambda tx: accounts.state(tx, account.id)).failures

    for wanted in (1, 2, 3, 4, 5):
        post.until(lambda wanted=wanted: failures() == wanted)
        assert len(inbox(world)) == (wanted >= 3)
        post.world.db.write(lambda tx: tx.touch_people())
        edit(world, account, label=f"tried {wanted}")
    (told,) = inbox(world)
    assert "Subject: Mail account support can't be read" in told
    assert "The server went away." in told
    assert 'imapgate account test "support"' in told
    del post.errors["support"]
    edit(world, account, label="works")
    post.until(lambda: len(inbox(world)) == 2)
    assert "works again" in inbox(world)[1]
    edit(world, account, label="still works")
    post.until(lambda: len(post.opened) >= 7)
    assert len(inbox(world)) == 2


def test_a_wrong_password_is_told_at_once(post: Post, work: Work) -> None:
    """Waiting doesn't mend it."""
    post.errors["support"] = broken("login", permanent=True)
    post.account()
    post.until(lambda: len(inbox(post.world)) == 1)


def test_a_line_that_breaks_while_waiting_is_no_failure(
    post: Post, work: Work, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next visit comes soon; nobody is told."""
    monkeypatch.setattr("imapgate.incoming.visits.CUT", 0.01)
    broke = threading.Event()

    def before(step: str) -> None:
        if step == "wait" and not broke.is_set():
            broke.set()
            raise broken("read")

    box = post.boxes["support"] = Mailbox(idles=True, before=before)
    account = post.account()
    post.until(lambda: len(post.opened) == 2 and box.steps[-1:] == ["wait"])
    state = post.world.db.read(lambda tx: accounts.state(tx, account.id))
    assert (state.failures, state.error) == (0, None)
    assert box.steps.count("close") == 1


def test_so_many_wait_for_new_mail_and_no_more(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are looked at once in their interval: their connections end."""
    monkeypatch.setattr(working, "IDLERS", 2)
    for n in range(4):
        post.boxes[f"box{n}"] = Mailbox(idles=True)
        post.account(f"box{n}")
    work = Work(post.world.db, LIMITS, post.open)
    work.start()
    post.until(lambda: all(one.steps[-1:] in (["wait"], ["close"]) for one in post.boxes.values()))
    last = sorted(one.steps[-1] for one in post.boxes.values())
    work.stop()
    assert last == ["close", "close", "wait", "wait"]


def test_a_server_that_hangs_is_cut_when_we_stop(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a grace; what it had not given yet is taken by the next start."""
    monkeypatch.setattr(working, "GRACE", 0.05)
    reading = threading.Event()

    def before(step: str) -> None:
        if step == "read 1":
            reading.set()
            assert box.bell.wait(PATIENCE)  # interrupted
            raise broken("read")

    box = post.boxes["support"] = Mailbox(before=before)
    box.deliver(mail("One", 1))
    account = post.account()
    work = Work(post.world.db, LIMITS, post.open)
    work.start()
    assert reading.wait(PATIENCE)
    work.stop()
    assert states(post.world) == []
    assert list(box.messages) == ["1"]
    state = post.world.db.read(lambda tx: accounts.state(tx, account.id))
    assert state.failures == 0


def test_stopping_waits_for_nothing(post: Post) -> None:
    """A connection that waits for new mail ends at once, and what was taken is settled."""
    box = post.boxes["support"] = Mailbox(idles=True)
    box.deliver(mail("One", 1))
    post.account()
    work = Work(post.world.db, LIMITS, post.open)
    work.start()
    post.until(lambda: box.steps[-1:] == ["wait"])
    work.stop()
    work.stop()
    assert box.steps[-1] == "close"
    assert [one.settled for one in rows(post.world)] == [True]


def test_stopped_before_it_started(post: Post) -> None:
    """Nothing to wait for."""
    Work(post.world.db, LIMITS, post.open).stop()


def test_stopping_in_the_middle_of_a_round(post: Post) -> None:
    """The message that is being read is taken, filed and settled; no other is begun."""
    reading, go_on = threading.Event(), threading.Event()

    def before(step: str) -> None:
        if step == "read 1":
            reading.set()
            assert go_on.wait(PATIENCE)

    box = post.boxes["support"] = Mailbox(before=before)
    box.deliver(mail("One", 1), mail("Two", 2))
    post.account()
    work = Work(post.world.db, LIMITS, post.open)
    work.start()
    assert reading.wait(PATIENCE)
    stopping = threading.Thread(target=work.stop)
    stopping.start()
    post.until(lambda: not work._thread.is_alive())
    visit, _ = next(iter(work._known.values())).under_way or (None, None)
    assert visit is not None
    post.until(visit._ending.is_set)
    go_on.set()
    stopping.join()
    assert states(post.world) == ["filed"]
    assert list(box.messages) == ["2"]


def test_without_a_database_no_mailbox_is_touched(post: Post, work: Work) -> None:
    """And when it is back, the mail comes."""
    box = post.boxes["support"] = Mailbox(idles=True)
    post.account()
    post.until(lambda: box.steps[-1:] == ["wait"])
    path = post.world.db.path
    path.rename(path.with_suffix(".away"))
    box.steps.clear()
    box.ring(mail("One", 1))
    post.until(lambda: "close" in box.steps)
    assert not [one for one in box.steps if one.startswith(("read", "settle"))]
    path.with_suffix(".away").rename(path)


def test_what_was_left_fetched_is_filed_at_the_start(post: Post) -> None:
    """A process that died between commit and filing."""
    take(post.world.db, Origin(post.world.segment_id, "file"), [Fetched("1", mail())], LIMITS)
    assert states(post.world) == ["fetched"]
    work = Work(post.world.db, LIMITS, post.open)
    work.start()
    post.until(lambda: states(post.world) == ["filed"])
    work.stop()
    assert len(activities(post.world)) == 1

"""Rounds with messages that can't be taken: they stay where they are and never stop the
others; and with what is left where an account reads no more."""

from __future__ import annotations

from dataclasses import replace

import pytest
from desk import mail
from mailboxes import Mailbox, add, broken, play, rows, states
from world import World

from imapgate.folders import ready
from imapgate.incoming import filing, queue
from imapgate.incoming.account import Account
from imapgate.incoming.accounts import remove_account
from imapgate.incoming.rounds import GONE, Round
from imapgate.limits import Limits
from imapgate.mime.index import Content
from imapgate.servers.server import ServerError
from storage import incoming


def account_of(world: World, **more: object) -> Account:
    return add(world, after_reading="delete", **more)


def test_a_message_that_is_too_large_stays_and_never_stops_the_rest(world: World) -> None:
    """Whether the server tells the size or lies about it. A retry reads it once it may come."""
    box = Mailbox()
    large = mail("Large", 1, body="x" * 2000)
    box.deliver(large, mail("Small", 2), mail("Large, too", 3, body="y" * 2000))
    box.sizes["3"] = 10
    account = account_of(world)
    limits = Limits(message=1500)
    done = play(world, box, account, limits)
    assert (done.took, done.filed, done.failed) == (1, 1, 2)
    assert sorted(str(one.code) for one in rows(world)) == [
        queue.TOO_LARGE,
        queue.TOO_LARGE,
        "None",
    ]
    assert len(box.messages) == 2
    assert play(world, box, account, limits).failed == 0
    assert len(rows(world)) == 3
    for row in rows(world):
        if row.state == "failed":
            filing.retry(world.db, row.id, limits)
    assert play(world, box, account).filed == 2
    assert states(world) == ["filed"] * 3
    assert box.messages == {}


def test_a_message_that_the_server_withholds_is_tried_again(world: World) -> None:
    """It fails alone, with what the server said, and isn't asked for before its time."""
    box = Mailbox()
    box.deliver(mail("One", 1), mail("Two", 2))
    box.unreadable.add("1")
    account = account_of(world)
    assert play(world, box, account).filed == 1
    (row,) = [one for one in rows(world) if one.state == "failed"]
    assert (row.code, row.attempts) == (queue.UNREADABLE, 1)
    assert row.text == ("The server doesn't give this message. The message stays in its mailbox.")
    assert row.next_at == row.changed_at + 300
    box.steps.clear()
    play(world, box, account)
    assert "read 1" not in box.steps
    box.unreadable.clear()
    world.db.write(lambda tx: incoming.change(tx, row.id, next_at=tx.now))
    assert play(world, box, account).filed == 1
    assert states(world) == ["filed", "filed"]
    # When it came is the server's word, whenever it could be read.
    assert [one.internal_at - 1_700_000_000 for one in rows(world)] == [0, 1]
    assert box.messages == {}


@pytest.mark.parametrize("per_round", [1, 30])
def test_a_message_over_which_the_connection_breaks_stops_no_other(
    world: World, per_round: int
) -> None:
    """At the second time it is told and passed over, and tried again later; once isn't enough."""
    box = Mailbox()
    box.deliver(*(mail(f"Mail {n}", n) for n in range(3)))
    account = account_of(world, per_round=per_round)

    def breaks(step: str) -> None:
        if step == "read 1":
            raise broken("read")

    box.before = breaks
    for told in ([], ["failed"]):
        with pytest.raises(ServerError):
            play(world, box, account)
        assert states(world) == told
    while play(world, box, account).more:
        pass
    assert (states(world), list(box.messages)) == (["failed", "filed", "filed"], ["1"])
    (row, *_) = rows(world)
    assert row.text == (
        "The connection breaks over it: The server went away. The message stays in its mailbox."
    )
    world.db.write(lambda tx: incoming.change(tx, row.id, next_at=tx.now))
    with pytest.raises(ServerError):
        play(world, box, account)
    assert rows(world)[0].attempts == 2
    box.before = lambda step: None
    world.db.write(lambda tx: incoming.change(tx, row.id, next_at=tx.now))
    assert play(world, box, account).filed == 1
    assert (states(world), box.messages) == (["filed"] * 3, {})


def test_what_could_not_be_read_and_is_gone_makes_room(world: World) -> None:
    """Else as many as a round takes would be asked for in every round, and nothing new read."""
    box = Mailbox()
    box.deliver(mail("One", 1), mail("Two", 2))
    box.unreadable.update(("1", "2"))
    account = account_of(world, per_round=2)
    play(world, box, account)
    for row in rows(world):
        world.db.write(lambda tx, row=row: incoming.change(tx, row.id, next_at=tx.now))
    box.messages.clear()
    box.deliver(mail("Three", 3))
    assert play(world, box, account) == Round(more=True)
    assert {(one.state, one.next_at, one.text) for one in rows(world)} == {("failed", None, GONE)}
    assert play(world, box, account).filed == 1
    assert box.messages == {}


def test_what_was_discarded_unread_stays_unread(world: World) -> None:
    """Where it may be read by now, too: never filed, and never deleted."""
    box = Mailbox()
    box.deliver(mail("Large", 1, body="x" * 3000))
    account = account_of(world)
    play(world, box, account, Limits(message=2000))
    filing.discard(world.db, 1)
    assert play(world, box, account) == Round()
    assert (states(world), list(box.messages)) == (["discarded"], ["1"])


def test_an_error_of_ours_stops_no_other_message(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is a failed row, tried again later, and stays where it is."""
    box = Mailbox()
    box.deliver(mail("One", 1), mail("Two", 2), mail("Three", 3))
    account = account_of(world)
    prepare = ready.prepare

    def stumbling(content: Content, with_attached: bool = False) -> ready.Prepared:
        if b"Two" in content[:]:
            raise RecursionError("stumbled")
        return prepare(content, with_attached)

    monkeypatch.setattr(ready, "prepare", stumbling)
    done = play(world, box, account)
    assert (done.filed, done.failed, list(box.messages)) == (2, 1, ["2"])
    (row,) = [one for one in rows(world) if one.state == "failed"]
    assert row.text.startswith("An error of ours, incident ")
    assert "RecursionError" in caplog.text
    monkeypatch.undo()
    world.db.write(lambda tx: incoming.change(tx, row.id, next_at=tx.now))
    assert play(world, box, account).filed == 1
    assert (states(world), box.messages) == (["filed"] * 3, {})


def test_where_nothing_goes_on_the_next_round_is_not_at_once(world: World) -> None:
    """What was taken and can't be compared any more stays; the account isn't read without end."""
    box = Mailbox()
    box.deliver(*(mail(f"Large {n}", n, body="x" * 3000) for n in range(3)))
    account = account_of(world, per_round=2)

    def breaks(step: str) -> None:
        if step == "settle":
            raise broken("settle")

    box.before = breaks
    for _ in range(2):
        with pytest.raises(ServerError):
            play(world, box, account)
    box.before = lambda step: None
    assert play(world, box, account, Limits(message=2000)) == Round()
    assert len(box.messages) == 3
    assert play(world, box, account).more
    play(world, box, account)
    assert box.messages == {}


@pytest.mark.parametrize("what", ["moves", "goes"])
def test_where_an_account_reads_no_more_nothing_is_left_to_be_done(world: World, what: str) -> None:
    """doctor doesn't wait for it for ever. Of a mailbox that it comes back to, what was taken is
    known, and settled then."""
    box, account = Mailbox(), account_of(world)
    box.deliver(mail("One", 1), mail("Unread", 2))
    box.unreadable.add("2")

    def breaks(step: str) -> None:
        if step == "settle":
            raise broken("settle")

    box.before = breaks
    with pytest.raises(ServerError):
        play(world, box, account)
    left = [(one.settled, one.next_at is None) for one in rows(world)]
    assert sorted(left) == [(False, True), (True, False)]
    if what == "goes":
        world.db.write(lambda tx: remove_account(tx, account, "tests"))
    else:
        place = replace(account.place, host="other.example.org")
        play(world, Mailbox(), replace(account, place=place))
    assert {(one.settled, one.next_at) for one in rows(world)} == {(True, None)}
    box.before = lambda step: None
    if what == "moves":
        assert play(world, box, account).took == 0
        assert [*box.messages] == ["2"]
        assert len(rows(world)) == 2

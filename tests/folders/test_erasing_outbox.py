"""Erasing an activity reaches what was sent of it, or is to be: bytes, recipients and words."""

from __future__ import annotations

import pytest
from desk import Desk, activities
from erasures import MARK, PRIVATE, SUPPORT, check_whole, erase, everything, shown
from posting import Relay, put, row_of, with_mailer
from world import World, build

from imapgate.outgoing import outbox
from imapgate.outgoing.delivery import LATER, REFUSED, SENT, UNCERTAIN
from imapgate.outgoing.sending import send_one
from storage import Database
from storage import outbox as rows

TO = f"{MARK}@example.net"
SENT_MAIL = PRIVATE.replace(b"Message-ID: <", b"Message-ID: <sent-")


@pytest.fixture
def world(db: Database) -> World:
    """With a private mail, #10000001, that alice dropped."""
    made = build(db)
    with_mailer(made)
    Desk(made, made.alice).append(SUPPORT, PRIVATE)
    return made


def send(world: World, *said: str, **more: object) -> int:
    """Something of that activity."""
    (activity,) = activities(world)
    more = {"activity_id": activity.id, "principal_id": world.alice.id, **more}
    number = put(world, (TO, "ann@example.net"), SENT_MAIL, **more)  # type: ignore[arg-type]
    for one in said:
        send_one(world.db, number, Relay([one]))
    return number


@pytest.mark.parametrize("said", [SENT, REFUSED, UNCERTAIN])
def test_no_word_of_what_was_sent_is_left(world: World, said: str) -> None:
    """Nor of what the sender was told of it, there, in the INBOX and by mail; when and what came of
    it stays."""
    number = send(world, said)
    before = row_of(world.db, number)
    assert MARK.casefold() in everything(world)
    erase(world, 10000001)
    assert MARK.casefold() not in everything(world)
    check_whole(world)
    row = row_of(world.db, number)
    assert (row.stored_message_id, row.subject, row.told) == (None, "[erased]", True)
    assert (row.state, row.kind, row.created_at) == (before.state, before.kind, before.created_at)
    follow_ups = shown(world, 10000001)["follow_ups"]
    assert [one["title"] for one in follow_ups if one["text"] == "[erased]"] == (
        [] if said == SENT else [follow_ups[0]["title"]]
    )


def test_what_waits_is_never_sent(world: World) -> None:
    """Also what was begun: its sender finds that it may not hand it over."""
    waits, begun = send(world, LATER), put(world, kind=outbox.NOTIFICATION)
    relay = Relay(before=lambda: erased(world))
    begun = send(world)
    assert send_one(world.db, begun, relay) == ()
    assert relay.taken == []
    assert [row_of(world.db, one).state for one in (waits, begun)] == [rows.CANCELLED] * 2
    assert MARK.casefold() not in everything(world)
    check_whole(world)


def test_what_was_being_handed_over_may_have_been_sent(world: World) -> None:
    """That is what its row says, though its sender comes to say otherwise."""
    number = send(world)
    send_one(world.db, number, Relay(during=lambda: erased(world)))
    assert row_of(world.db, number).state == rows.UNCERTAIN
    assert MARK.casefold() not in everything(world)
    check_whole(world)


def test_another_activitys_mail_stays(world: World) -> None:
    """It was sent of another one, whatever it says."""
    other = put(world, kind=outbox.SUBMISSION)
    erase(world, 10000001)
    assert row_of(world.db, other).stored_message_id is not None
    send_one(world.db, other, Relay())
    assert row_of(world.db, other).state == rows.SENT


def erased(world: World) -> None:
    erase(world, 10000001)

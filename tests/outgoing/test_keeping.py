"""What is kept of mails that are over, and for how long; what other segments see of them."""

from __future__ import annotations

import pytest
from desk import Desk
from posting import Relay, mail, put, row_of, with_mailer
from world import World

from imapgate.activities import segments
from imapgate.activities.names import Mistake
from imapgate.outgoing import left_over, outbox, outbox_listing
from imapgate.outgoing.left_over import KEPT
from imapgate.outgoing.sending import send_one
from imapgate.outgoing.work import send_due
from storage import Database, Tx, messages, outbox_log
from storage import outbox as rows
from storage.outbox_log import Wanted


def grow_old(db: Database, number: int) -> None:
    db.write(lambda tx: rows.keep(tx, number, changed_at=tx.now - KEPT - 1))


def stored(world: World, number: int) -> int:
    found = row_of(world.db, number).stored_message_id
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("kind", "is_forgotten"),
    [
        (outbox.NOTIFICATION, True),
        (outbox.REPORT, True),
        (outbox.SUBMISSION, True),
        (outbox.EXPORT, True),
        (outbox.ACTIVITY, False),
        (outbox.TEMPLATE, False),
        (outbox.APPROVAL, False),
    ],
)
def test_what_is_no_activitys_goes_after_a_time(
    world: World, kind: str, is_forgotten: bool
) -> None:
    """With its bytes; what an activity's record names, and answers are linked by, stays."""
    with_mailer(world)
    number = put(world, kind=kind)
    stored_message_id = stored(world, number)
    send_one(world.db, number, Relay())
    assert left_over.forget(world.db) == 0
    grow_old(world.db, number)
    assert left_over.forget(world.db) == int(is_forgotten)
    left = world.db.read(lambda tx: rows.by_id(tx, number))
    assert (left is None) is is_forgotten
    here = world.db.read(lambda tx: messages.is_here(tx, stored_message_id))
    assert here is not is_forgotten
    assert left_over.forget(world.db) == 0


def test_bytes_that_stand_elsewhere_stay(world: World) -> None:
    """In a folder, or in a mail that isn't old."""
    with_mailer(world)
    content = mail("Also in a folder")
    Desk(world, world.alice).append("INBOX", content)
    in_folder = put(world, content=content, kind=outbox.REPORT)
    old, fresh = put(world, kind=outbox.REPORT), put(world, kind=outbox.REPORT)
    kept = [stored(world, one) for one in (in_folder, old)]
    assert stored(world, fresh) == kept[1]
    for one in (in_folder, old, fresh):
        send_one(world.db, one, Relay())
    for one in (in_folder, old):
        grow_old(world.db, one)
    assert left_over.forget(world.db) == 2
    assert Desk(world, world.alice).contents("INBOX") == [content]
    assert all(world.db.read(lambda tx, one=one: messages.is_here(tx, one)) for one in kept)


def test_what_waits_is_never_forgotten(world: World) -> None:
    """However old it is."""
    number = put(world, kind=outbox.NOTIFICATION)
    grow_old(world.db, number)
    assert left_over.forget(world.db) == 0
    assert row_of(world.db, number).state == rows.WAITING


def test_a_segments_mails_are_its_own(world: World) -> None:
    """The same bytes and the same key in two segments are two mails; each goes by its own mailer,
    and is listed and found in its own."""

    def make(tx: Tx) -> int:
        made, admin = segments.add_segment(tx, "Elsewhere", "admin", "a@other.example", "none")
        assert admin is not None
        return made.id

    there = World(world.db, world.db.write(make), {}, {})
    with_mailer(world, "ours")
    with_mailer(there, "theirs")
    ours, theirs = (put(one, origin_key="event 1") for one in (world, there))
    assert ours != theirs
    assert put(world, origin_key="event 1") == ours
    assert stored(world, ours) != stored(world, theirs)
    relay = Relay()
    send_due(world.db, relay, 10)
    assert [name for name, _, _ in relay.taken] == ["ours", "theirs"]
    listed = world.db.read(
        lambda tx: outbox_log.page(tx, Wanted(segment_id=there.segment_id), 0, 10)
    )
    assert [one.row.id for one in listed] == [theirs]
    with pytest.raises(Mistake, match="There is no mail"):
        world.db.read(lambda tx: outbox_listing.find(tx, ours, there.segment_id))


def test_a_mail_goes_to_somebody_and_not_to_everybody(world: World) -> None:
    """The envelope has at most so many recipients, and at least one."""
    with pytest.raises(Mistake, match="nobody to send it to"):
        put(world, ())
    many = [f"p{n}@example.net" for n in range(outbox.MOST_RECIPIENTS + 1)]
    with pytest.raises(Mistake, match="at most 1000"):
        put(world, many)
    put(world, many[1:])

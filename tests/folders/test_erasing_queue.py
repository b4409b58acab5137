"""Erasing an activity reaches what came in by itself: its bytes and words in the queue."""

from __future__ import annotations

import coming_in
import pytest
from coming_in import add_account, fail, row
from desk import LIMITS, Desk, activities, mail, wrapper
from erasures import MARK, PRIVATE, SUPPORT, check_whole, erase, everything, planned
from sqlalchemy import update
from world import World, build

from imapgate.folders import failed
from imapgate.incoming import filing, queue
from storage import Database, incoming
from storage.schema import account

OTHER = mail("Other", "other", body="Nothing secret.")


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


def come_in(world: World, content: bytes, account_id: int | None = None) -> int:
    """Fetched and filed; its row."""
    origin = queue.Origin(world.segment_id, f"account {account_id} INBOX", account_id)
    (taken,) = queue.take(world.db, origin, [queue.Fetched("1.1", content)], LIMITS)
    came = filing.file_one(world.db, taken.row_id, LIMITS)
    assert came.state == incoming.FILED, came
    return taken.row_id


def test_a_row_that_was_filed_keeps_where_it_came_from_and_no_word_of_it(world: World) -> None:
    """And it isn't fetched again: its key is known."""
    one = come_in(world, PRIVATE)
    erase(world, activities(world)[0].number)
    assert MARK.casefold() not in everything(world)
    blank = row(world, one)
    assert (blank.state, blank.subject, blank.text) == ("filed", "[erased]", "[erased]")
    assert (blank.origin_key, blank.stored_message_id, blank.sender_key) == ("1.1", None, None)
    assert blank.sha256 is not None
    origin = queue.Origin(world.segment_id, "account None INBOX")
    assert not queue.take(world.db, origin, [queue.Fetched("1.1", OTHER)], LIMITS)[0].is_new
    check_whole(world)


@pytest.mark.parametrize("state", ["fetched", "failed", "held", "discarded"])
def test_the_same_mail_that_waits_is_discarded(world: World, state: str) -> None:
    """It came by another account, and stood in Incoming/Failed, of which bob had taken it out."""
    bob, admin = Desk(world, world.bob), Desk(world, world.admin)
    bob.append(SUPPORT, PRIVATE)
    waiting = fail(world, PRIVATE.replace(b"X-Note", b"X-Mozilla-Status: 1\r\nX-Note"))
    other = fail(world, OTHER)
    bob.move("Incoming/Failed", [1], "Trash")
    assert len(admin.rows("Incoming/Failed")) == 2
    world.db.write(lambda tx: incoming.change(tx, waiting, state=state))
    erase(world, activities(world)[0].number)
    assert MARK.casefold() not in everything(world)
    assert (row(world, waiting).state, row(world, other).state) == ("discarded", "failed")
    assert admin.contents("Incoming/Failed") == [OTHER]
    assert bob.rows("Trash") == []
    check_whole(world)


def test_a_wrapper_that_waits_goes_with_what_is_attached_to_it(world: World) -> None:
    """It can't be filed any more as it was meant."""
    Desk(world, world.bob).append(SUPPORT, PRIVATE)
    waiting = fail(world, wrapper("> @Nobody  #Nothing  Look", PRIVATE))
    number = activities(world)[0].number
    assert planned(world, number).wrappers == 1
    erase(world, number)
    assert MARK.casefold() not in everything(world)
    assert row(world, waiting).state == "discarded"


def test_a_mail_that_has_it_attached_goes_if_it_was_discarded_and_else_stays(world: World) -> None:
    """What waits may be filed, and erased then; what was discarded has no number to erase it by."""
    Desk(world, world.bob).append(SUPPORT, PRIVATE)
    waiting = fail(world, wrapper("Look at this", PRIVATE))
    coming_in.end(world, fail(world, wrapper("Look at that", PRIVATE)))
    number = activities(world)[0].number
    assert planned(world, number).wrappers == 1
    erase(world, number)
    assert row(world, waiting).state == "failed"
    assert Desk(world, world.admin).contents("Incoming/Failed") == [
        wrapper("Look at this", PRIVATE)
    ]


def test_a_journal_envelope_goes_with_its_original(world: World) -> None:
    """Whether it was filed as that activity, or waits."""
    Desk(world, world.bob).append(SUPPORT, PRIVATE)
    number = activities(world)[0].number
    journal = add_account(world, "journal")
    world.db.write(
        lambda tx: tx.connection.execute(
            update(account).where(account.c.id == journal).values(kind="archive")
        )
    )
    first = fail(world, wrapper("Journal report", PRIVATE, text="Sender: a@example.org"), journal)
    second = fail(world, wrapper("Journal report", PRIVATE, text="Sender: b@example.org"), journal)
    filed = activities(world)[0].id
    world.db.write(
        lambda tx: incoming.change(tx, first, state=incoming.FILED, activity_id=filed, code=None)
    )
    world.db.write(lambda tx: failed.settle(tx, row(world, first).stored_message_id))
    erase(world, number)
    assert MARK.casefold() not in everything(world)
    assert (row(world, first).state, row(world, second).state) == ("filed", "discarded")
    check_whole(world)


def test_a_filed_wrapper_stays_while_another_activity_was_made_by_it(world: World) -> None:
    """Erased with one of the mails that were in it, since it holds that; not with the incident."""
    one = come_in(world, wrapper("> @Support E-Mails  #Meetings  Review", PRIVATE))
    (incident,) = [found for found in activities(world) if found.name == "Review"]
    assert row(world, one).activity_id == incident.id
    (number,) = [found.number for found in activities(world) if found.id != incident.id]
    erase(world, number)
    assert MARK.casefold() not in everything(world)
    assert row(world, one).stored_message_id is None
    check_whole(world)

"""Erasing an activity reaches what was exported of it, and what could not be sent."""

from __future__ import annotations

import pytest
from desk import Desk
from erasures import MARK, PRIVATE, check_whole, erase, everything
from going_out import EXPORT, Posting, add_mailer
from sqlalchemy import update
from world import build

from imapgate.outgoing import carrying
from storage import Database, events
from storage.schema import email_address


@pytest.fixture
def alice(db: Database) -> Posting:
    made = build(db)
    return Posting(made, made.alice)


def test_the_export_in_the_inbox_goes_too(alice: Posting) -> None:
    number = alice.file(PRIVATE)
    alice.send(number, EXPORT)
    (row,) = Desk(alice.world, alice.person).rows("INBOX")
    assert PRIVATE in row.content
    erase(alice.world, number)
    assert Desk(alice.world, alice.person).rows("INBOX") == []
    assert MARK.casefold() not in everything(alice.world)
    check_whole(alice.world)


def test_it_stays_where_only_an_answer_to_it_is_erased(alice: Posting) -> None:
    """It holds nothing of that."""
    number = alice.file(PRIVATE.replace(b"#10000001", b"nothing"))
    answer = alice.file(PRIVATE.replace(b"#10000001", b"#%d" % number).replace(b"<m", b"<n"))
    assert alice.show(answer)["links"] == [{"number": number, "kind": "RELATES_TO"}]
    alice.send(number, EXPORT)
    erase(alice.world, answer)
    assert len(Desk(alice.world, alice.person).rows("INBOX")) == 1


def test_nor_is_anything_left_of_whom_nothing_could_be_sent_to(alice: Posting) -> None:
    add_mailer(alice.world)
    number = alice.file(PRIVATE)
    alice.world.db.write(
        lambda tx: tx.connection.execute(
            update(email_address)
            .where(email_address.c.address == "support@example.org")
            .values(address=f"{MARK}ü@example.org", address_key=f"{MARK}ü@example.org".casefold())
        )
    )
    assert f"{MARK}ü@example.org" in alice.send(number).text
    assert alice.show(number)["follow_ups"][-1]["title"] == "Not sent as mail"
    erase(alice.world, number)
    assert alice.show(number)["follow_ups"][-2]["text"] == "[erased]"


def test_what_waits_to_be_carried_out_isn_t(alice: Posting) -> None:
    """Also what is being made at that moment: it never gets to the outbox."""
    world = alice.world
    add_mailer(world)
    number = alice.file(PRIVATE)
    alice.take(number, "Send as mail")
    (event,) = world.db.read(lambda tx: events.oldest(tx, 0, 9))
    finish = carrying.ACTIONS[event.event](world.db, event)
    erase(world, number)
    world.db.write(lambda tx: carrying._once(tx, event, finish))
    assert carrying.carry_out(world.db) == 0
    assert MARK.casefold() not in everything(world)

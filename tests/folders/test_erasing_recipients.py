"""Mails that were written by hand, to address groups and phone numbers, are erased."""

from __future__ import annotations

import world as worlds
from desk import LIMITS, Desk, mail
from erasures import SUPPORT, check_whole, erase, everything, shown

from imapgate.activities import address_groups, contacts
from imapgate.outgoing.writing_by_hand import Written, write_mail
from storage import Database, Tx


def test_a_mail_that_was_written_by_hand_is_erased(db: Database) -> None:
    """Message, recipients, gateway and the contacts that it alone brought; the group stays."""
    world = worlds.build(db)
    world.db.write(lambda tx: address_groups.add_group(tx, world.segment_id, "Dealers"))
    written = Written(
        "Zyxwmark offer",
        "Zyxwmark text",
        (("to", "zyxwmark@x.example"), ("to", "0800 ZYXWMARK"), ("bcc", "Dealers")),
        "zyxwmark@fax.example",
        creator="Support E-Mails",
    )
    number = write_mail(world.db, world.alice, written, LIMITS)
    assert len(Desk(world, world.alice).rows(SUPPORT)) == 1
    assert "zyxwmark" in everything(world)
    erase(world, number)
    assert "zyxwmark" not in everything(world)
    check_whole(world)
    assert shown(world, number)["address_groups"] == []
    assert Desk(world, world.alice).rows(SUPPORT) == []
    groups = world.db.read(lambda tx: address_groups.list_groups(tx, world.segment_id))
    assert groups == [("Dealers", 0)]


def test_a_contact_that_stands_in_an_address_group_stays(db: Database) -> None:
    """Somebody wants to write to them, though the mail that brought them is gone."""
    world = worlds.build(db)
    assert Desk(world, world.alice).append(SUPPORT, mail()).uids

    def work(tx: Tx) -> None:
        address_groups.add_group(tx, world.segment_id, "Dealers")
        address_groups.add_member(tx, world.segment_id, "Dealers", "erika@example.com")

    world.db.write(work)
    erase(world, 10000001)
    check_whole(world)
    known = world.db.read(lambda tx: contacts.list_contacts(tx, world.segment_id))
    assert "erika@example.com" in [address for one in known for address in one.addresses]

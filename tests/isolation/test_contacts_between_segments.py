"""Contacts of one segment are nobody's in another: named, merged, moved or matched."""

from __future__ import annotations

import pytest
import world as worlds
from desk import Desk, mail
from world import World

from imapgate.activities import contacts, merging, segments, x500
from imapgate.activities.contacts import Contact
from imapgate.activities.duplicates import duplicates
from imapgate.activities.names import Mistake
from imapgate.activities.show import show_activity
from storage import Database, Tx

NAME = "/O=ACME/CN=ERIKA"
ADDRESS = "erika@example.com"


@pytest.fixture
def here(db: Database) -> World:
    return worlds.build(db)


@pytest.fixture
def theirs(here: World) -> Contact:
    """Erika of another segment, named by the X.500 name, a number, and this segment's address."""

    def make(tx: Tx) -> Contact:
        segment, _ = segments.add_segment(tx, "Elsewhere", "admin", "a@other.example", "none")
        return contacts.add_contact(
            tx, segment.id, "Erika", [NAME, "erika@other.example", ADDRESS], numbers=["044 111"]
        )

    return here.db.write(make)


def everything(world: World, contact_id: int) -> Contact:
    return world.db.read(lambda tx: contacts.contact_by_id(tx, contact_id))


@pytest.mark.parametrize("wanted", ["id", "name", "address", "number", "x500"])
def test_nobody_names_a_contact_of_another_segment(
    here: World, theirs: Contact, wanted: str
) -> None:
    """Neither to keep it nor to let it go into one, nor to take an address from it."""
    called = {
        "id": f"id:{theirs.id}",
        "name": "Erika",
        "address": "erika@other.example",
        "number": "044 111",
        "x500": NAME,
    }[wanted]
    for kept, other in (("alice", called), (called, "alice")):
        with pytest.raises(Mistake, match="There is no contact"):
            here.db.write(
                lambda tx, kept=kept, other=other: merging.merge(
                    tx, here.segment_id, kept, [other], "anna"
                )
            )
    with pytest.raises(Mistake, match=r"No other contact has|There is no contact"):
        here.db.write(lambda tx: merging.move(tx, here.segment_id, called, "alice", "anna"))
    assert everything(here, theirs.id) == theirs


def test_an_x500_name_stands_for_what_its_own_segment_says(here: World, theirs: Contact) -> None:
    """A mail here from that name brings a contact of its own, and tells no address of theirs."""
    content = mail().replace(b"Erika <erika@example.com>", f"E <{NAME}>".encode())
    assert Desk(here, here.alice).append("Trackers/Support", content).uids
    shown = here.db.read(lambda tx: show_activity(tx, here.segment_id, 10000001))
    assert (shown["sender"], shown["reporting_contact"]) == (NAME, "E")
    assert here.db.read(lambda tx: x500.mailbox_of(tx, here.segment_id, NAME)) is None
    found = here.db.read(lambda tx: x500.pairs(tx, here.segment_id))
    assert [(one.contact, one.address) for one in found] == [("E", None)]
    here.db.write(lambda tx: x500.remember(tx, here.segment_id, NAME, "e@example.com"))
    assert everything(here, theirs.id) == theirs


def test_nobody_learns_a_name_from_another_segment_s_mail(here: World, theirs: Contact) -> None:
    """Nor are they alike."""

    def nameless(tx: Tx) -> None:
        segment_id = segments.find_segment(tx, "Elsewhere").id
        contacts.edit_contact(tx, segment_id, "Erika", new_name=ADDRESS)

    here.db.write(nameless)
    Desk(here, here.alice).append("Trackers/Support", mail())
    assert everything(here, theirs.id).name == ADDRESS
    assert here.db.read(lambda tx: duplicates(tx, here.segment_id)) == []

"""What a mail brought is erased with it, unless somebody made it part of what they know."""

from __future__ import annotations

import pytest
import world as worlds
from desk import Desk, mail
from erasures import SUPPORT, check_whole, erase, everything, shown
from world import World

from imapgate.activities import contacts, merging
from imapgate.activities.contacts import Contact
from storage import Database


@pytest.fixture
def world(db: Database) -> World:
    """With a mail from `Erika <erika@example.com>`, #10000001."""
    made = worlds.build(db)
    assert Desk(made, made.alice).append(SUPPORT, mail()).uids
    return made


def add(world: World) -> Contact:
    return world.db.write(
        lambda tx: contacts.add_contact(
            tx, world.segment_id, "Erika Muster", ["muster@example.net"], numbers=["044 111"]
        )
    )


@pytest.mark.parametrize("kept", ["Erika Muster", "Erika"])
def test_a_merged_contact_stays_when_one_of_its_mails_is_erased(world: World, kept: str) -> None:
    """Whichever was kept: what somebody wrote down by hand isn't lost with a private mail."""
    add(world)
    (other,) = {"Erika Muster", "Erika"} - {kept}
    now = world.db.write(lambda tx: merging.merge(tx, world.segment_id, kept, [other], "anna@desk"))
    erase(world, 10000001)
    check_whole(world)
    left = world.db.read(lambda tx: contacts.contact_by_id(tx, now.id))
    assert left == now
    assert set(left.addresses) == {"erika@example.com", "muster@example.net"}
    assert shown(world, 10000001)["reporting_contact"] is None
    # No mail names the address any more: it can go, too.
    left = world.db.write(
        lambda tx: contacts.edit_contact(
            tx, world.segment_id, f"id:{now.id}", without_addresses=["erika@example.com"]
        )
    )
    assert left.addresses == ("muster@example.net",)


def test_a_contact_that_somebody_changed_stays(world: World) -> None:
    world.db.write(
        lambda tx: contacts.edit_contact(tx, world.segment_id, "Erika", new_name="Erika M")
    )
    erase(world, 10000001)
    check_whole(world)
    assert "erika m" in everything(world)


def test_one_that_the_mail_alone_brought_goes(world: World) -> None:
    """With the name that was learnt from it."""
    erase(world, 10000001)
    check_whole(world)
    known = world.db.read(lambda tx: contacts.list_contacts(tx, world.segment_id))
    assert "Erika" not in [one.name for one in known]
    assert "erika@example.com" not in everything(world)

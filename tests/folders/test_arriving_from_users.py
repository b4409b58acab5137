"""Mail that comes in from an address that is a user's by a mail account."""

from __future__ import annotations

import pytest
from postbox import Postbox, letter
from world import World, build

from imapgate.activities import senders
from imapgate.activities.people import Person
from imapgate.activities.senders import Sender
from imapgate.mime.reading import read
from imapgate.outgoing import mail_accounts
from storage import Database, contacts, people

ADDRESS = "desk@example.com"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


def _add(world: World, person: Person, shared: bool = False) -> None:
    world.db.write(
        lambda tx: mail_accounts.add_mail_account(
            tx, person, ADDRESS, {}, "anna@desk", shared=shared
        )
    )


def _sender(world: World) -> Sender:
    mail = read(f"From: {ADDRESS.upper()}\r\n\r\n".encode()).mail
    return world.db.read(lambda tx: senders.look_up(tx, world.segment_id, mail))


def test_an_address_of_a_mail_account_is_the_user_s(world: World) -> None:
    """It stands with the user's contact from then on, as the e-mail address does."""
    assert _sender(world).contact_id is None
    _add(world, world.alice)
    sender = _sender(world)
    row = world.db.read(lambda tx: people.principal_by_id(tx, world.alice.id))
    assert row is not None
    assert (sender.contact_id, sender.is_staff) == (row.contact_id, True)
    assert sender.user is not None
    assert sender.user.name == "alice"


def test_a_contact_that_was_known_before_stays_itself(world: World) -> None:
    """But whose mail account it is logs what comes from it, as staff does."""
    known = Postbox(world).contact("Desk", ADDRESS, is_customer=True, is_staff=False)
    _add(world, world.alice)
    sender = _sender(world)
    assert (sender.contact_id, sender.is_customer, sender.is_staff) == (known.id, True, True)
    assert sender.user is not None
    assert sender.user.name == "alice"
    assert world.db.read(lambda tx: contacts.holders(tx, world.segment_id, ADDRESS)) == 1


def test_a_shared_address_tells_nobody_s_name(world: World) -> None:
    """Nor is it one of anybody's contact."""
    _add(world, world.alice, shared=True)
    _add(world, world.bob, shared=True)
    assert _sender(world) == Sender(ADDRESS.upper())
    Postbox(world).contact("Desk", ADDRESS, is_customer=True, is_staff=False)
    sender = _sender(world)
    assert (sender.user, sender.is_staff) == (None, False)


def test_who_is_disabled_does_not_count(world: World) -> None:
    Postbox(world).contact("Desk", ADDRESS, is_customer=True, is_staff=False)
    _add(world, world.alice, shared=True)
    world.db.write(lambda tx: people.set_disabled(tx, world.alice.id, True))
    assert _sender(world).user is None


@pytest.mark.parametrize(
    ("to", "direction"), [("erika@example.com", "out"), ("support@example.org", "internal")]
)
def test_what_comes_in_from_a_user_s_own_address_was_sent(
    world: World, to: str, direction: str
) -> None:
    """Also where the archive's domains tell it from outside; what a customer wrote isn't told."""
    _add(world, world.alice)
    box = Postbox(world)
    came = box.show(box.take(letter(sender=ADDRESS, to=to)).number)
    assert (came["direction"], came["reporting_contact"]) == (direction, "alice")
    again = letter(sender=ADDRESS, to=to, n=2)
    assert box.show(box.take(again, direction="in").number)["direction"] == direction
    assert box.show(box.take(letter(n=3)).number)["direction"] is None
    assert box.show(box.take(letter(n=4), direction="in").number)["direction"] == "in"

"""Numbers, address groups and approvers of one segment are nobody's in another."""

from __future__ import annotations

import pytest
import world as worlds
from desk import LIMITS
from going_out import add_mailer
from world import World

from imapgate.activities import (
    address_groups,
    addressing,
    approvals,
    approving,
    contacts,
    groups,
    processes,
    segments,
    users,
)
from imapgate.activities.names import Mistake
from imapgate.activities.people import Person
from imapgate.folders import groups as folder_groups
from imapgate.outgoing.gateways import resolve
from imapgate.outgoing.writing_by_hand import Written, write_mail
from storage import Database, Tx, accounts, activities

NUMBER = "+41 44 111 22 33"


@pytest.fixture
def here(db: Database) -> World:
    return worlds.build(db)


@pytest.fixture
def there(here: World) -> Person:
    """The administrator of segment Elsewhere, where there is all that this one lacks: a group
    Dealers, somebody with NUMBER, user boss, an account of kind approvals and a mailer."""

    def make(tx: Tx) -> Person:
        segment, admin = segments.add_segment(tx, "Elsewhere", "admin", "a@other.example", "none")
        assert admin is not None
        folder_groups.make_home(tx, admin)
        folder_groups.group_added(tx, groups.add_group(tx, segment.id, "Secret").id)
        contacts.add_contact(tx, segment.id, "Their fax", ["x@other.example"], numbers=[NUMBER])
        address_groups.add_group(tx, segment.id, "Dealers")
        address_groups.add_member(tx, segment.id, "Dealers", NUMBER)
        users.add_user(tx, segment.id, "boss", "boss@other.example", "none")
        settings = {"reply_to": "approvals@other.example"}
        accounts.add(tx, segment.id, "a", "a", "approvals", True, None, None, settings)
        return admin

    made = here.db.write(make)
    add_mailer(World(here.db, made.segment_id, {}, {}))
    return made


def _mail(world: World, person: Person, *recipients: tuple[str, str]) -> int:
    written = Written("Fax", "Hello", recipients, type_name="E-Mail")
    return write_mail(world.db, person, written, LIMITS)


def test_a_group_s_name_and_a_number_are_each_segment_s(here: World, there: Person) -> None:
    """A number becomes another contact's; a group isn't found."""
    with pytest.raises(Mistake, match="there is no address group of that name"):
        _mail(here, here.admin, ("to", "Dealers"))
    _mail(here, here.admin, ("to", NUMBER))
    known = here.db.read(lambda tx: contacts.list_contacts(tx, here.segment_id))
    assert [one.name for one in known if one.numbers] == [NUMBER]
    known = here.db.read(lambda tx: contacts.list_contacts(tx, there.segment_id))
    assert [one.name for one in known if one.numbers] == ["Their fax"]
    for work in (address_groups.find_group, address_groups.remove_group):
        with pytest.raises(Mistake, match="There is no address group"):
            here.db.write(lambda tx, work=work: work(tx, here.segment_id, "Dealers"))


def test_nobody_addresses_another_segment_s_mail(here: World, there: Person) -> None:
    """Its number isn't there; what it resolves to is its own."""
    number = _mail(here, there, ("to", "Dealers"))
    with pytest.raises(Mistake, match="There is no activity"):
        here.db.write(
            lambda tx: addressing.address(tx, here.segment_id, number, [("to", "a@b.example")])
        )
    row = here.db.read(lambda tx: activities.by_number(tx, there.segment_id, number))
    assert row is not None
    found = here.db.read(lambda tx: resolve(tx, row.id))
    assert [one.shown for one in found.unreachable] == [NUMBER]


def test_approval_is_asked_within_one_segment(here: World, there: Person) -> None:
    """By its own users, account and mailer; a request is nobody else's to see or to end."""

    def want(tx: Tx, segment_id: int, who: str) -> None:
        processes.offer_by_mail(tx, segment_id, "E-Mail", "Assign", True, None, "a", "", [who])

    with pytest.raises(Mistake, match='There is no user "boss"'):
        here.db.write(lambda tx: want(tx, here.segment_id, "boss"))
    number = _mail(here, here.admin)
    here.db.write(lambda tx: want(tx, here.segment_id, "bob"))
    with pytest.raises(Mistake, match="No account reads replies"):
        here.db.write(lambda tx: approving.ask(tx, here.segment_id, number, "Assign", ["bob"]))
    theirs = _mail(here, there)
    here.db.write(lambda tx: want(tx, there.segment_id, "boss"))
    asked = here.db.write(
        lambda tx: approving.ask(tx, there.segment_id, theirs, "Assign", ["boss"])
    )
    assert asked.approvers == ("boss@other.example",)
    for work in (
        lambda tx: approvals.find(tx, here.segment_id, asked.id),
        lambda tx: approvals.message_id(tx, here.segment_id, asked.id, "x.example"),
        lambda tx: approvals.withdraw(tx, here.segment_id, asked.id, "anna"),
    ):
        with pytest.raises(Mistake, match="There is no"):
            here.db.write(work)

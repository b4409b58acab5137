"""Address groups: addresses and numbers of contacts under one name."""

from __future__ import annotations

import pytest
from crm import Crm, mail

from imapgate.activities import address_groups, addressing, by_hand, contacts, segments
from imapgate.activities.address_groups import Member
from imapgate.activities.names import Mistake
from storage import Tx


def _add(crm: Crm, *members: str, name: str = "Customers") -> None:
    def work(tx: Tx) -> None:
        address_groups.add_group(tx, crm.segment_id, name)
        for one in members:
            address_groups.add_member(tx, crm.segment_id, name, one)

    crm.do(work)


def _found(crm: Crm, name: str = "customers") -> address_groups.AddressGroup:
    return crm.db.read(lambda tx: address_groups.find_group(tx, crm.segment_id, name))


def test_a_group_mixes_addresses_and_numbers(crm: Crm) -> None:
    """Of known contacts, the oldest that has it; what nobody has becomes a contact's."""
    where = crm.segment_id
    crm.do(lambda tx: contacts.add_contact(tx, where, "Erika", ["erika@x.example"]))
    crm.do(lambda tx: contacts.add_contact(tx, where, "Otto", ["erika@x.example"]))
    _add(crm, "ERIKA@x.example", "+41 44 111", "erika@X.example", "+4144111")
    assert _found(crm).members == (
        Member("erika@x.example", "email", "Erika"),
        Member("+41 44 111", "phone", "+41 44 111"),
    )
    assert crm.db.read(lambda tx: address_groups.list_groups(tx, where)) == [("Customers", 2)]
    crm.do(lambda tx: address_groups.remove_member(tx, where, "Customers", "+41-44-111"))
    assert [one.address for one in _found(crm).members] == ["erika@x.example"]
    with pytest.raises(Mistake, match='"\\+41 44 111" is no member of "Customers"'):
        crm.do(lambda tx: address_groups.remove_member(tx, where, "Customers", "+41 44 111"))


@pytest.mark.parametrize("name", ["", "a@b", "/O=X", "044 111", "CUSTOMERS", "x\r\nBcc: y"])
def test_a_name_is_no_address_and_one_s_own(crm: Crm, name: str) -> None:
    """So that a recipient is known for what it is."""
    _add(crm)
    with pytest.raises(Mistake):
        crm.do(lambda tx: address_groups.add_group(tx, crm.segment_id, name))


def test_a_group_is_bounded(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than there is room for isn't taken."""
    monkeypatch.setattr(address_groups, "MOST_MEMBERS", 2)
    _add(crm, "a@x.example", "b@x.example", "a@x.example")
    with pytest.raises(Mistake, match="there is no room"):
        crm.do(lambda tx: address_groups.add_member(tx, crm.segment_id, "Customers", "c@x.example"))


def test_a_number_that_a_contact_loses_leaves_its_groups(crm: Crm) -> None:
    """But one that a mail goes to stays."""
    where = crm.segment_id
    crm.do(lambda tx: contacts.add_contact(tx, where, "Fax", numbers=["044 111", "044 222"]))
    _add(crm, "044 111", "044 222")
    number = crm.file(mail()).number
    crm.do(lambda tx: addressing.address(tx, where, number, [("to", "044 222")]))
    crm.do(lambda tx: contacts.edit_contact(tx, where, "Fax", without=["044 111"]))
    assert [one.address for one in _found(crm).members] == ["044 222"]
    with pytest.raises(Mistake, match=f'"044 222" is a recipient of #{number}'):
        crm.do(lambda tx: contacts.edit_contact(tx, where, "Fax", without=["044 222"]))


def test_a_group_that_an_open_activity_is_for_stays(crm: Crm) -> None:
    """Closed ones lose it; contacts keep their addresses."""
    where = crm.segment_id
    _add(crm, "a@x.example")
    number = crm.file(mail()).number
    crm.do(lambda tx: addressing.address(tx, where, number, [("bcc", "customers")]))
    with pytest.raises(Mistake, match=f"is a recipient of #{number}: close these first"):
        crm.do(lambda tx: address_groups.remove_group(tx, where, "Customers"))
    for step in ("Assign", "Close"):
        crm.do(lambda tx, step=step: by_hand.follow_up(tx, where, number, transition=step))
    crm.do(lambda tx: address_groups.remove_group(tx, where, "Customers"))
    assert crm.db.read(lambda tx: address_groups.list_groups(tx, where)) == []
    now = crm.db.read(lambda tx: addressing.addressed(tx, where, number))
    assert [one.named for one in now.recipients] == ["support@example.org"]
    assert crm.db.read(lambda tx: contacts.find_contact(tx, where, "a@x.example"))


def test_a_group_is_of_its_segment(crm: Crm) -> None:
    """Others have groups of the same name, with contacts of their own."""
    _add(crm, "a@x.example")

    def work(tx: Tx) -> address_groups.AddressGroup:
        other, _ = segments.add_segment(tx, "Other", "admin", "admin@other.example", "hash")
        address_groups.add_group(tx, other.id, "Customers")
        return address_groups.add_member(tx, other.id, "Customers", "a@x.example")

    made = crm.do(work)
    assert made.id != _found(crm).id
    assert [one.address for one in made.members] == ["a@x.example"]
    ids = crm.db.read(
        lambda tx: [
            one.id
            for one in contacts.list_contacts(tx, crm.segment_id)
            if one.name == "a@x.example"
        ]
    )
    assert len(ids) == 1

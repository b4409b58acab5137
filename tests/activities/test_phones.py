"""Phone numbers of contacts, beside the addresses by which mails find them."""

from __future__ import annotations

import pytest
from crm import Crm, mail

from imapgate.activities import contacts, phones, senders
from imapgate.activities.names import Mistake, key
from imapgate.activities.terms import StandIn
from imapgate.mime.mail import Mailbox
from storage import Tx, addresses, checks, people
from storage import contacts as rows


@pytest.mark.parametrize(
    ("written", "kept", "known"),
    [
        ("+41 (44) 111-2233", "+41 (44) 111-2233", "TEL:+41441112233"),
        (" 044\u00a0111 \t 22 33 ", "044 111 22 33", "TEL:0441112233"),
        ("0800 flowers", "0800 flowers", "TEL:0800FLOWERS"),
        ("\uff0b41 44", "+41 44", "TEL:+4144"),
        ("(0)44/111.22", "(0)44/111.22", "TEL:04411122"),
    ],
)
def test_a_number_is_kept_as_written(written: str, kept: str, known: str) -> None:
    """What makes two the same are its digits and letters."""
    assert phones.checked_phone(written) == kept
    assert phones.phone_key(kept) == known


@pytest.mark.parametrize(
    "written",
    ["", "+", "12", "Sales 2024", "a@123", "++41 44", "+41 44\r\nBcc: x", "123\0;4", "1" * 33,
     "1" + " . " * 30 + "23", "\ud800123", "/O=123", "+41 44,55"],
)  # fmt: skip
def test_what_is_no_number(written: str) -> None:
    """Nothing that could end a line, be an address or a name."""
    assert not phones.is_phone(written)
    with pytest.raises(Mistake, match="is no phone number"):
        phones.checked_phone(written)


def test_a_contact_has_numbers(crm: Crm) -> None:
    """Added, once each; found by; removed; never among the addresses."""
    where = crm.segment_id
    made = crm.do(
        lambda tx: contacts.add_contact(tx, where, "Erika", ["e@x.example"], numbers=["+41 44 111"])
    )
    assert (made.addresses, made.numbers) == (("e@x.example",), ("+41 44 111",))
    edit = contacts.edit_contact
    now = crm.do(lambda tx: edit(tx, where, "+41-44-111", numbers=["+4144111", "044 222"]))
    assert (now.id, now.numbers) == (made.id, ("+41 44 111", "044 222"))
    now = crm.do(lambda tx: edit(tx, where, "Erika", without=["+41 (44) 111"]))
    assert now.numbers == ("044 222",)
    assert now in crm.db.read(lambda tx: contacts.list_contacts(tx, where))
    with pytest.raises(Mistake, match='"Erika" has no number "099 999"'):
        crm.do(lambda tx: edit(tx, where, "Erika", without=["099 999"]))
    with pytest.raises(Mistake, match="is no phone number"):
        crm.do(lambda tx: edit(tx, where, "Erika", numbers=["call me"]))


@pytest.mark.parametrize("written", ["0441112233", "TEL:0441112233", "tel:0441112233"])
def test_no_mail_s_address_is_a_number(crm: Crm, written: str) -> None:
    """A header may say anything: it finds contacts by their addresses alone, and becomes one."""
    where = crm.segment_id
    made = crm.do(lambda tx: contacts.add_contact(tx, where, "Fax", numbers=["044 111 22 33"]))
    filed = crm.file(mail(from_=(Mailbox("", written),)))
    shown = crm.show(filed.number)
    assert shown["sender"] == written
    matched = crm.do(lambda tx: contacts.match(tx, where, Mailbox("", written)))
    assert matched is not None
    assert matched.contact_id != made.id
    looked = crm.db.read(lambda tx: senders.look_up(tx, where, mail(from_=(Mailbox("", written),))))
    assert looked.contact_id == matched.contact_id
    assert crm.db.read(lambda tx: addresses.mailbox_of(tx, made.id)) is None
    assert crm.db.read(lambda tx: addresses.holders(tx, where, key(written))) == [
        matched.contact_id
    ]


def test_a_number_that_several_have_is_no_shared_address(crm: Crm) -> None:
    """As families and offices have them; mails aren't found by it."""
    for name in ("Erika", "Otto"):
        crm.do(lambda tx, name=name: contacts.add_contact(tx, 1, name, numbers=["044 111"]))
    assert list(checks.shared_addresses(crm.db)) == []


def test_the_administrator_s_number_stands_in_for_nobody(crm: Crm) -> None:
    """Who isn't to become a contact stands there by the administrator's address."""
    admin = crm.people["admin"]

    def work(tx: Tx) -> StandIn | None:
        row = people.principal_by_id(tx, admin.id)
        assert row is not None
        assert row.contact_id is not None
        first = rows.addresses_of(tx, row.contact_id)
        contacts.add_number(tx, crm.segment_id, row.contact_id, "044 999")
        addresses.remove(tx, first[0].id)
        return senders.stand_in(tx, crm.segment_id, senders.Sender("x@y.example"))

    found = crm.do(work)
    assert found is not None
    assert found.address_id is None

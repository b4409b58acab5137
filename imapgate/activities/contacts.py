"""Contacts, the addresses by which mails find them, and their phone numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.contact_addresses import (
    add_address,
    add_number,
    address_keys,
    checked_address,
    kept_address,
    remove_address,
    remove_number,
    set_first,
)
from imapgate.activities.display_names import person_name
from imapgate.activities.exchange_names import address_key, decoded
from imapgate.activities.names import LONGEST, Mistake, checked, key, storable
from imapgate.activities.phones import KIND, checked_phone, is_phone, phone_key
from imapgate.mime.mail import Mailbox
from storage import Tx, people
from storage import contacts as rows

BY_ID = "id:"
"""Before a contact's id, where two have the same name and no address of their own."""


@dataclass(frozen=True, slots=True)
class Contact:
    """owner: a user's name. addresses: the first is where mail to it goes. is_customer, is_staff:
    one of them at least."""

    id: int
    name: str
    owner: str | None
    addresses: tuple[str, ...]
    is_customer: bool
    is_staff: bool
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    """address: as the contact has it."""

    address_id: int
    contact_id: int
    address: str


def add_contact(
    tx: Tx,
    segment_id: int,
    name: str,
    addresses: Sequence[str] = (),
    is_customer: bool = True,
    is_staff: bool = False,
    numbers: Sequence[str] = (),
) -> Contact:
    """Owned by the segment's administrator. An address or number may stand with other contacts as
    well. Raises Mistake."""
    kept = checked(name, "contact name")
    wanted = [checked_address(one) for one in addresses]
    _check_parts(is_customer, is_staff)
    owner_id = people.administrator(tx, segment_id)
    contact_id = rows.add(tx, segment_id, kept, owner_id, is_customer, is_staff, True)
    for address in wanted:
        add_address(tx, segment_id, contact_id, address)
    for number in numbers:
        add_number(tx, segment_id, contact_id, number)
    return contact_by_id(tx, contact_id)


def edit_contact(
    tx: Tx,
    segment_id: int,
    name_or_address: str,
    *,
    new_name: str | None = None,
    addresses: Sequence[str] = (),
    is_customer: bool | None = None,
    is_staff: bool | None = None,
    numbers: Sequence[str] = (),
    first: str | None = None,
    without_addresses: Sequence[str] = (),
    without: Sequence[str] = (),
) -> Contact:
    """The contact now. addresses, numbers: beside those that it has. first: that of its addresses
    to which mail goes. without_addresses, without: addresses and numbers that it loses, as do
    address groups. None: stays as it is. Raises Mistake."""
    found = contact_by_id(tx, find_contact(tx, segment_id, name_or_address))
    changes: dict[str, str | bool] = {
        "name": found.name if new_name is None else checked(new_name, "contact name"),
        "is_customer": found.is_customer if is_customer is None else is_customer,
        "is_staff": found.is_staff if is_staff is None else is_staff,
        "by_hand": True,
    }
    _check_parts(bool(changes["is_customer"]), bool(changes["is_staff"]))
    rows.change(tx, found.id, **changes)
    for address in [checked_address(one) for one in addresses]:
        add_address(tx, segment_id, found.id, address)
    if first is not None:
        set_first(tx, found.id, first)
    for address in without_addresses:
        remove_address(tx, found.id, address)
    for number in without:
        remove_number(tx, found.id, number)
    for number in numbers:
        add_number(tx, segment_id, found.id, number)
    return contact_by_id(tx, found.id)


def contact_by_id(tx: Tx, contact_id: int) -> Contact:
    return _contact(rows.by_id(tx, contact_id), rows.addresses_of(tx, contact_id))


def named_by_address(tx: Tx, contact_id: int) -> bool:
    """Whether it is called by one of its addresses or numbers, so that nobody named it."""
    every = rows.addresses_of(tx, contact_id)
    name = rows.by_id(tx, contact_id).name
    return key(name) in {key(one.address[:LONGEST]) for one in every}


def list_contacts(tx: Tx, segment_id: int) -> list[Contact]:
    """By name."""
    addresses: dict[int, list[rows.AddressRow]] = {}
    for row in rows.addresses_of_segment(tx, segment_id):
        addresses.setdefault(row.contact_id, []).append(row)
    return [_contact(row, addresses.get(row.id, ())) for row in rows.of_segment(tx, segment_id)]


def find_contact(tx: Tx, segment_id: int, wanted: str) -> int:
    """The id of the oldest contact with that address, phone number or exactly that name, or of the
    one that `id:17` names. Raises Mistake."""
    number = wanted.removeprefix(BY_ID)
    if number != wanted and number.isascii() and number.isdigit() and len(number) <= 18:
        if rows.is_of(tx, segment_id, int(number)):
            return int(number)
        raise Mistake(f'There is no contact "{wanted}".')
    known = _known(tx, segment_id, wanted)
    if known is not None:
        return known.contact_id
    named = rows.by_name(tx, segment_id, storable(wanted).strip())
    if not named:
        raise Mistake(f'There is no contact "{wanted}".')
    return named[0]


def known(tx: Tx, segment_id: int, address: str) -> rows.AddressRow | None:
    """The address of a mail's header, as written, among the contacts' ones: compared without case,
    of several contacts the oldest; for an X.500 name the first address, beside it, that mail can be
    sent to. None: nobody has it."""
    if decoded(address) is None:
        return rows.address_by_key(tx, segment_id, key(kept_address(address)))
    for one in address_keys(address):
        found = rows.address_by_key(tx, segment_id, one)
        if found is not None:
            return rows.mailbox_beside(tx, segment_id, one) or found
    return None


def match(tx: Tx, segment_id: int, mailbox: Mailbox, names_known: bool = True) -> Matched | None:
    """The address of a mail's header, as `known` finds it; an unknown one becomes a contact of the
    segment's administrator, named by its display name (activities.display_names), which a contact
    gets too that was named by nothing but its address, if names_known. None: there is no address at
    all.

    Whatever stands in the header is taken as it is, without `@` too (X.500 names, garbage)."""
    address = kept_address(mailbox.address)
    if not address:
        return None
    name = person_name(mailbox.name, address) if mailbox.name else ""
    found = known(tx, segment_id, mailbox.address)
    if found is not None:
        if name and names_known and _is_nameless(tx, found):
            rows.change(tx, found.contact_id, name=name)
        return Matched(found.id, found.contact_id, found.address)
    owner_id = people.administrator(tx, segment_id)
    contact_id = rows.add(tx, segment_id, name or address[:LONGEST], owner_id)
    address_id = rows.add_address(tx, segment_id, contact_id, address, address_key(address))
    return Matched(address_id, contact_id, address)


def known_or_new(tx: Tx, segment_id: int, address_or_number: str) -> int:
    """The id of an e-mail address or phone number, of the oldest contact that has it; what nobody
    has becomes a contact of the segment's administrator, named by it. Raises Mistake for what is
    neither."""
    is_number = is_phone(address_or_number)
    if is_number:
        found = rows.address_by_key(tx, segment_id, phone_key(address_or_number))
    else:
        found = known(tx, segment_id, address_or_number)
    if found is not None:
        return found.id
    kept = (checked_phone if is_number else checked_address)(address_or_number)
    owner_id = people.administrator(tx, segment_id)
    contact_id = rows.add(tx, segment_id, kept[:LONGEST], owner_id)
    if is_number:
        return rows.add_address(tx, segment_id, contact_id, kept, phone_key(kept), KIND)
    return rows.add_address(tx, segment_id, contact_id, kept, address_key(kept))


def _check_parts(is_customer: bool, is_staff: bool) -> None:
    if not (is_customer or is_staff):
        raise Mistake("A contact is customer, staff or both.")


def _known(tx: Tx, segment_id: int, address_or_number: str) -> rows.AddressRow | None:
    found = (rows.address_by_key(tx, segment_id, one) for one in address_keys(address_or_number))
    return next((one for one in found if one is not None), None)


def _is_nameless(tx: Tx, found: rows.AddressRow) -> bool:
    """Whether its contact is named by nothing but one of its addresses or numbers."""
    name = key(found.contact)
    if name == key(found.address[:LONGEST]):
        return True
    if "@" not in name and not name.startswith("/") and any(one.isalpha() for one in name):
        return False
    return named_by_address(tx, found.contact_id)


def _contact(row: rows.ContactRow, addresses: Sequence[rows.AddressRow]) -> Contact:
    return Contact(
        row.id,
        row.name,
        row.owner,
        tuple(one.address for one in addresses if one.kind != KIND),
        row.is_customer,
        row.is_staff,
        tuple(one.address for one in addresses if one.kind == KIND),
    )

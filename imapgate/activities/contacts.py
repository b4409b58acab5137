"""Contacts, the addresses by which mails find them, and their phone numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.names import (
    LONGEST,
    Mistake,
    checked,
    checked_email,
    key,
    quoted,
    storable,
)
from imapgate.activities.phones import KIND, checked_phone, is_phone, phone_key
from imapgate.mime.mail import Mailbox
from storage import Tx, people
from storage import addresses as address_rows
from storage import contacts as rows

LONGEST_ADDRESS = 1000
"""Characters of a mail's address that are kept."""


@dataclass(frozen=True, slots=True)
class Contact:
    """owner: a user's name. is_customer, is_staff: one of them at least."""

    id: int
    name: str
    owner: str | None
    addresses: tuple[str, ...]
    is_customer: bool
    is_staff: bool
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matched:
    address_id: int
    contact_id: int


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
    contact_id = rows.add(tx, segment_id, kept, owner_id, is_customer, is_staff)
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
    without: Sequence[str] = (),
) -> Contact:
    """The contact now. addresses, numbers: beside those that it has. without: numbers that it
    loses, as do address groups. None: stays as it is. Raises Mistake."""
    found = contact_by_id(tx, find_contact(tx, segment_id, name_or_address))
    changes: dict[str, str | bool] = {
        "name": found.name if new_name is None else checked(new_name, "contact name"),
        "is_customer": found.is_customer if is_customer is None else is_customer,
        "is_staff": found.is_staff if is_staff is None else is_staff,
    }
    _check_parts(bool(changes["is_customer"]), bool(changes["is_staff"]))
    rows.change(tx, found.id, **changes)
    for address in [checked_address(one) for one in addresses]:
        add_address(tx, segment_id, found.id, address)
    for number in without:
        _remove_number(tx, found, number)
    for number in numbers:
        add_number(tx, segment_id, found.id, number)
    return contact_by_id(tx, found.id)


def add_address(tx: Tx, segment_id: int, contact_id: int, address: str) -> None:
    """One more address of a contact; one that it has already stays. Raises Mistake for what is
    none."""
    kept = checked_address(address)
    known = {key(one.address) for one in rows.addresses_of(tx, contact_id)}
    if key(kept) not in known:
        rows.add_address(tx, segment_id, contact_id, kept, key(kept))


def add_number(tx: Tx, segment_id: int, contact_id: int, number: str) -> None:
    """One more phone number of a contact; one that it has already stays. Raises Mistake for what is
    none."""
    kept = checked_phone(number)
    if phone_key(kept) not in _numbers(tx, contact_id):
        rows.add_address(tx, segment_id, contact_id, kept, phone_key(kept), KIND)


def contact_by_id(tx: Tx, contact_id: int) -> Contact:
    return _contact(rows.by_id(tx, contact_id), rows.addresses_of(tx, contact_id))


def list_contacts(tx: Tx, segment_id: int) -> list[Contact]:
    """By name."""
    addresses: dict[int, list[rows.AddressRow]] = {}
    for row in rows.addresses_of_segment(tx, segment_id):
        addresses.setdefault(row.contact_id, []).append(row)
    return [_contact(row, addresses.get(row.id, ())) for row in rows.of_segment(tx, segment_id)]


def find_contact(tx: Tx, segment_id: int, name_or_address: str) -> int:
    """The id of the oldest contact with that address, phone number or exactly that name. Raises
    Mistake."""
    known = _known(tx, segment_id, name_or_address)
    if known is not None:
        return known.contact_id
    named = rows.by_name(tx, segment_id, storable(name_or_address).strip())
    if not named:
        raise Mistake(f'There is no contact "{name_or_address}".')
    return named[0]


def match(tx: Tx, segment_id: int, mailbox: Mailbox) -> Matched | None:
    """The address of a mail's header: compared without case, the oldest contact counts, an unknown
    one becomes a contact, named by its display name, of the segment's administrator. None: there is
    no address at all.

    Whatever stands in the header is taken as it is, without `@` too (X.500 names, garbage)."""
    address = mailbox.address.strip()[:LONGEST_ADDRESS]
    if not address:
        return None
    known = rows.address_by_key(tx, segment_id, key(address))
    if known is not None:
        return Matched(known.id, known.contact_id)
    name = " ".join(mailbox.name.split())[:LONGEST] or address[:LONGEST]
    contact_id = rows.add(tx, segment_id, name, people.administrator(tx, segment_id))
    address_id = rows.add_address(tx, segment_id, contact_id, address, key(address))
    return Matched(address_id, contact_id)


def known_or_new(tx: Tx, segment_id: int, address_or_number: str) -> int:
    """The id of an e-mail address or phone number, of the oldest contact that has it; what nobody
    has becomes a contact of the segment's administrator, named by it. Raises Mistake for what is
    neither."""
    is_number = is_phone(address_or_number)
    wanted = phone_key(address_or_number) if is_number else key(address_or_number)
    known = rows.address_by_key(tx, segment_id, wanted)
    if known is not None:
        return known.id
    check = checked_phone if is_number else checked_address
    kept = check(address_or_number)
    owner_id = people.administrator(tx, segment_id)
    contact_id = rows.add(tx, segment_id, kept[:LONGEST], owner_id)
    if is_number:
        return rows.add_address(tx, segment_id, contact_id, kept, wanted, KIND)
    return rows.add_address(tx, segment_id, contact_id, kept, wanted)


def address_keys(address_or_number: str) -> tuple[str, ...]:
    """By which it is known, where somebody names it: a mail's address may be all digits, too."""
    found = (key(address_or_number),)
    return (phone_key(address_or_number), *found) if is_phone(address_or_number) else found


def checked_address(address: str) -> str:
    """An e-mail address, or an X.500 name as Exchange writes it (`/O=EXAMPLE/CN=ERIKA`), as it is
    kept. Raises Mistake."""
    kept = address.strip()
    if not (kept.startswith("/") and "=" in kept):
        return checked_email(address)
    if len(kept) > LONGEST_ADDRESS:
        raise Mistake(f"The address is longer than {LONGEST_ADDRESS} characters.")
    if not kept.isprintable():
        raise Mistake("The address holds control characters.")
    return kept


def _check_parts(is_customer: bool, is_staff: bool) -> None:
    if not (is_customer or is_staff):
        raise Mistake("A contact is customer, staff or both.")


def _known(tx: Tx, segment_id: int, address_or_number: str) -> rows.AddressRow | None:
    found = (rows.address_by_key(tx, segment_id, one) for one in address_keys(address_or_number))
    return next((one for one in found if one is not None), None)


def _numbers(tx: Tx, contact_id: int) -> dict[str, int]:
    """key -> id"""
    found = rows.addresses_of(tx, contact_id)
    return {phone_key(one.address): one.id for one in found if one.kind == KIND}


def _remove_number(tx: Tx, contact: Contact, number: str) -> None:
    address_id = _numbers(tx, contact.id).get(phone_key(number))
    if address_id is None:
        raise Mistake(f"{quoted(contact.name)} has no number {quoted(number)}.")
    got = address_rows.got_by(tx, address_id)
    if got is not None:
        raise Mistake(f"{quoted(number)} is a recipient of #{got}, which keeps it.")
    address_rows.remove(tx, address_id)


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

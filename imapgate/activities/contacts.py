"""Contacts and the addresses by which mails find them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.names import LONGEST, Mistake, checked, checked_email, key, storable
from imapgate.mime.mail import Mailbox
from storage import Tx, people
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
) -> Contact:
    """Owned by the segment's administrator. An address may stand with other contacts as well.
    Raises Mistake."""
    kept = checked(name, "contact name")
    wanted = [checked_address(one) for one in addresses]
    _check_parts(is_customer, is_staff)
    owner_id = people.administrator(tx, segment_id)
    contact_id = rows.add(tx, segment_id, kept, owner_id, is_customer, is_staff)
    for address in wanted:
        add_address(tx, segment_id, contact_id, address)
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
) -> Contact:
    """The contact now. addresses: beside those that it has. None: stays as it is. Raises
    Mistake."""
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
    return contact_by_id(tx, found.id)


def add_address(tx: Tx, segment_id: int, contact_id: int, address: str) -> None:
    """One more address of a contact; one that it has already stays. Raises Mistake for what is
    none."""
    kept = checked_address(address)
    known = {key(one.address) for one in rows.addresses_of(tx, contact_id)}
    if key(kept) not in known:
        rows.add_address(tx, segment_id, contact_id, kept, key(kept))


def contact_by_id(tx: Tx, contact_id: int) -> Contact:
    row = rows.by_id(tx, contact_id)
    return _contact(row, [one.address for one in rows.addresses_of(tx, contact_id)])


def list_contacts(tx: Tx, segment_id: int) -> list[Contact]:
    """By name."""
    addresses: dict[int, list[str]] = {}
    for row in rows.addresses_of_segment(tx, segment_id):
        addresses.setdefault(row.contact_id, []).append(row.address)
    return [_contact(row, addresses.get(row.id, ())) for row in rows.of_segment(tx, segment_id)]


def find_contact(tx: Tx, segment_id: int, name_or_address: str) -> int:
    """The id of the oldest contact with that address or exactly that name. Raises Mistake."""
    known = rows.address_by_key(tx, segment_id, key(name_or_address))
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


def _contact(row: rows.ContactRow, addresses: Sequence[str]) -> Contact:
    return Contact(row.id, row.name, row.owner, tuple(addresses), row.is_customer, row.is_staff)

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
    """owner: a user's name."""

    id: int
    name: str
    owner: str | None
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    address_id: int
    contact_id: int


def add_contact(tx: Tx, segment_id: int, name: str, addresses: Sequence[str] = ()) -> Contact:
    """Owned by the segment's administrator. An address may stand with other contacts as well.
    Raises Mistake."""
    kept = checked(name, "contact name")
    wanted = {key(one): one for one in map(checked_email, addresses)}
    owner_id = people.administrator(tx, segment_id)
    contact_id = rows.add(tx, segment_id, kept, owner_id)
    for address_key, address in wanted.items():
        rows.add_address(tx, segment_id, contact_id, address, address_key)
    owner = people.principal_by_id(tx, owner_id) if owner_id else None
    return Contact(contact_id, kept, owner.name if owner else None, tuple(wanted.values()))


def list_contacts(tx: Tx, segment_id: int) -> list[Contact]:
    """By name."""
    addresses: dict[int, list[str]] = {}
    for row in rows.addresses_of_segment(tx, segment_id):
        addresses.setdefault(row.contact_id, []).append(row.address)
    return [
        Contact(contact_id, name, owner, tuple(addresses.get(contact_id, ())))
        for contact_id, name, owner in rows.of_segment(tx, segment_id)
    ]


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

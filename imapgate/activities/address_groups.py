"""Address groups: mails' addresses and phone numbers of contacts under one name, as a recipient."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.activities import contacts, phones
from imapgate.activities.contact_addresses import address_keys
from imapgate.activities.names import Mistake, checked, key, quoted
from storage import Tx, addresses
from storage import address_groups as rows

MOST_MEMBERS = 1000
SHOWN = 5
"""Activities that are named where a group can't be removed."""


@dataclass(frozen=True, slots=True)
class Member:
    """kind: email, phone. contact: whose address it is."""

    address: str
    kind: str
    contact: str


@dataclass(frozen=True, slots=True)
class AddressGroup:
    id: int
    name: str
    members: tuple[Member, ...]


def add_group(tx: Tx, segment_id: int, name: str) -> AddressGroup:
    """Without members. Raises Mistake: a name that is one's already, or could be an address."""
    kept = checked(name, "address group's name")
    if "@" in kept or kept.startswith("/") or phones.is_phone(kept):
        raise Mistake(f"{quoted(kept)} could be an address or a phone number, and so is no name.")
    if rows.by_key(tx, segment_id, key(kept)) is not None:
        raise Mistake(f"There is already an address group {quoted(kept)}.")
    return AddressGroup(rows.add(tx, segment_id, kept, key(kept)), kept, ())


def list_groups(tx: Tx, segment_id: int) -> list[tuple[str, int]]:
    """(name, number of members), by name."""
    return [(row.name, members) for row, members in rows.of_segment(tx, segment_id)]


def find_group(tx: Tx, segment_id: int, name: str) -> AddressGroup:
    """Case ignored. Raises Mistake."""
    row = rows.by_key(tx, segment_id, key(name))
    if row is None:
        raise Mistake(f"There is no address group {quoted(name)}.")
    members = rows.members(tx, row.id, MOST_MEMBERS)
    return AddressGroup(
        row.id, row.name, tuple(Member(one.address, one.kind, one.contact) for one in members)
    )


def add_member(tx: Tx, segment_id: int, name: str, address: str) -> AddressGroup:
    """address: an e-mail address or a phone number; one that no contact has becomes a contact's.
    A member that it is already stays. Raises Mistake."""
    group = find_group(tx, segment_id, name)
    address_id = contacts.known_or_new(tx, segment_id, address)
    if not rows.is_member(tx, group.id, address_id):
        if len(group.members) >= MOST_MEMBERS:
            raise Mistake(f"{quoted(group.name)} has {MOST_MEMBERS} members: there is no room.")
        rows.add_member(tx, group.id, address_id)
    return find_group(tx, segment_id, name)


def remove_member(tx: Tx, segment_id: int, name: str, address: str) -> AddressGroup:
    """Raises Mistake: no such group, or no such member."""
    group = find_group(tx, segment_id, name)
    members = [one.address_id for one in rows.members(tx, group.id, MOST_MEMBERS)]
    keys = addresses.keys_of(tx, members)
    gone = [one for one in members if keys[one] in address_keys(address)]
    if not gone:
        raise Mistake(f"{quoted(address)} is no member of {quoted(group.name)}.")
    for one in gone:
        rows.remove_member(tx, group.id, one)
    return find_group(tx, segment_id, name)


def remove_group(tx: Tx, segment_id: int, name: str) -> AddressGroup:
    """The group as it was. Closed activities lose it as a recipient: what was sent is on their
    record. Raises Mistake: no such group, or it is a recipient of an open activity."""
    group = find_group(tx, segment_id, name)
    numbers = rows.open_with(tx, group.id, SHOWN + 1)
    if numbers:
        shown = ", ".join(f"#{one}" for one in numbers[:SHOWN])
        more = " and others" if len(numbers) > SHOWN else ""
        raise Mistake(
            f"{quoted(group.name)} is a recipient of {shown}{more}: close these first, or remove "
            "it there."
        )
    rows.remove(tx, group.id)
    return group

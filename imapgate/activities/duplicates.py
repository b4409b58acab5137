"""Contacts that may be one person's: those that share an address, and those of one name whose
addresses are of one domain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imapgate.activities.contacts import Contact, contact_by_id, list_contacts
from imapgate.activities.exchange_names import address_key
from imapgate.activities.names import key
from imapgate.activities.phones import phone_key
from storage import Tx, merging


@dataclass(frozen=True, slots=True)
class Alike:
    """contacts: the one to keep first: a user's, else the oldest. why: what they have in common."""

    contacts: tuple[Contact, ...]
    why: tuple[str, ...]


def duplicates(tx: Tx, segment_id: int) -> list[Alike]:
    """By name of the one to keep. Looks at all contacts of the segment."""
    known = list_contacts(tx, segment_id)
    having: dict[str, list[int]] = {}
    for one in known:
        for what in _marks(one):
            having.setdefault(what, []).append(one.id)
    leads = {one.id: one.id for one in known}
    for ids in having.values():
        for other in ids[1:]:
            leads[_lead(leads, other)] = _lead(leads, ids[0])
    together: dict[int, list[int]] = {}
    for contact_id in leads:
        together.setdefault(_lead(leads, contact_id), []).append(contact_id)
    why: dict[int, list[str]] = {}
    for what, ids in having.items():
        if len(ids) > 1:
            why.setdefault(_lead(leads, ids[0]), []).append(what)
    found = [
        Alike(_in_order(tx, ids), tuple(why[lead])) for lead, ids in together.items() if lead in why
    ]
    return sorted(found, key=lambda one: key(one.contacts[0].name))


def _marks(contact: Contact) -> Iterator[str]:
    """What two contacts of one person have alike; each once."""
    yield from dict.fromkeys(address_key(one) for one in contact.addresses)
    yield from dict.fromkeys(phone_key(one) for one in contact.numbers)
    domains = (key(one).rpartition("@") for one in contact.addresses)
    for domain in dict.fromkeys(domain for _, at, domain in domains if at):
        yield f'"{key(contact.name)}" at {domain}'


def _lead(leads: dict[int, int], one: int) -> int:
    while leads[one] != one:
        leads[one] = leads[leads[one]]
        one = leads[one]
    return one


def _in_order(tx: Tx, contact_ids: list[int]) -> tuple[Contact, ...]:
    ids = [one.id for one in merging.traits(tx, contact_ids)]
    ids.sort(key=lambda one: not merging.users(tx, [one]))
    return tuple(contact_by_id(tx, one) for one in ids)

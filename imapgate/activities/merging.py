"""Several contacts of one person become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.contact_addresses import address_keys, bring
from imapgate.activities.contacts import (
    BY_ID,
    Contact,
    contact_by_id,
    find_contact,
    named_by_address,
)
from imapgate.activities.names import Mistake, quoted
from imapgate.activities.process_plans import EMAIL_CLASS
from storage import Tx, activities, settings_history
from storage import contacts as contact_rows
from storage import merging as rows

MOST_AT_ONCE = 100
"""Contacts that go into one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a merge does. kept: as it is before; name: as it is called then; others: those that go.
    user: whose contact it is then, None: nobody's. mails, reported, follow_ups, groups: of the
    others (storage.merging.Counts)."""

    kept: Contact
    name: str
    others: tuple[Contact, ...]
    user: str | None
    mails: int
    reported: int
    follow_ups: int
    groups: int


def plan(tx: Tx, segment_id: int, kept: str, others: Sequence[str]) -> Plan:
    """kept, others: as contacts.find_contact takes them. Raises Mistake: unknown, twice the same,
    too many, and contacts of several users."""
    kept_id = find_contact(tx, segment_id, kept)
    ids: list[int] = []
    for one in others:
        found = find_contact(tx, segment_id, one)
        if found == kept_id or found in ids:
            raise Mistake(
                f"{quoted(one)} is a contact that was named before: `imapgate contact duplicates` "
                "shows each one's id."
            )
        ids.append(found)
    if not ids:
        raise Mistake("Say which contacts go into that one.")
    if len(ids) > MOST_AT_ONCE:
        raise Mistake(f"At most {MOST_AT_ONCE} contacts can be merged into one at once.")
    users = users_of(tx, [kept_id, *ids])
    if len(users) > 1:
        raise Mistake(f"These are contacts of several users: {', '.join(users)}.")
    counts = rows.counts(tx, ids)
    return Plan(
        contact_by_id(tx, kept_id),
        _name(tx, kept_id, ids),
        tuple(contact_by_id(tx, one) for one in ids),
        users[0] if users else None,
        counts.mails,
        counts.reported,
        counts.follow_ups,
        counts.groups,
    )


def merge(
    tx: Tx, segment_id: int, kept: str, others: Sequence[str], who: str, reason: str = ""
) -> Contact:
    """Does what `plan` tells, as things stand now, and gives the one that is left. who, reason: for
    the settings history. Raises Mistake."""
    planned = plan(tx, segment_id, kept, others)
    take_in(tx, planned.kept.id, [one.id for one in planned.others])
    contact_rows.change(tx, planned.kept.id, by_hand=True)
    gone = [_told(one) for one in planned.others]
    subject = f"contact {planned.name}"
    changes = {"merged into it": (gone, None)}
    settings_history.record(tx, segment_id, who, subject, changes, reason)
    if planned.user is not None:
        tx.touch_people()
    return contact_by_id(tx, planned.kept.id)


def move(
    tx: Tx, segment_id: int, address: str, contact: str, who: str, reason: str = ""
) -> Contact:
    """An address or number leaves the oldest other contact that has it for this one, which is given
    back, with the mails and groups that name it. Raises Mistake."""
    contact_id = find_contact(tx, segment_id, contact)
    held = [
        one
        for each in address_keys(address)
        for one in contact_rows.by_key(tx, segment_id, each)
        if one.contact_id != contact_id
    ]
    if not held:
        raise Mistake(f"No other contact has {quoted(address)}.")
    bring(tx, held[0], contact_id)
    for one in (contact_id, held[0].contact_id):
        contact_rows.change(tx, one, by_hand=True)
    now = contact_by_id(tx, contact_id)
    before = f"{held[0].contact} ({BY_ID}{held[0].contact_id})"
    changes = {held[0].address: (before, f"{now.name} ({BY_ID}{now.id})")}
    settings_history.record(tx, segment_id, who, f"contact {now.name}", changes, reason)
    return now


def users_of(tx: Tx, contact_ids: Sequence[int]) -> list[str]:
    """Names of the users whose contacts they are."""
    return rows.users(tx, contact_ids)


def take_in(tx: Tx, kept_id: int, other_ids: Sequence[int]) -> None:
    """All that names the others names the kept one, which gets their addresses, numbers and marks,
    and is found where one of them was. Activities that show them are marked as changed."""
    name = _name(tx, kept_id, other_ids)
    for other_id in other_ids:
        for address in contact_rows.addresses_of(tx, other_id):
            bring(tx, address, kept_id)
    told_of = rows.told_of(tx, other_ids, EMAIL_CLASS)
    rows.replace(tx, other_ids, kept_id)
    for activity_id in told_of:
        activities.change(tx, activity_id)
    every = rows.traits(tx, [kept_id, *other_ids])
    formats = {one.id: one.mail_format for one in every}
    rows.change(
        tx,
        kept_id,
        name=name,
        # Of an address that a third one has as well, the oldest counts: that may have been this.
        created_at=every[0].created_at,
        is_customer=any(one.is_customer for one in every),
        is_staff=any(one.is_staff for one in every),
        mail_format=next(
            (formats[one] for one in (kept_id, *other_ids) if formats[one] is not None), None
        ),
    )
    rows.remove(tx, other_ids)


def _name(tx: Tx, kept_id: int, other_ids: Sequence[int]) -> str:
    """The kept one's; where that is nothing but an address, the first name that is more."""
    name = contact_rows.name(tx, kept_id)
    if not named_by_address(tx, kept_id):
        return name
    better = (contact_rows.name(tx, one) for one in other_ids if not named_by_address(tx, one))
    return next(better, name)


def _told(contact: Contact) -> str:
    addresses = ", ".join((*contact.addresses, *contact.numbers)) or "-"
    return f"{contact.name} ({BY_ID}{contact.id}): {addresses}"

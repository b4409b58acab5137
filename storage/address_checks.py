"""Whether contacts' addresses and address groups stay within one segment. One plain sentence for
each row that is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import func, select

from storage.checks import walk
from storage.engine import Database
from storage.schema import (
    activity,
    address_group,
    address_group_member,
    contact,
    email_address,
    email_recipient_group,
)


def contacts(db: Database) -> Iterator[str]:
    """Their addresses, of which one may be the first."""
    owned = select(
        email_address.c.id,
        email_address.c.address,
        contact.c.name,
        (email_address.c.segment_id != contact.c.segment_id).label("foreign"),
    ).join_from(email_address, contact, contact.c.id == email_address.c.contact_id)
    for row in walk(db, owned, email_address.c.id):
        if row.foreign:
            yield f'{row.address} of contact "{row.name}" is of another segment.'
    first = (
        select(contact.c.id, contact.c.name, func.count().label("first"))
        .join_from(contact, email_address, email_address.c.contact_id == contact.c.id)
        .where(email_address.c.is_first)
        .group_by(contact.c.id, contact.c.name)
    )
    for row in walk(db, first, contact.c.id):
        if row.first > 1:
            yield f'Contact "{row.name}" has {row.first} first addresses.'


def groups(db: Database) -> Iterator[str]:
    """Members, and the activities that an address group is a recipient of."""
    members = (
        select(
            address_group_member.c.group_id,
            address_group_member.c.address_id,
            address_group.c.name,
            (email_address.c.segment_id != address_group.c.segment_id).label("foreign"),
        )
        .join_from(
            address_group_member,
            address_group,
            address_group.c.id == address_group_member.c.group_id,
        )
        .join(email_address, email_address.c.id == address_group_member.c.address_id)
    )
    for row in walk(
        db, members, address_group_member.c.group_id, address_group_member.c.address_id
    ):
        if row.foreign:
            yield f'Address group "{row.name}" has a member of another segment.'
    named = (
        select(
            email_recipient_group.c.activity_id,
            email_recipient_group.c.group_id,
            email_recipient_group.c.kind,
            activity.c.number,
            (address_group.c.segment_id != activity.c.segment_id).label("foreign"),
        )
        .join_from(
            email_recipient_group, activity, activity.c.id == email_recipient_group.c.activity_id
        )
        .join(address_group, address_group.c.id == email_recipient_group.c.group_id)
    )
    key = (
        email_recipient_group.c.activity_id,
        email_recipient_group.c.group_id,
        email_recipient_group.c.kind,
    )
    for row in walk(db, named, *key):
        if row.foreign:
            yield f"Activity #{row.number} is for an address group of another segment."

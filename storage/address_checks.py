"""Whether address groups stay within one segment. One plain sentence for each row that is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from storage.checks import walk
from storage.engine import Database
from storage.schema import (
    activity,
    address_group,
    address_group_member,
    email_address,
    email_recipient_group,
)


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

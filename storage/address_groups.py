"""Rows of address groups, and of e-mail activities that have one as recipient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, exists, func, insert, select

from storage.engine import Tx
from storage.schema import (
    activity,
    address_group,
    address_group_member,
    contact,
    email_address,
    email_recipient_group,
    process_state,
)


@dataclass(frozen=True, slots=True)
class GroupRow:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class MemberRow:
    """kind: see schema.people.email_address. contact: its name."""

    address_id: int
    address: str
    kind: str
    contact: str
    contact_id: int


def add(tx: Tx, segment_id: int, name: str, name_key: str) -> int:
    made = tx.connection.execute(
        insert(address_group)
        .values(segment_id=segment_id, name=name, name_key=name_key)
        .returning(address_group.c.id)
    )
    return int(made.scalar_one())


def by_key(tx: Tx, segment_id: int, name_key: str) -> GroupRow | None:
    row = tx.connection.execute(
        select(address_group.c.id, address_group.c.name).where(
            address_group.c.segment_id == segment_id, address_group.c.name_key == name_key
        )
    ).first()
    return None if row is None else GroupRow(*row)


def of_segment(tx: Tx, segment_id: int) -> list[tuple[GroupRow, int]]:
    """With the number of its members, by name."""
    found = tx.connection.execute(
        select(
            address_group.c.id,
            address_group.c.name,
            func.count(address_group_member.c.address_id),
        )
        .outerjoin_from(
            address_group,
            address_group_member,
            address_group_member.c.group_id == address_group.c.id,
        )
        .where(address_group.c.segment_id == segment_id)
        .group_by(address_group.c.id)
        .order_by(address_group.c.name_key)
    )
    return [(GroupRow(row[0], row[1]), int(row[2])) for row in found]


def members(tx: Tx, group_id: int, most: int) -> list[MemberRow]:
    """In the order of their addresses' making."""
    found = tx.connection.execute(
        select(
            email_address.c.id,
            email_address.c.address,
            email_address.c.kind,
            contact.c.name,
            contact.c.id,
        )
        .join_from(
            address_group_member,
            email_address,
            email_address.c.id == address_group_member.c.address_id,
        )
        .join(contact, contact.c.id == email_address.c.contact_id)
        .where(address_group_member.c.group_id == group_id)
        .order_by(email_address.c.id)
        .limit(most)
    )
    return [MemberRow(*row) for row in found]


def is_member(tx: Tx, group_id: int, address_id: int) -> bool:
    found = tx.connection.execute(
        select(address_group_member.c.group_id).where(
            address_group_member.c.group_id == group_id,
            address_group_member.c.address_id == address_id,
        )
    )
    return found.first() is not None


def add_member(tx: Tx, group_id: int, address_id: int) -> None:
    """Where it is known not to be one yet."""
    tx.connection.execute(
        insert(address_group_member).values(group_id=group_id, address_id=address_id)
    )


def remove_member(tx: Tx, group_id: int, address_id: int) -> None:
    tx.connection.execute(
        delete(address_group_member).where(
            address_group_member.c.group_id == group_id,
            address_group_member.c.address_id == address_id,
        )
    )


def open_with(tx: Tx, group_id: int, most: int) -> list[int]:
    """Numbers of activities that aren't closed and have the group as recipient."""
    found = tx.connection.execute(
        select(activity.c.number)
        .distinct()
        .join_from(
            email_recipient_group, activity, activity.c.id == email_recipient_group.c.activity_id
        )
        .join(process_state, process_state.c.id == activity.c.state_id)
        .where(email_recipient_group.c.group_id == group_id, ~process_state.c.is_closed)
        .order_by(activity.c.number)
        .limit(most)
    )
    return list(found.scalars())


def remove(tx: Tx, group_id: int) -> None:
    """Members and recipients that it was, too."""
    for table in (email_recipient_group, address_group_member):
        tx.connection.execute(delete(table).where(table.c.group_id == group_id))
    tx.connection.execute(delete(address_group).where(address_group.c.id == group_id))


def as_recipients(tx: Tx, activity_id: int) -> list[tuple[str, GroupRow]]:
    """(kind, group) of an e-mail activity, by name."""
    found = tx.connection.execute(
        select(email_recipient_group.c.kind, address_group.c.id, address_group.c.name)
        .join_from(
            email_recipient_group,
            address_group,
            address_group.c.id == email_recipient_group.c.group_id,
        )
        .where(email_recipient_group.c.activity_id == activity_id)
        .order_by(address_group.c.name_key)
    )
    return [(row[0], GroupRow(row[1], row[2])) for row in found]


def set_as_recipients(tx: Tx, activity_id: int, groups: Sequence[tuple[str, int]]) -> None:
    """These and no others. groups: (kind, group id)."""
    tx.connection.execute(
        delete(email_recipient_group).where(email_recipient_group.c.activity_id == activity_id)
    )
    rows = [
        {"activity_id": activity_id, "group_id": group_id, "kind": kind}
        for kind, group_id in groups
    ]
    if rows:
        tx.connection.execute(insert(email_recipient_group), rows)


def holds(tx: Tx, contact_id: int) -> bool:
    """Whether one of the contact's addresses stands in a group."""
    found = select(address_group_member.c.group_id).where(
        exists().where(
            email_address.c.id == address_group_member.c.address_id,
            email_address.c.contact_id == contact_id,
        )
    )
    return tx.connection.execute(found.limit(1)).first() is not None

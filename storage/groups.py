"""Rows of activity groups and memberships."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select, update

from storage.engine import Tx
from storage.schema import (
    activity_group,
    activity_in_group,
    creator_group,
    membership,
    notification,
    principal,
)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """kind: tracker, category or milestone. shows_attachments: see schema.processes."""

    id: int
    segment_id: int
    kind: str
    name: str
    subscribe: bool
    shows_attachments: bool


_GROUP = select(
    activity_group.c.id,
    activity_group.c.segment_id,
    activity_group.c.kind,
    activity_group.c.name,
    activity_group.c.subscribe,
    activity_group.c.shows_attachments,
)


# Built once: every drop runs some of them.
_ROLE = select(membership.c.role).where(
    membership.c.principal_id == bindparam("principal_id"),
    membership.c.group_id == bindparam("group_id"),
)
_BY_ID = _GROUP.where(activity_group.c.id == bindparam("group_id"))
_ROLES = select(membership.c.group_id, membership.c.role).where(
    membership.c.principal_id == bindparam("principal_id")
)


def add(tx: Tx, segment_id: int, kind: str, name: str, name_key: str, subscribe: bool) -> int:
    """The row id of a new group."""
    made = tx.connection.execute(
        insert(activity_group)
        .values(
            segment_id=segment_id,
            kind=kind,
            name=name,
            name_key=name_key,
            subscribe=subscribe,
            created_at=tx.now,
        )
        .returning(activity_group.c.id)
    )
    return int(made.scalar_one())


def by_id(tx: Tx, group_id: int) -> GroupRow | None:
    row = tx.connection.execute(_BY_ID, {"group_id": group_id}).first()
    return None if row is None else GroupRow(*row)


def by_key(tx: Tx, segment_id: int, name_key: str) -> list[GroupRow]:
    """At most one of each kind."""
    found = tx.connection.execute(
        _GROUP.where(
            activity_group.c.segment_id == segment_id, activity_group.c.name_key == name_key
        ).order_by(activity_group.c.id)
    )
    return [GroupRow(*row) for row in found]


def of_segment(tx: Tx, segment_id: int) -> list[GroupRow]:
    """In the order of their making."""
    found = tx.connection.execute(
        _GROUP.where(activity_group.c.segment_id == segment_id).order_by(activity_group.c.id)
    )
    return [GroupRow(*row) for row in found]


def rename(tx: Tx, group_id: int, name: str, name_key: str) -> None:
    tx.connection.execute(
        update(activity_group)
        .where(activity_group.c.id == group_id)
        .values(name=name, name_key=name_key)
    )


def show_attachments(tx: Tx, group_id: int, shows: bool) -> None:
    """Whether the messages of its activities have their media as parts."""
    tx.connection.execute(
        update(activity_group)
        .where(activity_group.c.id == group_id)
        .values(shows_attachments=shows)
    )


def remove(tx: Tx, group_id: int) -> None:
    """With its memberships, its places in creators and activities, and what people wanted to be
    told of it; who files there what they send files it nowhere from now on."""
    tx.connection.execute(
        update(principal).where(principal.c.sent_group_id == group_id).values(sent_group_id=None)
    )
    for table in (membership, creator_group, activity_in_group, notification):
        tx.connection.execute(delete(table).where(table.c.group_id == group_id))
    tx.connection.execute(delete(activity_group).where(activity_group.c.id == group_id))


def roles_of(tx: Tx, principal_id: int) -> list[tuple[int, str]]:
    """(group id, role) of each membership."""
    found = tx.connection.execute(_ROLES, {"principal_id": principal_id})
    return [(row[0], row[1]) for row in found]


def role_of(tx: Tx, principal_id: int, group_id: int) -> str | None:
    found: str | None = tx.connection.execute(
        _ROLE, {"principal_id": principal_id, "group_id": group_id}
    ).scalar()
    return found


def members(tx: Tx, group_id: int) -> list[tuple[str, str]]:
    """(principal's name, role), by name."""
    found = tx.connection.execute(
        select(principal.c.name, membership.c.role)
        .join_from(membership, principal, principal.c.id == membership.c.principal_id)
        .where(membership.c.group_id == group_id)
        .order_by(principal.c.name_key)
    )
    return [(row[0], row[1]) for row in found]


def member_ids(tx: Tx, group_id: int) -> list[int]:
    """Of principals."""
    found = tx.connection.execute(
        select(membership.c.principal_id).where(membership.c.group_id == group_id)
    )
    return list(found.scalars())


def set_member(tx: Tx, group_id: int, principal_id: int, role: str) -> bool:
    """Whether the membership is new (else only its role was set)."""
    known = role_of(tx, principal_id, group_id)
    if known is None:
        tx.connection.execute(
            insert(membership).values(group_id=group_id, principal_id=principal_id, role=role)
        )
        return True
    tx.connection.execute(
        update(membership)
        .where(membership.c.group_id == group_id, membership.c.principal_id == principal_id)
        .values(role=role)
    )
    return False


def remove_member(tx: Tx, group_id: int, principal_id: int) -> bool:
    """Whether there was such a membership."""
    done = tx.connection.execute(
        delete(membership).where(
            membership.c.group_id == group_id, membership.c.principal_id == principal_id
        )
    )
    return done.rowcount > 0

"""Rows of activity creators and of the groups that they serve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, exists, insert, or_, select, update

from storage.engine import Tx
from storage.schema import (
    activity,
    activity_creator,
    activity_type,
    creator_group,
    membership,
    segment,
)


@dataclass(frozen=True, slots=True)
class CreatorRow:
    """type and activity_class: of its activity type. assigned_to_id: a principal."""

    id: int
    segment_id: int
    name: str
    type_id: int
    type: str
    activity_class: str
    priority: int
    assigned_to_id: int | None
    follow_up_transition: str | None


_CREATOR = select(
    activity_creator.c.id,
    activity_creator.c.segment_id,
    activity_creator.c.name,
    activity_creator.c.type_id,
    activity_type.c.name.label("type"),
    activity_type.c.activity_class,
    activity_creator.c.priority,
    activity_creator.c.assigned_to_id,
    activity_creator.c.follow_up_transition,
).join_from(activity_creator, activity_type, activity_type.c.id == activity_creator.c.type_id)


# Built once: every drop runs some of them.
_OF_GROUP = (
    _CREATOR.join(creator_group, creator_group.c.creator_id == activity_creator.c.id)
    .where(creator_group.c.group_id == bindparam("group_id"))
    .order_by(activity_creator.c.id)
)
_SEEN_BY = _CREATOR.where(
    activity_creator.c.segment_id == bindparam("of_segment"),
    or_(
        ~exists().where(creator_group.c.creator_id == activity_creator.c.id),
        exists().where(
            creator_group.c.creator_id == activity_creator.c.id,
            membership.c.group_id == creator_group.c.group_id,
            membership.c.principal_id == bindparam("of_principal"),
        ),
    ),
).order_by(activity_creator.c.id)
_BY_ID = _CREATOR.where(activity_creator.c.id == bindparam("creator_id"))
_BY_KEY = _CREATOR.where(
    activity_creator.c.segment_id == bindparam("of_segment"),
    activity_creator.c.name_key == bindparam("key"),
)
_GROUPS_OF = (
    select(creator_group.c.group_id)
    .where(creator_group.c.creator_id == bindparam("creator_id"))
    .order_by(creator_group.c.group_id)
)


def add(
    tx: Tx,
    segment_id: int,
    name: str,
    name_key: str,
    type_id: int,
    priority: int,
    assigned_to_id: int | None,
    follow_up_transition: str | None,
    group_ids: Sequence[int],
) -> int:
    made = tx.connection.execute(
        insert(activity_creator)
        .values(
            segment_id=segment_id,
            name=name,
            name_key=name_key,
            type_id=type_id,
            priority=priority,
            assigned_to_id=assigned_to_id,
            follow_up_transition=follow_up_transition,
        )
        .returning(activity_creator.c.id)
    )
    creator_id = int(made.scalar_one())
    set_groups(tx, creator_id, group_ids)
    return creator_id


def change(tx: Tx, creator_id: int, **columns: str | int | None) -> None:
    """columns: of activity_creator, by name."""
    tx.connection.execute(
        update(activity_creator).where(activity_creator.c.id == creator_id).values(**columns)
    )


def set_groups(tx: Tx, creator_id: int, group_ids: Sequence[int]) -> None:
    """The creator serves these groups and no others."""
    tx.connection.execute(delete(creator_group).where(creator_group.c.creator_id == creator_id))
    rows = [{"creator_id": creator_id, "group_id": one} for one in dict.fromkeys(group_ids)]
    if rows:
        tx.connection.execute(insert(creator_group), rows)


def remove(tx: Tx, creator_id: int) -> None:
    """Its activities and its segment no longer name it."""
    tx.connection.execute(
        update(activity).where(activity.c.creator_id == creator_id).values(creator_id=None)
    )
    tx.connection.execute(
        update(segment)
        .where(segment.c.default_creator_id == creator_id)
        .values(default_creator_id=None)
    )
    tx.connection.execute(delete(creator_group).where(creator_group.c.creator_id == creator_id))
    tx.connection.execute(delete(activity_creator).where(activity_creator.c.id == creator_id))


def by_id(tx: Tx, creator_id: int) -> CreatorRow:
    return CreatorRow(*tx.connection.execute(_BY_ID, {"creator_id": creator_id}).one())


def by_key(tx: Tx, segment_id: int, name_key: str) -> CreatorRow | None:
    row = tx.connection.execute(_BY_KEY, {"of_segment": segment_id, "key": name_key}).first()
    return None if row is None else CreatorRow(*row)


def of_segment(tx: Tx, segment_id: int) -> list[CreatorRow]:
    """In the order of their making."""
    found = tx.connection.execute(
        _CREATOR.where(activity_creator.c.segment_id == segment_id).order_by(activity_creator.c.id)
    )
    return [CreatorRow(*row) for row in found]


def seen_by(tx: Tx, segment_id: int, principal_id: int | None) -> list[CreatorRow]:
    """Those of the principal's groups, and those that serve no group; of the segment all (None).
    In the order of their making."""
    if principal_id is None:
        return of_segment(tx, segment_id)
    wanted = {"of_segment": segment_id, "of_principal": principal_id}
    return [CreatorRow(*row) for row in tx.connection.execute(_SEEN_BY, wanted)]


def of_group(tx: Tx, group_id: int) -> list[CreatorRow]:
    """In the order of their making."""
    found = tx.connection.execute(_OF_GROUP, {"group_id": group_id})
    return [CreatorRow(*row) for row in found]


def groups_of(tx: Tx, creator_id: int) -> list[int]:
    """Ids of the groups that it serves, ascending."""
    return list(tx.connection.execute(_GROUPS_OF, {"creator_id": creator_id}).scalars())

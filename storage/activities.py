"""Rows of activities: groups, links, follow-ups, notes, media."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, exists, func, insert, select, update

from storage import revisions
from storage.engine import Tx
from storage.schema import (
    activity,
    activity_creator,
    activity_group,
    activity_in_group,
    activity_type,
    media,
    membership,
    note,
    process_state,
)


@dataclass(frozen=True, slots=True)
class NewActivity:
    """Columns of a new activity; what isn't here starts empty."""

    segment_id: int
    number: int
    type_id: int
    creator_id: int | None
    name: str
    description: str
    detailed_description: str
    state_id: int
    priority: int
    reporting_contact_id: int | None
    assigned_to_id: int | None
    created_by_id: int | None


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """state, is_closed, activity_class, type: of its state and type. Times: seconds since 1970
    UTC. follow_up_transition: its creator's, else its type's."""

    id: int
    segment_id: int
    number: int
    type_id: int
    type: str
    activity_class: str
    creator_id: int | None
    name: str
    description: str
    detailed_description: str
    state_id: int
    state: str
    is_closed: bool
    percent_complete: int
    priority: int
    reporting_contact_id: int | None
    assigned_to_id: int | None
    created_by_id: int | None
    created_at: int
    modified_at: int
    due_at: int | None
    actual_start: int | None
    actual_end: int | None
    follow_up_transition: str | None


@dataclass(frozen=True, slots=True)
class MediaRow:
    """section: the part's number in the stored message; size: decoded octets."""

    name: str
    content_type: str
    size: int
    stored_message_id: int
    section: str
    content_id: str | None
    inline: bool


_ACTIVITY = (
    select(
        activity.c.id,
        activity.c.segment_id,
        activity.c.number,
        activity.c.type_id,
        activity_type.c.name.label("type"),
        activity_type.c.activity_class,
        activity.c.creator_id,
        activity.c.name,
        activity.c.description,
        activity.c.detailed_description,
        activity.c.state_id,
        process_state.c.name.label("state"),
        process_state.c.is_closed,
        activity.c.percent_complete,
        activity.c.priority,
        activity.c.reporting_contact_id,
        activity.c.assigned_to_id,
        activity.c.created_by_id,
        activity.c.created_at,
        activity.c.modified_at,
        activity.c.due_at,
        activity.c.actual_start,
        activity.c.actual_end,
        func.coalesce(
            activity_creator.c.follow_up_transition, activity_type.c.follow_up_transition
        ),
    )
    .join_from(activity, activity_type, activity_type.c.id == activity.c.type_id)
    .join(process_state, process_state.c.id == activity.c.state_id)
    .outerjoin(activity_creator, activity_creator.c.id == activity.c.creator_id)
)


# Built once: every drop runs some of them.
_ADD = insert(activity).returning(activity.c.id)
_PUT_INTO_GROUP = insert(activity_in_group)
_ADD_NOTE = insert(note)
_ADD_MEDIA = insert(media)
_MEDIA_OF = (
    select(
        media.c.name,
        media.c.content_type,
        media.c.size,
        media.c.stored_message_id,
        media.c.section,
        media.c.content_id,
        media.c.inline,
    )
    .where(media.c.activity_id == bindparam("of_activity"))
    .order_by(media.c.id)
)
_BY_ID = _ACTIVITY.where(activity.c.id == bindparam("activity_id"))
_BY_NUMBER = _ACTIVITY.where(
    activity.c.segment_id == bindparam("of_segment"), activity.c.number == bindparam("wanted")
)
_CHANGE = update(activity).where(activity.c.id == bindparam("of_activity"))
_GROUPS_OF = (
    select(activity_group.c.id, activity_group.c.name)
    .join_from(
        activity_in_group, activity_group, activity_group.c.id == activity_in_group.c.group_id
    )
    .where(activity_in_group.c.activity_id == bindparam("activity_id"))
    .order_by(activity_group.c.id)
)
_REMOVE_FROM_GROUP = delete(activity_in_group).where(
    activity_in_group.c.activity_id == bindparam("of_activity"),
    activity_in_group.c.group_id == bindparam("of_group"),
)
_IN_GROUP = select(activity_in_group.c.group_id).where(
    activity_in_group.c.activity_id == bindparam("activity_id"),
    activity_in_group.c.group_id == bindparam("group_id"),
)
_SHARES_GROUP = (
    select(membership.c.group_id)
    .join_from(membership, activity_in_group, activity_in_group.c.group_id == membership.c.group_id)
    .where(
        membership.c.principal_id == bindparam("principal_id"),
        activity_in_group.c.activity_id == bindparam("activity_id"),
    )
    .limit(1)
)


def add(tx: Tx, new: NewActivity) -> int:
    """The row id of a new activity at 0 percent, made and modified now."""
    made = tx.connection.execute(
        _ADD,
        {
            "segment_id": new.segment_id,
            "number": new.number,
            "type_id": new.type_id,
            "creator_id": new.creator_id,
            "name": new.name,
            "description": new.description,
            "detailed_description": new.detailed_description,
            "state_id": new.state_id,
            "priority": new.priority,
            "reporting_contact_id": new.reporting_contact_id,
            "assigned_to_id": new.assigned_to_id,
            "created_by_id": new.created_by_id,
            "percent_complete": 0,
            "created_at": tx.now,
            "modified_at": tx.now,
        },
    )
    return int(made.scalar_one())


def by_id(tx: Tx, activity_id: int) -> ActivityRow:
    return _row(tx.connection.execute(_BY_ID, {"activity_id": activity_id}).one())


def by_number(tx: Tx, segment_id: int, number: int) -> ActivityRow | None:
    row = tx.connection.execute(_BY_NUMBER, {"of_segment": segment_id, "wanted": number}).first()
    return None if row is None else _row(row)


def of_segment(
    tx: Tx,
    segment_id: int,
    *,
    group_id: int | None = None,
    activity_class: str | None = None,
    state: str | None = None,
    is_closed: bool | None = None,
    limit: int | None = None,
) -> list[ActivityRow]:
    """By number, ascending; with a limit the newest ones. None: any."""
    statement = _ACTIVITY.where(activity.c.segment_id == segment_id)
    if group_id is not None:
        statement = statement.where(
            exists().where(
                activity_in_group.c.activity_id == activity.c.id,
                activity_in_group.c.group_id == group_id,
            )
        )
    if activity_class is not None:
        statement = statement.where(activity_type.c.activity_class == activity_class)
    if state is not None:
        statement = statement.where(process_state.c.name == state)
    if is_closed is not None:
        statement = statement.where(process_state.c.is_closed.is_(is_closed))
    statement = statement.order_by(activity.c.number.desc())
    if limit is not None:
        statement = statement.limit(limit)
    return [_row(row) for row in tx.connection.execute(statement)][::-1]


def change(tx: Tx, activity_id: int, **columns: str | int | None) -> None:
    """columns: of activity, by name. Modified now, and marked (storage.revisions)."""
    revisions.mark(tx, activity_id)
    tx.connection.execute(_CHANGE, {"of_activity": activity_id, "modified_at": tx.now, **columns})


def shares_group(tx: Tx, principal_id: int, activity_id: int) -> bool:
    """Whether the principal is a member of one of the activity's groups."""
    found = tx.connection.execute(
        _SHARES_GROUP, {"principal_id": principal_id, "activity_id": activity_id}
    )
    return found.first() is not None


def groups_of(tx: Tx, activity_id: int) -> list[tuple[int, str]]:
    """(id, name) of its groups, oldest group first."""
    found = tx.connection.execute(_GROUPS_OF, {"activity_id": activity_id})
    return [(row[0], row[1]) for row in found]


def group_names(tx: Tx, segment_id: int) -> dict[int, list[str]]:
    """Names of the groups of each activity of the segment that has any."""
    names: dict[int, list[str]] = {}
    found = tx.connection.execute(
        select(activity_in_group.c.activity_id, activity_group.c.name)
        .join_from(
            activity_in_group, activity_group, activity_group.c.id == activity_in_group.c.group_id
        )
        .where(activity_group.c.segment_id == segment_id)
        .order_by(activity_group.c.id)
    )
    for activity_id, name in found:
        names.setdefault(activity_id, []).append(name)
    return names


def in_group(tx: Tx, activity_id: int, group_id: int) -> bool:
    found = tx.connection.execute(_IN_GROUP, {"activity_id": activity_id, "group_id": group_id})
    return found.first() is not None


def add_to_group(tx: Tx, activity_id: int, group_id: int) -> bool:
    """Whether it wasn't there yet."""
    if in_group(tx, activity_id, group_id):
        return False
    put_into_group(tx, activity_id, group_id)
    return True


def put_into_group(tx: Tx, activity_id: int, group_id: int) -> None:
    """Where it is known not to be there yet."""
    tx.connection.execute(_PUT_INTO_GROUP, {"activity_id": activity_id, "group_id": group_id})


def remove_from_group(tx: Tx, activity_id: int, group_id: int) -> None:
    tx.connection.execute(_REMOVE_FROM_GROUP, {"of_activity": activity_id, "of_group": group_id})


def add_note(tx: Tx, activity_id: int, title: str, text: str) -> None:
    tx.connection.execute(
        _ADD_NOTE,
        {"activity_id": activity_id, "title": title, "text": text, "created_at": tx.now},
    )


def set_note(tx: Tx, activity_id: int, title: str, text: str) -> None:
    """Another text for the note of that title; a new one where there is none."""
    changed = tx.connection.execute(
        update(note)
        .where(note.c.activity_id == activity_id, note.c.title == title)
        .values(text=text)
    )
    if not changed.rowcount:
        add_note(tx, activity_id, title, text)


def notes(tx: Tx, activity_id: int) -> list[tuple[str, str]]:
    """(title, text), oldest first."""
    found = tx.connection.execute(
        select(note.c.title, note.c.text)
        .where(note.c.activity_id == activity_id)
        .order_by(note.c.id)
    )
    return [(row[0], row[1]) for row in found]


def add_media(tx: Tx, activity_id: int, parts: Sequence[MediaRow]) -> None:
    rows = [
        {
            "activity_id": activity_id,
            "name": part.name,
            "content_type": part.content_type,
            "size": part.size,
            "stored_message_id": part.stored_message_id,
            "section": part.section,
            "content_id": part.content_id,
            "inline": part.inline,
        }
        for part in parts
    ]
    if rows:
        tx.connection.execute(_ADD_MEDIA, rows)


def media_of(tx: Tx, activity_id: int) -> list[MediaRow]:
    """In the order of their arrival."""
    found = tx.connection.execute(_MEDIA_OF, {"of_activity": activity_id})
    return [MediaRow(*row) for row in found]


def _row(row: Sequence[Any]) -> ActivityRow:
    return ActivityRow(*row)

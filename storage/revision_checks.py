"""Whether activities' messages agree with the activities, and which can't be written. One plain
sentence for each finding; short read transactions, beside a running server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import exists, select

from storage.checks import place, walk
from storage.engine import Database
from storage.schema import (
    activity,
    activity_due,
    activity_group,
    activity_in_group,
    activity_revision,
    activity_type,
    entry,
    folder,
    message,
    principal,
    rendering,
)

_IS_DUE = exists().where(activity_due.c.activity_id == activity.c.id)


def rows(db: Database, email_class: str) -> Iterator[str]:
    """Each stands in a group that the activity is in, and was written of that activity; none is
    missing. What is due is about to be put right. email_class: of activities that are mails."""
    yield from _standing(db)
    yield from _missing(db, email_class)
    yield from _renderings(db)


def waiting(db: Database, before: int) -> Iterator[str]:
    """What couldn't be written, and what has waited since before then (seconds since 1970)."""
    every = select(
        activity_due.c.activity_id,
        activity_due.c.due_at,
        activity_due.c.failures,
        activity.c.number,
    ).join_from(activity_due, activity, activity.c.id == activity_due.c.activity_id)
    late = 0
    for row in walk(db, every, activity_due.c.activity_id):
        if row.failures:
            yield f"The message of #{row.number} can't be written ({row.failures} tries)."
        elif row.due_at < before:
            late += 1
    if late:
        yield (
            f"{late} changed activities have waited for their messages for more than an hour,"
            " or since an upgrade."
        )


def _standing(db: Database) -> Iterator[str]:
    known = exists().where(
        rendering.c.stored_message_id == entry.c.stored_message_id,
        rendering.c.activity_id == entry.c.activity_id,
    )
    belongs = exists().where(
        activity_in_group.c.activity_id == entry.c.activity_id,
        activity_in_group.c.group_id == folder.c.group_id,
    )
    every = (
        select(
            entry.c.folder_id,
            entry.c.uid,
            folder.c.name,
            folder.c.group_id,
            principal.c.name.label("owner"),
            activity.c.number,
            known.label("known"),
            belongs.label("belongs"),
            _IS_DUE.label("is_due"),
        )
        .join_from(entry, folder, folder.c.id == entry.c.folder_id)
        .join(activity, activity.c.id == entry.c.activity_id)
        .outerjoin(principal, principal.c.id == folder.c.owner_id)
        .where(entry.c.rendered)
    )
    for row in walk(db, every, entry.c.folder_id, entry.c.uid):
        where = place(row.uid, row.folder_id, row.name, row.owner)
        if not row.known:
            yield f"{where} was not written of #{row.number}."
        elif row.group_id is not None and not (row.belongs or row.is_due):
            yield f"{where} shows #{row.number}, which is not in that group."


def _missing(db: Database, email_class: str) -> Iterator[str]:
    shown = exists().where(entry.c.activity_id == activity.c.id, entry.c.folder_id == folder.c.id)
    every = (
        select(
            activity_in_group.c.activity_id,
            activity_in_group.c.group_id,
            activity.c.number,
            activity_group.c.name,
            shown.label("shown"),
            _IS_DUE.label("is_due"),
        )
        .join_from(activity_in_group, activity, activity.c.id == activity_in_group.c.activity_id)
        .join(activity_type, activity_type.c.id == activity.c.type_id)
        .join(activity_group, activity_group.c.id == activity_in_group.c.group_id)
        .join(folder, folder.c.group_id == activity_in_group.c.group_id)
        .where(activity_type.c.activity_class != email_class)
    )
    for row in walk(db, every, activity_in_group.c.activity_id, activity_in_group.c.group_id):
        if not (row.shown or row.is_due):
            yield f"#{row.number} has no message in group {row.name}."


def _renderings(db: Database) -> Iterator[str]:
    of_message: Any = message.c.segment_id.label("of_message")
    every = (
        select(
            rendering.c.id,
            rendering.c.segment_id,
            rendering.c.number,
            activity.c.segment_id.label("of_activity"),
            of_message,
            activity_revision.c.number.label("newest"),
        )
        .join_from(rendering, activity, activity.c.id == rendering.c.activity_id)
        .outerjoin(message, message.c.id == rendering.c.stored_message_id)
        .outerjoin(activity_revision, activity_revision.c.activity_id == rendering.c.activity_id)
    )
    for row in walk(db, every, rendering.c.id):
        if {row.of_activity, row.of_message} - {None, row.segment_id}:
            yield f"Rendering {row.id} names something of another segment."
        if row.newest is None or row.number > row.newest:
            yield f"Rendering {row.id} is newer than its activity's newest revision."

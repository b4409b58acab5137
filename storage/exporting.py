"""Rows of mails that are written to files: what stands in a group's folder or belongs to an
activity, in pages."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, exists, func, select

from storage.engine import Tx
from storage.schema import (
    activity,
    activity_in_group,
    email_activity,
    entry,
    folder,
    message,
)


@dataclass(frozen=True, slots=True)
class Mail:
    """number: of its activity, None: it belongs to none. uid, folder_id: of its entry, None: it has
    none. subject: where the activity was made of no mail, its name. flags: shared ones, bits of
    storage.schema. internal_at: seconds since 1970, internal_zone: minutes east."""

    stored_message_id: int
    size: int
    number: int | None
    subject: str
    folder_id: int | None
    uid: int | None
    flags: int
    internal_at: int
    internal_zone: int


_ENTRIES = (
    select(
        entry.c.stored_message_id,
        entry.c.size,
        activity.c.number,
        func.coalesce(email_activity.c.subject, activity.c.name, ""),
        entry.c.folder_id,
        entry.c.uid,
        entry.c.flags,
        entry.c.internal_at,
        entry.c.internal_zone,
    )
    .select_from(entry)
    .outerjoin(activity, activity.c.id == entry.c.activity_id)
    .outerjoin(email_activity, email_activity.c.activity_id == entry.c.activity_id)
)
_EMAILS = (
    select(
        email_activity.c.stored_message_id,
        message.c.size,
        activity.c.number,
        email_activity.c.subject,
        message.c.created_at,
    )
    .join_from(email_activity, activity, activity.c.id == email_activity.c.activity_id)
    .join(message, message.c.id == email_activity.c.stored_message_id)
)


def of_group(tx: Tx, group_id: int, after: int, most: int) -> list[Mail]:
    """The entries of the group's folder behind that UID, in order; activities' messages, too."""
    found = tx.connection.execute(
        _ENTRIES.join(folder, folder.c.id == entry.c.folder_id)
        .where(folder.c.group_id == group_id, entry.c.uid > after)
        .order_by(entry.c.uid)
        .limit(most)
    )
    return [Mail(*row) for row in found]


def of_activity(tx: Tx, activity_id: int) -> list[Mail]:
    """Each of its messages once, as the oldest of its groups' entries has it; in the order of their
    coming."""
    found = tx.connection.execute(
        _ENTRIES.join(folder, folder.c.id == entry.c.folder_id)
        .where(
            entry.c.activity_id == activity_id, ~entry.c.rendered, folder.c.group_id.is_not(None)
        )
        .order_by(entry.c.saved_at, entry.c.folder_id, entry.c.uid)
    )
    mails: dict[int, Mail] = {}
    for row in found:
        mails.setdefault(row[0], Mail(*row))
    own = tx.connection.execute(_EMAILS.where(email_activity.c.activity_id == activity_id)).first()
    if own is not None:
        mails.setdefault(own[0], _without_entry(own))
    return [mails[one] for one in sorted(mails)]


def without_entry(tx: Tx, group_id: int, after: int, most: int) -> list[Mail]:
    """Mails of the group's activities that stand in none of its entries, behind that number of an
    activity, in order."""
    found = tx.connection.execute(
        _EMAILS.join(activity_in_group, activity_in_group.c.activity_id == activity.c.id)
        .where(
            activity_in_group.c.group_id == group_id,
            activity.c.number > after,
            ~_has_entry(group_id),
        )
        .order_by(activity.c.number)
        .limit(most)
    )
    return [_without_entry(row) for row in found]


def without_mail(tx: Tx, group_id: int, after: int, most: int) -> list[int]:
    """Numbers of the group's activities that were made of no mail, behind that number, in order."""
    found = tx.connection.execute(
        select(activity.c.number)
        .join_from(activity_in_group, activity, activity.c.id == activity_in_group.c.activity_id)
        .where(
            activity_in_group.c.group_id == group_id,
            activity.c.number > after,
            ~exists().where(email_activity.c.activity_id == activity.c.id),
            ~_has_entry(group_id),
        )
        .order_by(activity.c.number)
        .limit(most)
    )
    return list(found.scalars())


def count(tx: Tx, group_id: int) -> int:
    """Entries of the group's folder, and its activities that have none."""
    entries = (
        select(func.count())
        .select_from(entry)
        .join(folder, folder.c.id == entry.c.folder_id)
        .where(folder.c.group_id == group_id)
    )
    others = (
        select(func.count())
        .select_from(activity_in_group)
        .join(activity, activity.c.id == activity_in_group.c.activity_id)
        .where(activity_in_group.c.group_id == group_id, ~_has_entry(group_id))
    )
    return sum(int(tx.connection.execute(one).scalar_one()) for one in (entries, others))


def _has_entry(group_id: int) -> ColumnElement[bool]:
    here = select(folder.c.id).where(folder.c.group_id == group_id).scalar_subquery()
    return exists().where(entry.c.activity_id == activity.c.id, entry.c.folder_id == here)


def _without_entry(row: Row[int, int, int, str, int]) -> Mail:
    stored_message_id, size, number, subject, created_at = row
    return Mail(stored_message_id, size, number, subject, None, None, 0, created_at, 0)

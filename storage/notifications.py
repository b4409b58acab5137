"""Rows of what users want to be told of."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, delete, insert, select

from storage.engine import Tx
from storage.schema import notification


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """group_id, activity_id: of what; both None: of all that its user sees."""

    id: int
    segment_id: int
    principal_id: int
    group_id: int | None
    activity_id: int | None
    events: frozenset[str]
    by_mail: bool
    to_inbox: bool


_ROW = select(
    notification.c.id,
    notification.c.segment_id,
    notification.c.principal_id,
    notification.c.group_id,
    notification.c.activity_id,
    notification.c.events,
    notification.c.by_mail,
    notification.c.to_inbox,
).order_by(notification.c.id)
# Built once: every change of an activity asks for it.
_OF_SEGMENT = _ROW.where(notification.c.segment_id == bindparam("of_segment"))
_OF_PRINCIPAL = _ROW.where(notification.c.principal_id == bindparam("of_principal"))
_WANTED = select(notification.c.events).where(notification.c.segment_id == bindparam("of_segment"))


def wanted(tx: Tx, segment_id: int) -> frozenset[str]:
    """The events that anybody in the segment wants to be told of; looked up once in a
    transaction."""
    known = tx.wanted.get(segment_id)
    if known is None:
        found = tx.connection.execute(_WANTED, {"of_segment": segment_id}).scalars()
        known = frozenset(event for events in found for event in json.loads(events))
        tx.wanted[segment_id] = known
    return known


def add(
    tx: Tx,
    segment_id: int,
    principal_id: int,
    events: Collection[str],
    *,
    group_id: int | None = None,
    activity_id: int | None = None,
    by_mail: bool,
    to_inbox: bool,
) -> int:
    """The row's id."""
    tx.wanted.pop(segment_id, None)
    made = tx.connection.execute(
        insert(notification)
        .values(
            segment_id=segment_id,
            principal_id=principal_id,
            group_id=group_id,
            activity_id=activity_id,
            events=json.dumps(sorted(events)),
            by_mail=by_mail,
            to_inbox=to_inbox,
            created_at=tx.now,
        )
        .returning(notification.c.id)
    )
    return int(made.scalar_one())


def of_segment(tx: Tx, segment_id: int) -> list[NotificationRow]:
    """In the order of their making."""
    return _rows(tx, _OF_SEGMENT, {"of_segment": segment_id})


def of_principal(tx: Tx, principal_id: int) -> list[NotificationRow]:
    """In the order of their making."""
    return _rows(tx, _OF_PRINCIPAL, {"of_principal": principal_id})


def remove(tx: Tx, notification_id: int) -> None:
    tx.wanted.clear()
    tx.connection.execute(delete(notification).where(notification.c.id == notification_id))


def _rows(tx: Tx, statement: Select[Any], given: dict[str, int]) -> list[NotificationRow]:
    return [
        NotificationRow(
            row.id,
            row.segment_id,
            row.principal_id,
            row.group_id,
            row.activity_id,
            frozenset(json.loads(row.events)),
            row.by_mail,
            row.to_inbox,
        )
        for row in tx.connection.execute(statement, given)
    ]

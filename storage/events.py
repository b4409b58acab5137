"""What happened to activities and is still to be carried out or told (outgoing mail)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, insert, select

from storage.engine import Tx
from storage.schema import activity_event
from storage.transactions import OUTGOING


@dataclass(frozen=True, slots=True)
class EventRow:
    """As schema.activity_event has it. at: seconds since 1970."""

    id: int
    segment_id: int
    activity_id: int
    event: str
    principal_id: int | None
    at: int
    detail: Mapping[str, Any]


_EVENT = select(
    activity_event.c.id,
    activity_event.c.segment_id,
    activity_event.c.activity_id,
    activity_event.c.event,
    activity_event.c.principal_id,
    activity_event.c.at,
    activity_event.c.detail,
).order_by(activity_event.c.id)


def add(
    tx: Tx,
    segment_id: int,
    activity_id: int,
    event: str,
    principal_id: int | None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """detail: JSON-able. Whoever carries it out is woken up."""
    tx.connection.execute(
        insert(activity_event).values(
            segment_id=segment_id,
            activity_id=activity_id,
            event=event,
            principal_id=principal_id,
            at=tx.now,
            detail=json.dumps(detail or {}, ensure_ascii=False),
        )
    )
    tx.touch(OUTGOING)


def oldest(tx: Tx, after: int, most: int) -> list[EventRow]:
    """Those with a higher id, in order."""
    return _rows(tx, _EVENT.where(activity_event.c.id > after).limit(most))


def by_ids(tx: Tx, ids: Sequence[int]) -> list[EventRow]:
    """Those of them that are still there, in order."""
    return _rows(tx, _EVENT.where(activity_event.c.id.in_(ids)))


def of_activity(tx: Tx, activity_id: int) -> list[EventRow]:
    """In order."""
    return _rows(tx, _EVENT.where(activity_event.c.activity_id == activity_id))


def remove(tx: Tx, ids: Sequence[int]) -> None:
    """They were carried out or told."""
    tx.connection.execute(delete(activity_event).where(activity_event.c.id.in_(ids)))


def count(tx: Tx, segment_id: int) -> int:
    """How many are still to be carried out or told."""
    found = select(func.count()).where(activity_event.c.segment_id == segment_id)
    return int(tx.connection.execute(found).scalar_one())


def remove_of_activity(tx: Tx, activity_id: int) -> None:
    """Nothing of it is carried out or told any more."""
    tx.connection.execute(delete(activity_event).where(activity_event.c.activity_id == activity_id))


def _rows(tx: Tx, statement: Select[Any]) -> list[EventRow]:
    return [
        EventRow(
            row.id,
            row.segment_id,
            row.activity_id,
            row.event,
            row.principal_id,
            row.at,
            json.loads(row.detail),
        )
        for row in tx.connection.execute(statement)
    ]

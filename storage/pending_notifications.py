"""Rows of what is gathered until it is told, and of how much somebody was told lately."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from storage.engine import Tx
from storage.schema import pending_notification, told_notification

MOST_AT_ONCE = 500
"""Values of one IN list."""


@dataclass(frozen=True, slots=True)
class PendingRow:
    """due_at: seconds since 1970. lines: what happened, in order. more: how many lines there were
    beside them."""

    id: int
    principal_id: int
    activity_id: int | None
    due_at: int
    lines: tuple[dict[str, Any], ...]
    more: int


_ROW = select(
    pending_notification.c.id,
    pending_notification.c.principal_id,
    pending_notification.c.activity_id,
    pending_notification.c.due_at,
    pending_notification.c.lines,
)
# Built once: what happens to many activities runs them for each of many people.
_KNOWN = _ROW.where(
    pending_notification.c.principal_id == bindparam("of_principal"),
    pending_notification.c.activity_id.is_not_distinct_from(bindparam("of_activity")),
)
_ADD = insert(pending_notification)
_CHANGE = update(pending_notification).where(pending_notification.c.id == bindparam("of_row"))


def gather(
    tx: Tx, principal_id: int, activity_id: int | None, line: dict[str, Any], due_at: int, most: int
) -> None:
    """Adds a JSON-able line to what waits for this person about this activity; the first one makes
    it due then. Beyond `most` lines they are only counted."""
    wanted = {"of_principal": principal_id, "of_activity": activity_id}
    found = tx.connection.execute(_KNOWN, wanted).first()
    if found is None:
        values = {
            "principal_id": principal_id,
            "activity_id": activity_id,
            "due_at": due_at,
            "lines": _json([line], 0),
        }
        tx.connection.execute(_ADD, values)
        return
    known = _row(found)
    lines, more = [*known.lines, line], known.more
    if len(lines) > most:
        lines, more = lines[:most], more + 1
    tx.connection.execute(_CHANGE, {"of_row": known.id, "lines": _json(lines, more)})


def people_due(tx: Tx, now: int, most: int) -> list[int]:
    """Principals for whom something is due, who waits longest first."""
    found = tx.connection.execute(
        select(pending_notification.c.principal_id)
        .where(pending_notification.c.due_at <= now)
        .group_by(pending_notification.c.principal_id)
        .order_by(func.min(pending_notification.c.due_at), pending_notification.c.principal_id)
        .limit(most)
    )
    return list(found.scalars())


def due(tx: Tx, principal_id: int, now: int, most: int) -> list[PendingRow]:
    """What is due for this person, oldest first."""
    return _rows(
        tx,
        _ROW.where(
            pending_notification.c.principal_id == principal_id,
            pending_notification.c.due_at <= now,
        )
        .order_by(pending_notification.c.id)
        .limit(most),
    )


def of_principal(tx: Tx, principal_id: int, most: int) -> list[PendingRow]:
    """All that waits for this person, due or not, oldest first."""
    return _rows(
        tx,
        _ROW.where(pending_notification.c.principal_id == principal_id)
        .order_by(pending_notification.c.id)
        .limit(most),
    )


def put_off(tx: Tx, principal_id: int, until: int) -> None:
    """Nothing of what waits for this person is due before then (seconds since 1970)."""
    tx.connection.execute(
        update(pending_notification)
        .where(
            pending_notification.c.principal_id == principal_id,
            pending_notification.c.due_at < until,
        )
        .values(due_at=until)
    )


def remove(tx: Tx, ids: Collection[int]) -> None:
    wanted = list(ids)
    for start in range(0, len(wanted), MOST_AT_ONCE):
        some = wanted[start : start + MOST_AT_ONCE]
        tx.connection.execute(
            delete(pending_notification).where(pending_notification.c.id.in_(some))
        )


def remove_of_activity(tx: Tx, activity_id: int) -> None:
    """Nobody is told any more what happened to it."""
    tx.connection.execute(
        delete(pending_notification).where(pending_notification.c.activity_id == activity_id)
    )


def told(tx: Tx, principal_id: int) -> tuple[int, int]:
    """(when the hour began in which this person was told last, how many notices they got in it);
    (0, 0): none ever."""
    found = tx.connection.execute(
        select(told_notification.c.since, told_notification.c.told).where(
            told_notification.c.principal_id == principal_id
        )
    ).first()
    return (0, 0) if found is None else (found.since, found.told)


def set_told(tx: Tx, principal_id: int, since: int, told: int) -> None:
    values = {"since": since, "told": told}
    known = tx.connection.execute(
        update(told_notification)
        .where(told_notification.c.principal_id == principal_id)
        .values(values)
    )
    if not known.rowcount:
        tx.connection.execute(insert(told_notification).values(principal_id=principal_id, **values))


def _rows(tx: Tx, statement: Select[Any]) -> list[PendingRow]:
    return [_row(row) for row in tx.connection.execute(statement)]


def _row(row: Any) -> PendingRow:
    kept = json.loads(row.lines)
    return PendingRow(
        row.id, row.principal_id, row.activity_id, row.due_at, tuple(kept["lines"]), kept["more"]
    )


def _json(lines: list[dict[str, Any]], more: int) -> str:
    return json.dumps({"lines": lines, "more": more}, ensure_ascii=False)

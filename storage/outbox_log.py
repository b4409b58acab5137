"""Rows of the outbox as an administrator reads them: filtered, newest last, in pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from storage.engine import Tx
from storage.outbox import OutboxRow, RecipientRow
from storage.schema import activity, mailer, outbox, outbox_recipient, principal, segment

SOME = 500
"""Values of one IN list."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows; None: any. number: of the activity. address_key: of a recipient. since, until:
    seconds since 1970 at which it was put there, both included."""

    segment_id: int | None = None
    state: str | None = None
    kind: str | None = None
    number: int | None = None
    address_key: str | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class OutboxRecord:
    """principal, mailer: their names; number: of the activity; recipients: in their order."""

    row: OutboxRow
    segment: str
    principal: str | None
    mailer: str | None
    number: int | None
    recipients: tuple[RecipientRow, ...]


_COLUMNS = tuple(outbox.c[name] for name in OutboxRow.__slots__)
_RECORD = (
    select(*_COLUMNS, segment.c.name, principal.c.name, mailer.c.name, activity.c.number)
    .join_from(outbox, segment, segment.c.id == outbox.c.segment_id)
    .outerjoin(principal, principal.c.id == outbox.c.principal_id)
    .outerjoin(mailer, mailer.c.id == outbox.c.mailer_id)
    .outerjoin(activity, activity.c.id == outbox.c.activity_id)
)


def count(tx: Tx, wanted: Wanted) -> int:
    statement = _where(select(func.count()).select_from(outbox), wanted)
    return int(tx.connection.execute(statement).scalar_one())


def first_of(tx: Tx, wanted: Wanted, newest: int) -> int | None:
    """Id of the `newest`-th newest row (from 1); None: there are fewer."""
    ids = _where(select(outbox.c.id), wanted).order_by(outbox.c.id.desc())
    found: int | None = tx.connection.execute(ids.limit(1).offset(newest - 1)).scalar()
    return found


def page(tx: Tx, wanted: Wanted, first: int, limit: int) -> list[OutboxRecord]:
    """At most limit rows from that id on, ascending."""
    ids = (
        _where(select(outbox.c.id), wanted)
        .where(outbox.c.id >= first)
        .order_by(outbox.c.id)
        .limit(limit)
    )
    return _records(tx, _RECORD.where(outbox.c.id.in_(ids.scalar_subquery())))


def by_id(tx: Tx, row_id: int, segment_id: int | None = None) -> OutboxRecord | None:
    """segment_id: only if it is that segment's."""
    statement = _RECORD.where(outbox.c.id == row_id)
    if segment_id is not None:
        statement = statement.where(outbox.c.segment_id == segment_id)
    return next(iter(_records(tx, statement)), None)


def ids(
    tx: Tx, wanted: Wanted, states: tuple[str, ...], other_than: tuple[str, ...] = ()
) -> list[int]:
    """Of all rows that are in one of these states, and weren't erased, ascending. other_than: kinds
    that are left out."""
    statement = _where(select(outbox.c.id), wanted).where(
        outbox.c.state.in_(states),
        outbox.c.stored_message_id.is_not(None),
        outbox.c.kind.not_in(other_than),
    )
    return list(tx.connection.execute(statement.order_by(outbox.c.id)).scalars())


def _where(statement: Select[Any], wanted: Wanted) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [
        outbox.c[name] == value
        for name in ("segment_id", "state", "kind")
        if (value := getattr(wanted, name)) is not None
    ]
    if wanted.number is not None:
        numbered = select(activity.c.id).where(activity.c.number == wanted.number)
        conditions.append(outbox.c.activity_id.in_(numbered))
    if wanted.address_key is not None:
        to = select(outbox_recipient.c.outbox_id).where(
            outbox_recipient.c.address_key == wanted.address_key
        )
        conditions.append(outbox.c.id.in_(to))
    if wanted.since is not None:
        conditions.append(outbox.c.created_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(outbox.c.created_at <= wanted.until)
    return statement.where(*conditions)


def _records(tx: Tx, statement: Select[Any]) -> list[OutboxRecord]:
    found = tx.connection.execute(statement.order_by(outbox.c.id)).all()
    recipients = _recipients(tx, [row.id for row in found])
    width = len(_COLUMNS)
    return [
        OutboxRecord(
            OutboxRow(*row[:width]),
            segment=row[width],
            principal=row[width + 1],
            mailer=row[width + 2],
            number=row[width + 3],
            recipients=tuple(recipients.get(row.id, ())),
        )
        for row in found
    ]


def _recipients(tx: Tx, row_ids: list[int]) -> dict[int, list[RecipientRow]]:
    found: dict[int, list[RecipientRow]] = {}
    columns = [outbox_recipient.c[name] for name in RecipientRow.__slots__]
    for start in range(0, len(row_ids), SOME):
        rows = tx.connection.execute(
            select(outbox_recipient.c.outbox_id, *columns)
            .where(outbox_recipient.c.outbox_id.in_(row_ids[start : start + SOME]))
            .order_by(outbox_recipient.c.outbox_id, outbox_recipient.c.position)
        )
        for row in rows:
            found.setdefault(row[0], []).append(RecipientRow(*row[1:]))
    return found

"""Rows of the queue as an administrator reads them: filtered, newest last, in pages."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from storage.engine import Tx
from storage.incoming import IncomingRow
from storage.schema import account, activity, incoming, segment


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows; None: any. sender_key: an address. since, until: seconds since 1970 at which it
    was fetched, both included."""

    segment_id: int | None = None
    account_id: int | None = None
    state: str | None = None
    code: str | None = None
    sender_key: str | None = None
    message_id: str | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class IncomingRecord:
    """account: its name; number: of the activity."""

    row: IncomingRow
    segment: str
    account: str | None
    number: int | None


_COLUMNS = tuple(incoming.c[name] for name in IncomingRow.__slots__)
_RECORD = (
    select(*_COLUMNS, segment.c.name, account.c.name, activity.c.number)
    .join_from(incoming, segment, segment.c.id == incoming.c.segment_id)
    .outerjoin(account, account.c.id == incoming.c.account_id)
    .outerjoin(activity, activity.c.id == incoming.c.activity_id)
)


def count(tx: Tx, wanted: Wanted) -> int:
    statement = _where(select(func.count()).select_from(incoming), wanted)
    return int(tx.connection.execute(statement).scalar_one())


def first_of(tx: Tx, wanted: Wanted, newest: int) -> int | None:
    """Id of the `newest`-th newest row (from 1); None: there are fewer."""
    ids = _where(select(incoming.c.id), wanted).order_by(incoming.c.id.desc())
    found: int | None = tx.connection.execute(ids.limit(1).offset(newest - 1)).scalar()
    return found


def page(tx: Tx, wanted: Wanted, first: int, limit: int) -> list[IncomingRecord]:
    """At most limit rows from that id on, ascending."""
    # `+ 0` keeps the database from reading all of the segment's for each page.
    of_all = replace(wanted, segment_id=None)
    ids = (
        _where(select(incoming.c.id), of_all)
        .where(incoming.c.id >= first)
        .order_by(incoming.c.id)
        .limit(limit)
    )
    if wanted.segment_id is not None:
        ids = ids.where(incoming.c.segment_id + 0 == wanted.segment_id)
    rows = tx.connection.execute(
        _RECORD.where(incoming.c.id.in_(ids.scalar_subquery())).order_by(incoming.c.id)
    )
    return [_record(row) for row in rows]


def by_id(tx: Tx, row_id: int, segment_id: int | None = None) -> IncomingRecord | None:
    """segment_id: only if it is that segment's."""
    statement = _RECORD.where(incoming.c.id == row_id)
    if segment_id is not None:
        statement = statement.where(incoming.c.segment_id == segment_id)
    row = tx.connection.execute(statement).first()
    return None if row is None else _record(row)


def ids(tx: Tx, wanted: Wanted, states: tuple[str, ...]) -> list[int]:
    """Of all rows that are in one of these states, ascending."""
    statement = _where(select(incoming.c.id), wanted).where(incoming.c.state.in_(states))
    return list(tx.connection.execute(statement.order_by(incoming.c.id)).scalars())


def _where(statement: Select[Any], wanted: Wanted) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = [
        incoming.c[name] == value
        for name in ("segment_id", "account_id", "state", "code", "sender_key", "message_id")
        if (value := getattr(wanted, name)) is not None
    ]
    if wanted.since is not None:
        conditions.append(incoming.c.fetched_at >= wanted.since)
    if wanted.until is not None:
        conditions.append(incoming.c.fetched_at <= wanted.until)
    return statement.where(*conditions)


def _record(row: Any) -> IncomingRecord:
    return IncomingRecord(IncomingRow(*row[: len(_COLUMNS)]), *row[len(_COLUMNS) :])

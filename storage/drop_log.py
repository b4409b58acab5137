"""Rows of drop records as an administrator reads them: filtered, newest last, in pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from storage.engine import Tx
from storage.schema import activity, drop_record, entry, folder, message, principal, segment

Place = tuple[int, int]
"""(time, row id) of a record: the order of the log."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records; None: any. folder_name: as it was then, ASCII case ignored. since, until:
    seconds since 1970 UTC, both included (of the last time, where a refusal was repeated)."""

    segment_id: int | None = None
    principal_id: int | None = None
    folder_name: str | None = None
    verdict: str | None = None
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class DropRecord:
    """first_at: None unless times is above 1. number: the activity's. numbers: JSON, see schema."""

    id: int
    at: int
    first_at: int | None
    times: int
    segment_id: int
    segment: str
    user: str
    client: str
    command: str
    folder_name: str
    subject: str
    message_id: str | None
    sha256: bytes | None
    stored_message_id: int | None
    verdict: str
    code: str | None
    text: str
    activity_id: int | None
    number: int | None
    uid: int | None
    numbers: str
    is_wrapper: bool


@dataclass(frozen=True, slots=True)
class Copy:
    """An entry that holds the bytes. owner: of a personal folder, as `alice@Standard`; None: of a
    group."""

    folder_name: str
    owner: str | None
    uid: int
    number: int | None


_RECORD = (
    select(
        drop_record.c.id,
        drop_record.c.at,
        drop_record.c.first_at,
        drop_record.c.times,
        drop_record.c.segment_id,
        segment.c.name.label("segment"),
        principal.c.name.label("user"),
        drop_record.c.client,
        drop_record.c.command,
        drop_record.c.folder_name,
        drop_record.c.subject,
        drop_record.c.message_id,
        drop_record.c.sha256,
        drop_record.c.stored_message_id,
        drop_record.c.verdict,
        drop_record.c.code,
        drop_record.c.text,
        drop_record.c.activity_id,
        activity.c.number,
        drop_record.c.uid,
        drop_record.c.numbers,
        drop_record.c.is_wrapper,
    )
    .join_from(drop_record, segment, segment.c.id == drop_record.c.segment_id)
    .join(principal, principal.c.id == drop_record.c.principal_id)
    .outerjoin(activity, activity.c.id == drop_record.c.activity_id)
)
_NEWEST_FIRST = (drop_record.c.at.desc(), drop_record.c.id.desc())
_OLDEST_FIRST = (drop_record.c.at, drop_record.c.id)


def count(tx: Tx, wanted: Wanted) -> int:
    statement = _where(select(func.count()).select_from(drop_record), wanted)
    return int(tx.connection.execute(statement).scalar_one())


def place_of(tx: Tx, wanted: Wanted, newest: int) -> Place | None:
    """Of the `newest`-th newest record (from 1); None: there are fewer."""
    places = _where(select(drop_record.c.at, drop_record.c.id), wanted)
    found = tx.connection.execute(places.order_by(*_NEWEST_FIRST).limit(1).offset(newest - 1))
    row = found.first()
    return None if row is None else (row[0], row[1])


def page(tx: Tx, wanted: Wanted, first: Place, limit: int) -> list[DropRecord]:
    """At most limit records from that place on, the place itself included, oldest first."""
    at, row_id = first
    # The rows themselves are read only once they are chosen: the choice is made in the index.
    ids = (
        _where(select(drop_record.c.id), wanted)
        .where(
            drop_record.c.at >= at,
            or_(drop_record.c.at > at, drop_record.c.id >= row_id),
        )
        .order_by(*_OLDEST_FIRST)
        .limit(limit)
    )
    chosen = list(tx.connection.execute(ids).scalars())
    rows = tx.connection.execute(_RECORD.where(drop_record.c.id.in_(chosen)))
    found = {row.id: _record(row) for row in rows}
    return [found[one] for one in chosen]


def by_id(tx: Tx, record_id: int, segment_id: int | None = None) -> DropRecord | None:
    """segment_id: only if it is that segment's."""
    statement = _RECORD.where(drop_record.c.id == record_id)
    if segment_id is not None:
        statement = statement.where(drop_record.c.segment_id == segment_id)
    row = tx.connection.execute(statement).first()
    return None if row is None else _record(row)


def stored(tx: Tx, segment_id: int, sha256: bytes) -> int | None:
    """The segment's message of that hash, if its bytes are here."""
    found: int | None = tx.connection.execute(
        select(message.c.id).where(message.c.segment_id == segment_id, message.c.sha256 == sha256)
    ).scalar()
    return found


def copies(tx: Tx, stored_message_id: int | None, activity_id: int | None) -> list[Copy]:
    """Entries of the message, or of the activity; groups first, then by folder and UID."""
    alike: list[ColumnElement[bool]] = []
    if stored_message_id is not None:
        alike.append(entry.c.stored_message_id == stored_message_id)
    if activity_id is not None:
        alike.append(entry.c.activity_id == activity_id)
    if not alike:
        return []
    rows = tx.connection.execute(
        select(folder.c.name, principal.c.name, segment.c.name, entry.c.uid, activity.c.number)
        .join_from(entry, folder, folder.c.id == entry.c.folder_id)
        .join(segment, segment.c.id == folder.c.segment_id)
        .outerjoin(principal, principal.c.id == folder.c.owner_id)
        .outerjoin(activity, activity.c.id == entry.c.activity_id)
        .where(or_(*alike))
        .order_by(folder.c.owner_id.is_not(None), folder.c.name, principal.c.name, entry.c.uid)
    )
    return [
        Copy(name, None if owner is None else f"{owner}@{of}", uid, number)
        for name, owner, of, uid, number in rows
    ]


def _where(statement: Select[Any], wanted: Wanted) -> Select[Any]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.segment_id is not None:
        conditions.append(drop_record.c.segment_id == wanted.segment_id)
    if wanted.principal_id is not None:
        # `+ 0` keeps the database from taking another index, which knows no time.
        conditions.append(drop_record.c.principal_id + 0 == wanted.principal_id)
    if wanted.folder_name is not None:
        conditions.append(func.lower(drop_record.c.folder_name) == func.lower(wanted.folder_name))
    if wanted.verdict is not None:
        conditions.append(drop_record.c.verdict == wanted.verdict)
    if wanted.since is not None:
        conditions.append(drop_record.c.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(drop_record.c.at <= wanted.until)
    return statement.where(*conditions)


def _record(row: Sequence[Any]) -> DropRecord:
    return DropRecord(*row)

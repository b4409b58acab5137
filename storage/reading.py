"""Rows for FETCH and for the view of an open folder. The statements are made once for each set of
columns; a query names its messages by a range of UIDs where that costs no more than naming each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    and_,
    bindparam,
    func,
    literal,
    null,
    select,
)

from storage.engine import Tx
from storage.runs import LAST_UID, Run, load
from storage.schema import (
    entry,
    expunged_entry,
    folder,
    folder_user,
    message,
    message_chunk,
    message_order,
    message_ready,
    user_run,
)

NAMED = 500
"""UIDs of one IN list."""

NEAR = 256
"""Runs with fewer UIDs between them are read together."""

Row = Sequence[Any]

_OF_READY = frozenset(("envelope", "body", "bodystructure", "header", "sections"))
_OF_MESSAGE = frozenset(("email_id", "thread_id"))
_OF_ORDER = frozenset(message_order.c.keys()) - {"stored_message_id"}
_LOST_AT_EXPUNGE: dict[str, ColumnElement[Any]] = {
    "flags": literal(0),
    "keywords": literal(""),
    "saved_at": null(),
    "modseq": literal(1),
}

_FIRST_CHUNKS = (
    select(message_chunk.c.stored_message_id, message_chunk.c.bytes, message.c.sha256)
    .join_from(message_chunk, message, message.c.id == message_chunk.c.stored_message_id)
    .where(
        message_chunk.c.n == 0,
        message_chunk.c.stored_message_id.in_(bindparam("ids", expanding=True)),
    )
)
_STATE = (
    select(folder.c.uidnext, folder.c.modseq, func.coalesce(folder_user.c.recent_uid, 0))
    .select_from(folder)
    .outerjoin(
        folder_user,
        and_(
            folder_user.c.folder_id == folder.c.id,
            folder_user.c.principal_id == bindparam("of_principal"),
        ),
    )
    .where(folder.c.id == bindparam("of_folder"))
)
_UIDS = (
    select(entry.c.uid)
    .where(entry.c.folder_id == bindparam("of_folder"), entry.c.uid >= bindparam("first"))
    .order_by(entry.c.uid)
)
_CHANGED_ENTRIES = select(entry.c.uid).where(
    entry.c.folder_id == bindparam("of_folder"),
    entry.c.modseq > bindparam("since"),
    entry.c.uid < bindparam("below"),
)
_CHANGED_RUNS = (
    select(user_run.c.first_uid, user_run.c.last_uid, user_run.c.flags, user_run.c.modseq)
    .where(
        user_run.c.folder_id == bindparam("of_folder"),
        user_run.c.principal_id == bindparam("of_principal"),
        user_run.c.modseq > bindparam("since"),
    )
    .order_by(user_run.c.first_uid)
)


def entries(tx: Tx, folder_id: int, uids: Sequence[int], columns: tuple[str, ...]) -> list[Row]:
    """(uid, the columns asked for) of those of `uids` (ascending) that are there, ascending; rows
    between them may come as well. columns: of entry, message_ready, message_order
    (NULL where the upgrade of an older database isn't through), and email_id and thread_id."""
    return _rows(tx, folder_id, uids, columns, expunged=False)


def expunged(tx: Tx, folder_id: int, uids: Sequence[int], columns: tuple[str, ...]) -> list[Row]:
    """The same of messages that were expunged less than a day ago; without flags and keywords, and
    saved_at is None, modseq the lowest."""
    return _rows(tx, folder_id, uids, columns, expunged=True)


def small_messages(tx: Tx, stored_message_ids: Sequence[int]) -> dict[int, bytes]:
    """The bytes of messages no longer than messages.CHUNK; of those whose bytes aren't what they
    were when they came (their SHA-256), none."""
    found: dict[int, bytes] = {}
    for start in range(0, len(stored_message_ids), NAMED):
        rows = tx.connection.execute(
            _FIRST_CHUNKS, {"ids": list(stored_message_ids[start : start + NAMED])}
        )
        found.update((row[0], row[1]) for row in rows if sha256(row[1]).digest() == row[2])
    return found


@dataclass(frozen=True, slots=True)
class FolderState:
    """recent_uid: the highest UID that this user was told of; 0: none yet."""

    uidnext: int
    modseq: int
    recent_uid: int


def state(tx: Tx, principal_id: int, folder_id: int) -> FolderState:
    """Of a folder that is there."""
    row = tx.connection.execute(
        _STATE, {"of_principal": principal_id, "of_folder": folder_id}
    ).one()
    return FolderState(row[0], row[1], row[2])


def uids(tx: Tx, folder_id: int, first: int = 1) -> Sequence[int]:
    """All from `first` on, ascending."""
    return tx.connection.execute(_UIDS, {"of_folder": folder_id, "first": first}).scalars().all()


def own_flagged(
    tx: Tx, principal_id: int, folder_id: int, bit: int, first: int = 1, last: int = LAST_UID
) -> list[int]:
    """UIDs from first to last of messages that have this own flag of that user's, ascending."""
    marked = [
        replace(run, first=max(run.first, first), last=min(run.last, last))
        for run in load(tx, principal_id, folder_id, first, last)
        if run.flags & bit
    ]
    return [row[0] for row in within_runs(tx, folder_id, marked, ())]


def within_runs(
    tx: Tx, folder_id: int, covering: Sequence[Run], columns: tuple[str, ...]
) -> list[Row]:
    """`entries` whose UID lies in one of the runs (ascending), ascending. Near runs are read
    together, so that thousands of them cost a few queries; a join would be quadratic."""
    found: list[Row] = []
    start = 0
    for at, run in enumerate(covering, start=1):
        if at < len(covering) and covering[at].first - run.last <= NEAR:
            continue
        window = covering[start:at]
        start = at
        inside = iter(window)
        here = next(inside)
        for row in entries(tx, folder_id, range(window[0].first, run.last + 1), columns):
            while here.last < row[0]:
                here = next(inside)
            if here.first <= row[0]:
                found.append(row)
    return found


def changed_entries(tx: Tx, folder_id: int, since: int, below: int) -> list[int]:
    """UIDs below `below` whose shared flags or keywords changed after modseq `since`."""
    bounds = {"of_folder": folder_id, "since": since, "below": below}
    return list(tx.connection.execute(_CHANGED_ENTRIES, bounds).scalars())


def changed_runs(tx: Tx, principal_id: int, folder_id: int, since: int) -> list[Run]:
    """A user's runs that changed after modseq `since`, ascending."""
    own = {"of_principal": principal_id, "of_folder": folder_id, "since": since}
    rows = tx.connection.execute(_CHANGED_RUNS, own)
    return [Run(*row) for row in rows]


def dense(wanted: Sequence[int]) -> bool:
    """Whether reading all that stands from the first to the last costs no more than naming each."""
    return wanted[-1] - wanted[0] < 2 * len(wanted) + 64


def _rows(
    tx: Tx, folder_id: int, wanted: Sequence[int], columns: tuple[str, ...], expunged: bool
) -> list[Row]:
    if not wanted:
        return []
    if dense(wanted):
        bounds = {"of_folder": folder_id, "low": wanted[0], "high": wanted[-1]}
        statement = _statement(columns, named=False, expunged=expunged)
        return list(tx.connection.execute(statement, bounds))
    statement = _statement(columns, named=True, expunged=expunged)
    found: list[Row] = []
    for start in range(0, len(wanted), NAMED):
        some = {"of_folder": folder_id, "some": list(wanted[start : start + NAMED])}
        found.extend(tx.connection.execute(statement, some))
    return found


@cache
def _statement(columns: tuple[str, ...], named: bool, expunged: bool) -> Select[Any]:
    table = expunged_entry if expunged else entry

    def column(name: str) -> ColumnElement[Any]:
        if name in _OF_READY:
            return message_ready.c[name]
        if name in _OF_MESSAGE:
            return message.c[name]
        if name in _OF_ORDER:
            return message_order.c[name]
        if expunged and name in _LOST_AT_EXPUNGE:
            return _LOST_AT_EXPUNGE[name].label(name)
        return table.c[name]

    joined: FromClause = table
    if _OF_READY.intersection(columns):
        joined = joined.join(
            message_ready, message_ready.c.stored_message_id == table.c.stored_message_id
        )
    if _OF_MESSAGE.intersection(columns):
        joined = joined.join(message, message.c.id == table.c.stored_message_id)
    if _OF_ORDER.intersection(columns):
        joined = joined.outerjoin(
            message_order, message_order.c.stored_message_id == table.c.stored_message_id
        )
    statement = (
        select(table.c.uid, *map(column, columns))
        .select_from(joined)
        .where(table.c.folder_id == bindparam("of_folder"))
    )
    if named:
        statement = statement.where(table.c.uid.in_(bindparam("some", expanding=True)))
    else:
        statement = statement.where(table.c.uid.between(bindparam("low"), bindparam("high")))
    return statement.order_by(table.c.uid)

"""Rows of the queue: what was fetched, from where, and what became of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from storage.engine import Tx
from storage.schema import incoming

FETCHED = "fetched"
FILED = "filed"
FAILED = "failed"
HELD = "held"
DISCARDED = "discarded"
STATES = (FETCHED, FILED, FAILED, HELD, DISCARDED)
SUBMISSION = "submission"
"""The origin of what users send through imapgate; its keys are ids of the outbox."""
OPEN = (FAILED, HELD)
"""Waiting for somebody's word, or for its next try."""
CHUNK = 500
"""Values of one IN list."""


@dataclass(frozen=True, slots=True)
class New:
    """Columns of a row that is added; see schema.incoming. settled: nothing is to be done at its
    source. stored_message_id, sha256: None of what was not taken."""

    segment_id: int
    account_id: int | None
    origin: str
    origin_key: str | None
    state: str
    settled: bool
    stored_message_id: int | None
    sha256: bytes | None
    size: int
    message_id: str | None
    subject: str
    sender_key: str | None
    internal_at: int
    internal_zone: int
    automatic: str | None = None
    wanted: str = "{}"
    code: str | None = None
    text: str = ""
    attempts: int = 0
    next_at: int | None = None


@dataclass(frozen=True, slots=True)
class IncomingRow:
    """All columns; see schema.incoming."""

    id: int
    segment_id: int
    account_id: int | None
    origin: str
    origin_key: str | None
    state: str
    settled: bool
    stored_message_id: int | None
    sha256: bytes | None
    size: int
    message_id: str | None
    subject: str
    sender_key: str | None
    internal_at: int
    internal_zone: int
    fetched_at: int
    changed_at: int
    attempts: int
    next_at: int | None
    code: str | None
    text: str
    activity_id: int | None
    automatic: str | None
    wanted: str
    reported: bool

    @property
    def is_unread(self) -> bool:
        """Its bytes were never taken: they may be, later. (Those of a mail that was erased since
        never are.)"""
        return self.stored_message_id is None and self.state == FAILED


_COLUMNS = tuple(incoming.c[name] for name in IncomingRow.__slots__)
_SELECT = select(*_COLUMNS)
_ADD = insert(incoming).returning(incoming.c.id)
_CHANGE = update(incoming).where(incoming.c.id == bindparam("of_row"))
_BY_ID = _SELECT.where(incoming.c.id == bindparam("row_id"))
_BY_KEYS = _SELECT.where(
    incoming.c.segment_id == bindparam("segment"),
    incoming.c.origin == bindparam("of_origin"),
    incoming.c.origin_key.in_(bindparam("keys", expanding=True)),
)
_DUE = (
    select(incoming.c.id)
    .where(
        or_(
            (incoming.c.state == FETCHED) & (incoming.c.fetched_at <= bindparam("before")),
            (incoming.c.state == FAILED) & (incoming.c.next_at <= bindparam("now")),
        ),
        incoming.c.stored_message_id.is_not(None),
        incoming.c.id > bindparam("after"),
    )
    .order_by(incoming.c.id)
    .limit(bindparam("most"))
)
_FROM_SENDER = select(func.count()).where(
    incoming.c.segment_id == bindparam("segment"),
    incoming.c.sender_key.is_not_distinct_from(bindparam("sender")),
    incoming.c.account_id == bindparam("account"),
    incoming.c.state.in_((FILED, FAILED)),
    incoming.c.stored_message_id.is_not(None),
    incoming.c.internal_at > bindparam("since"),
    incoming.c.internal_at <= bindparam("until"),
)


def add(tx: Tx, new: New) -> int:
    """The row's id. Raises sqlalchemy.exc.IntegrityError if that origin has this key already."""
    values = {name: getattr(new, name) for name in New.__slots__}
    row = {**values, "fetched_at": tx.now, "changed_at": tx.now, "reported": False}
    return int(tx.connection.execute(_ADD, row).scalar_one())


def replace(tx: Tx, row_id: int, new: New) -> None:
    """Another content for a row whose bytes had not been taken."""
    values = {name: getattr(new, name) for name in New.__slots__}
    change(tx, row_id, **values, fetched_at=tx.now)


def by_id(tx: Tx, row_id: int) -> IncomingRow | None:
    row = tx.connection.execute(_BY_ID, {"row_id": row_id}).first()
    return None if row is None else IncomingRow(*row)


def by_keys(tx: Tx, segment_id: int, origin: str, keys: Collection[str]) -> dict[str, IncomingRow]:
    """Those of the keys that this origin's rows have."""
    found: dict[str, IncomingRow] = {}
    wanted = list(keys)
    for start in range(0, len(wanted), CHUNK):
        some = {"segment": segment_id, "of_origin": origin, "keys": wanted[start : start + CHUNK]}
        for row in tx.connection.execute(_BY_KEYS, some):
            one = IncomingRow(*row)
            assert one.origin_key is not None
            found[one.origin_key] = one
    return found


def by_stored_message(tx: Tx, stored_message_id: int) -> list[IncomingRow]:
    """Rows of these bytes, oldest first."""
    rows = tx.connection.execute(
        _SELECT.where(incoming.c.stored_message_id == stored_message_id).order_by(incoming.c.id)
    )
    return [IncomingRow(*row) for row in rows]


def by_message_id(tx: Tx, account_id: int, message_id: str) -> IncomingRow | None:
    """The newest that an account brought under that Message-ID (without angle brackets)."""
    row = tx.connection.execute(
        _SELECT.where(incoming.c.account_id == account_id, incoming.c.message_id == message_id)
        .order_by(incoming.c.id.desc())
        .limit(1)
    ).first()
    return None if row is None else IncomingRow(*row)


def unsettled(tx: Tx, segment_id: int, origin: str) -> list[IncomingRow]:
    """What was taken of this origin and not yet marked, moved or deleted there, oldest first."""
    rows = tx.connection.execute(
        _SELECT.where(
            incoming.c.segment_id == segment_id,
            incoming.c.origin == origin,
            incoming.c.origin_key.is_not(None),
            incoming.c.settled.is_(False),
        ).order_by(incoming.c.id)
    )
    return [IncomingRow(*row) for row in rows]


def unread(tx: Tx, segment_id: int, origin: str) -> list[IncomingRow]:
    """What failed before its bytes were taken and is to be tried again by now, oldest first."""
    rows = tx.connection.execute(
        _SELECT.where(
            incoming.c.segment_id == segment_id,
            incoming.c.origin == origin,
            incoming.c.origin_key.is_not(None),
            incoming.c.stored_message_id.is_(None),
            incoming.c.state == FAILED,
            incoming.c.next_at <= tx.now,
        ).order_by(incoming.c.id)
    )
    return [IncomingRow(*row) for row in rows]


def due(tx: Tx, after: int, most: int, since: int = 0) -> list[int]:
    """Rows that are to be filed by now, their bytes being here: fetched so many seconds ago, or
    failed and to be tried again. Ids above `after`, ascending."""
    asked = {"now": tx.now, "after": after, "most": most, "before": tx.now - since}
    return list(tx.connection.execute(_DUE, asked).scalars())


def tried_from(tx: Tx, row: IncomingRow, seconds: int) -> int:
    """How many mails of the row's sender (None: all without one) the account brought in so many
    seconds up to it that were filed, or could not be."""
    asked = {
        "segment": row.segment_id,
        "sender": row.sender_key,
        "account": row.account_id,
        "since": row.internal_at - seconds,
        "until": row.internal_at,
    }
    return int(tx.connection.execute(_FROM_SENDER, asked).scalar_one())


def change(tx: Tx, row_id: int, **columns: Any) -> None:
    """Sets these columns, and changed_at."""
    tx.connection.execute(_CHANGE, {"of_row": row_id, "changed_at": tx.now, **columns})


def take_up_again(tx: Tx, segment_id: int, outbox_id: int) -> None:
    """What wasn't filed since it wasn't sent is to be filed once it is: it is being sent again."""
    row = by_keys(tx, segment_id, SUBMISSION, [str(outbox_id)]).get(str(outbox_id))
    if row is not None and row.state == DISCARDED:
        change(tx, row.id, state=FETCHED, text="")


def remove(tx: Tx, row_id: int) -> None:
    """Nothing is left of it; nobody may have hidden it."""
    tx.connection.execute(delete(incoming).where(incoming.c.id == row_id))


def settle(tx: Tx, row_ids: Sequence[int]) -> None:
    """At their source all is done."""
    for start in range(0, len(row_ids), CHUNK):
        some = row_ids[start : start + CHUNK]
        tx.connection.execute(update(incoming).where(incoming.c.id.in_(some)).values(settled=True))


def leave(tx: Tx, account_id: int, origin: str | None) -> None:
    """The account reads nothing but that origin any more, None: nothing at all. Elsewhere nothing
    is to be done with what it took, and nothing is read again."""
    elsewhere = [incoming.c.account_id == account_id]
    if origin is not None:
        elsewhere.append(incoming.c.origin != origin)
    for condition, values in (
        (incoming.c.settled.is_(False), {"settled": True}),
        (
            (incoming.c.state == FAILED)
            & incoming.c.next_at.is_not(None)
            & incoming.c.stored_message_id.is_(None),
            {"next_at": None},
        ),
    ):
        tx.connection.execute(update(incoming).where(condition, *elsewhere).values(**values))


def to_report(tx: Tx, segment_id: int, most: int) -> list[IncomingRow]:
    """What waits for somebody's word and was not told yet, oldest first."""
    rows = tx.connection.execute(
        _SELECT.where(
            incoming.c.segment_id + 0 == segment_id,  # few are open: by the index of states
            incoming.c.state.in_(OPEN),
            incoming.c.reported.is_(False),
        )
        .order_by(incoming.c.id)
        .limit(most)
    )
    return [IncomingRow(*row) for row in rows]


def reported(tx: Tx, row_ids: Sequence[int]) -> None:
    """The administrator was told of them."""
    for start in range(0, len(row_ids), CHUNK):
        some = row_ids[start : start + CHUNK]
        tx.connection.execute(update(incoming).where(incoming.c.id.in_(some)).values(reported=True))


def is_told_of(tx: Tx, row: IncomingRow, state: str, since: int) -> bool:
    """Whether the administrator was told of another row of this state from the same sender, that
    came since then."""
    found = tx.connection.execute(
        select(incoming.c.id)
        .where(
            incoming.c.segment_id == row.segment_id,
            incoming.c.sender_key.is_not_distinct_from(row.sender_key),
            incoming.c.fetched_at >= since,
            incoming.c.state == state,
            incoming.c.reported.is_(True),
            incoming.c.id != row.id,
        )
        .limit(1)
    )
    return found.first() is not None


def segments_to_report(tx: Tx) -> list[int]:
    """Segments with something that waits and was not told yet."""
    return list(
        tx.connection.execute(
            select(incoming.c.segment_id)
            .where(incoming.c.state.in_(OPEN), incoming.c.reported.is_(False))
            .distinct()
        ).scalars()
    )

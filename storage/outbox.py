"""Rows of mails that are to be sent, are being sent, or were: what the sending itself needs."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, or_, select, update

from storage.engine import Tx
from storage.schema import message, outbox, outbox_recipient
from storage.transactions import OUTGOING

WAITING = "waiting"
SENDING = "sending"
HANDING_OVER = "handing over"
SENT = "sent"
UNCERTAIN = "uncertain"
FAILED = "failed"
CANCELLED = "cancelled"
STATES = (WAITING, SENDING, HANDING_OVER, SENT, UNCERTAIN, FAILED, CANCELLED)
UNDER_WAY = (SENDING, HANDING_OVER)
OPEN = (WAITING, *UNDER_WAY)
"""What isn't over."""
FARTHEST = 6 * 60 * 60
"""Seconds for which a mail is put off at most."""


@dataclass(frozen=True, slots=True)
class New:
    """Columns of a row that is added; see schema.outbox. recipients: (kind, address, its key)."""

    segment_id: int
    kind: str
    origin_key: str | None
    principal_id: int | None
    activity_id: int | None
    mailer_id: int | None
    stored_message_id: int
    sender: str
    message_id: str | None
    subject: str
    next_at: int | None
    recipients: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """All columns; see schema.outbox."""

    id: int
    segment_id: int
    kind: str
    origin_key: str | None
    principal_id: int | None
    activity_id: int | None
    mailer_id: int | None
    stored_message_id: int | None
    sender: str
    message_id: str | None
    subject: str
    state: str
    attempts: int
    next_at: int | None
    created_at: int
    changed_at: int
    text: str
    told: bool
    claim: int


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """See schema.outbox_recipient."""

    position: int
    kind: str
    address: str
    address_key: str
    state: str
    code: str | None
    text: str
    at: int | None
    told: bool


_COLUMNS = tuple(outbox.c[name] for name in OutboxRow.__slots__)
_RECIPIENT = tuple(outbox_recipient.c[name] for name in RecipientRow.__slots__)
_SELECT = select(*_COLUMNS)
_BY_ID = _SELECT.where(outbox.c.id == bindparam("row_id"))
_CHANGE = update(outbox).where(outbox.c.id == bindparam("of_row"))
_CLAIM = _CHANGE.where(outbox.c.state == WAITING).values(
    state=SENDING, claim=outbox.c.claim + 1, attempts=outbox.c.attempts + 1
)
_RECIPIENTS = (
    select(*_RECIPIENT)
    .where(outbox_recipient.c.outbox_id == bindparam("of_row"))
    .order_by(outbox_recipient.c.position)
)
_DUE = (
    _SELECT.where(
        outbox.c.state == WAITING,
        or_(outbox.c.next_at <= bindparam("now"), outbox.c.next_at > bindparam("beyond")),
        or_(
            outbox.c.next_at > bindparam("after_at"),
            (outbox.c.next_at == bindparam("after_at")) & (outbox.c.id > bindparam("after_id")),
        ),
    )
    .order_by(outbox.c.next_at, outbox.c.id)
    .limit(bindparam("most"))
)


def add(tx: Tx, new: New) -> int:
    """The row's id. Whoever sends is woken up. Raises sqlalchemy.exc.IntegrityError if the segment
    has that origin_key already."""
    values = {name: getattr(new, name) for name in New.__slots__ if name != "recipients"}
    row_id = int(
        tx.connection.execute(
            insert(outbox).returning(outbox.c.id),
            {
                **values,
                "state": WAITING,
                "attempts": 0,
                "created_at": tx.now,
                "changed_at": tx.now,
                "text": "",
                "told": True,
                "claim": 0,
            },
        ).scalar_one()
    )
    tx.connection.execute(
        insert(outbox_recipient),
        [
            {
                "outbox_id": row_id,
                "position": position,
                "kind": kind,
                "address": address,
                "address_key": address_key,
                "state": WAITING,
                "code": None,
                "text": "",
                "at": None,
                "told": False,
            }
            for position, (kind, address, address_key) in enumerate(new.recipients)
        ],
    )
    tx.touch(OUTGOING)
    return row_id


def by_id(tx: Tx, row_id: int) -> OutboxRow | None:
    row = tx.connection.execute(_BY_ID, {"row_id": row_id}).first()
    return None if row is None else OutboxRow(*row)


def by_origin(tx: Tx, segment_id: int, origin_key: str) -> int | None:
    """Id of the segment's row with that key."""
    found: int | None = tx.connection.execute(
        select(outbox.c.id).where(
            outbox.c.segment_id == segment_id, outbox.c.origin_key == origin_key
        )
    ).scalar()
    return found


def recipients(tx: Tx, row_id: int) -> list[RecipientRow]:
    """In the order in which they were named."""
    found = tx.connection.execute(_RECIPIENTS, {"of_row": row_id})
    return [RecipientRow(*row) for row in found]


def size(tx: Tx, row: OutboxRow) -> int:
    """Octets of its mail; 0 where that is gone."""
    if row.stored_message_id is None:
        return 0
    found = tx.connection.execute(
        select(message.c.size).where(message.c.id == row.stored_message_id)
    ).scalar()
    return int(found or 0)


def due(tx: Tx, most: int, after: OutboxRow | None = None) -> list[OutboxRow]:
    """What waits and is to be tried by now, the longest due first, beyond that row. What would have
    to wait longer than anything does (FARTHEST) was put off by a clock that was wrong."""
    after_at, after_id = (-1, 0) if after is None else (after.next_at, after.id)
    asked = {
        "now": tx.now,
        "beyond": tx.now + FARTHEST,
        "after_at": after_at,
        "after_id": after_id,
        "most": most,
    }
    return [OutboxRow(*row) for row in tx.connection.execute(_DUE, asked)]


def claim(tx: Tx, row_id: int) -> OutboxRow | None:
    """A row that waits is taken to be sent; as it is then. None: it doesn't wait, or is gone."""
    taken = tx.connection.execute(_CLAIM, {"of_row": row_id, "changed_at": tx.now})
    return by_id(tx, row_id) if taken.rowcount else None


def hand_over(tx: Tx, row_id: int, claim: int) -> bool:
    """From here on it may have been sent. False: it isn't that claimer's any more."""
    done = tx.connection.execute(
        update(outbox)
        .where(outbox.c.id == row_id, outbox.c.claim == claim, outbox.c.state == SENDING)
        .values(state=HANDING_OVER, changed_at=tx.now)
    )
    return bool(done.rowcount)


def change(tx: Tx, row_id: int, **columns: Any) -> None:
    """Sets these columns, and changed_at."""
    tx.connection.execute(_CHANGE, {"of_row": row_id, "changed_at": tx.now, **columns})


def keep(tx: Tx, row_id: int, **columns: Any) -> None:
    """Sets these columns without its counting as a change."""
    tx.connection.execute(_CHANGE, {"of_row": row_id, **columns})


def retry(tx: Tx, row_id: int) -> None:
    """It waits and is due; its attempts are counted anew. Whoever sends is woken up, and tries
    mailers that it has given a rest."""
    change(tx, row_id, state=WAITING, attempts=0, next_at=tx.now, text="")
    tx.touch(OUTGOING)
    tx.touch_people()


def set_recipients(tx: Tx, row_id: int, positions: Collection[int], **columns: Any) -> None:
    if positions:
        tx.connection.execute(
            update(outbox_recipient)
            .where(
                outbox_recipient.c.outbox_id == row_id,
                outbox_recipient.c.position.in_(list(positions)),
            )
            .values(**columns)
        )


def under_way(tx: Tx, before: int | None) -> list[OutboxRow]:
    """What somebody took to send at that time (seconds since 1970) or earlier, None: whenever, and
    hasn't said what came of it."""
    statement = _SELECT.where(outbox.c.state.in_(UNDER_WAY)).order_by(outbox.c.id)
    if before is not None:
        statement = statement.where(outbox.c.changed_at <= before)
    return [OutboxRow(*row) for row in tx.connection.execute(statement)]


def untold(tx: Tx, most: int) -> list[int]:
    """Ids of rows of which something is to be told, oldest first."""
    found = tx.connection.execute(
        select(outbox.c.id).where(outbox.c.told.is_(False)).order_by(outbox.c.id).limit(most)
    )
    return list(found.scalars())


def unasked(tx: Tx, kind: str) -> list[OutboxRow]:
    """What waits, isn't tried by itself and never was, of that kind."""
    found = tx.connection.execute(
        _SELECT.where(
            outbox.c.state == WAITING,
            outbox.c.next_at.is_(None),
            outbox.c.kind == kind,
            outbox.c.attempts == 0,
            outbox.c.text == "",
        ).order_by(outbox.c.id)
    )
    return [OutboxRow(*row) for row in found]


def hold(tx: Tx, text: str) -> int:
    """Nothing that waits, or was begun and not handed over, is sent by itself any more; how many
    rows those are. text: why."""
    done = tx.connection.execute(
        update(outbox)
        .where(outbox.c.state.in_((WAITING, SENDING)))
        .values(state=WAITING, next_at=None, text=text, changed_at=tx.now)
    )
    return done.rowcount

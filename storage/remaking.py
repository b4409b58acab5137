"""Rows of what is made of a message's bytes, to be compared and made anew."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from storage import ready
from storage.engine import Tx
from storage.erasing import LEAVING
from storage.ready import Beside, OrderRow, ReadyRow
from storage.schema import message, message_digest, message_order, message_ready, message_text


@dataclass(frozen=True, slots=True)
class Made:
    """Beside a message. size, sha256: of the bytes that came; version: of its ready-made bytes,
    None if there are none; complete: whether all else that is made of it is there."""

    id: int
    size: int
    sha256: bytes
    version: int | None
    complete: bool


_BESIDE = (message_ready, message_digest, message_text, message_order)


def page(tx: Tx, after: int, limit: int) -> list[Made]:
    """The next messages by row id, but for those that are being erased."""
    rows = tx.connection.execute(
        select(
            message.c.id,
            message.c.size,
            message.c.sha256,
            message_ready.c.version,
            message_digest.c.stored_message_id,
            message_text.c.stored_message_id,
            message_order.c.stored_message_id,
            message.c.thread_id,
        )
        .select_from(message)
        .outerjoin(message_ready, message_ready.c.stored_message_id == message.c.id)
        .outerjoin(message_digest, message_digest.c.stored_message_id == message.c.id)
        .outerjoin(message_text, message_text.c.stored_message_id == message.c.id)
        .outerjoin(message_order, message_order.c.stored_message_id == message.c.id)
        .where(message.c.id > after, message.c.identity != LEAVING)
        .order_by(message.c.id)
        .limit(limit)
    )
    return [Made(*row[:4], None not in row[4:]) for row in rows]


def load(tx: Tx, stored_message_id: int) -> Beside | None:
    """None if a part of it is missing."""
    row = tx.connection.execute(
        select(
            *(message_ready.c[name] for name in ReadyRow.__slots__),
            message_digest.c.mail,
            message_text.c.header,
            message_text.c.body,
            *(message_order.c[name] for name in OrderRow.__slots__),
        )
        .join_from(
            message_ready,
            message_digest,
            message_digest.c.stored_message_id == message_ready.c.stored_message_id,
        )
        .join(message_text, message_text.c.stored_message_id == message_ready.c.stored_message_id)
        .join(message_order, message_order.c.stored_message_id == message_ready.c.stored_message_id)
        .where(message_ready.c.stored_message_id == stored_message_id)
    ).first()
    if row is None:
        return None
    shown = len(ReadyRow.__slots__)
    mail, header, body = row[shown : shown + 3]
    order = OrderRow(*row[shown + 3 :])
    return Beside(ReadyRow(*row[:shown]), mail, header, body, order)


def segment_of(tx: Tx, stored_message_id: int) -> int | None:
    """None if the message is gone."""
    found: int | None = tx.connection.execute(
        select(message.c.segment_id).where(message.c.id == stored_message_id)
    ).scalar()
    return found


def replace(tx: Tx, stored_message_id: int, new: Beside, thread_id: str) -> bool:
    """Puts it in place of what is there; False if the message is gone meanwhile. thread_id: only
    for a message that has none yet."""
    there = tx.connection.execute(
        select(message.c.id).where(message.c.id == stored_message_id, message.c.identity != LEAVING)
    ).first()
    if there is None:
        return False
    for table in _BESIDE:
        tx.connection.execute(delete(table).where(table.c.stored_message_id == stored_message_id))
    ready.add(tx, stored_message_id, new)
    tx.connection.execute(
        update(message)
        .where(message.c.id == stored_message_id)
        .values(thread_id=func.coalesce(message.c.thread_id, thread_id))
    )
    return True

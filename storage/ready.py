"""Rows beside a stored message: what FETCH serves, what filing needs, what SEARCH looks at, what
SORT and THREAD compare."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, insert, select

from storage.engine import Tx
from storage.schema import message_digest, message_order, message_ready, message_text


@dataclass(frozen=True, slots=True)
class ReadyRow:
    """Columns of message_ready but for the message."""

    version: int
    envelope: bytes
    body: bytes
    bodystructure: bytes
    header: bytes | None
    sections: bytes


@dataclass(frozen=True, slots=True)
class OrderRow:
    """Columns of message_order but for the message."""

    base_subject: str
    is_reply: bool
    sent_at: int | None
    from_mailbox: str
    to_mailbox: str
    cc_mailbox: str
    from_name: str
    to_name: str
    own_id: bytes | None
    reference_ids: bytes
    preview: str


@dataclass(frozen=True, slots=True)
class Beside:
    """All that is made of one message. mail: JSON; the texts case-folded, for SEARCH."""

    ready: ReadyRow
    mail: str
    header_text: str
    body_text: str
    order: OrderRow


# Built once: every drop runs them.
_ADD_READY = insert(message_ready)
_ADD_DIGEST = insert(message_digest)
_ADD_TEXT = insert(message_text)
_ADD_ORDER = insert(message_order)
_SECTIONS = select(message_ready.c.sections).where(
    message_ready.c.stored_message_id == bindparam("of_message")
)


def add(tx: Tx, stored_message_id: int, made: Beside) -> None:
    """Once for each new message."""
    ready = made.ready
    tx.connection.execute(
        _ADD_READY,
        {
            "stored_message_id": stored_message_id,
            "version": ready.version,
            "envelope": ready.envelope,
            "body": ready.body,
            "bodystructure": ready.bodystructure,
            "header": ready.header,
            "sections": ready.sections,
        },
    )
    tx.connection.execute(_ADD_DIGEST, {"stored_message_id": stored_message_id, "mail": made.mail})
    tx.connection.execute(
        _ADD_TEXT,
        {
            "stored_message_id": stored_message_id,
            "header": made.header_text,
            "body": made.body_text,
        },
    )
    tx.connection.execute(
        _ADD_ORDER,
        {
            "stored_message_id": stored_message_id,
            **{name: getattr(made.order, name) for name in OrderRow.__slots__},
        },
    )


def sections(tx: Tx, stored_message_id: int) -> bytes | None:
    """Where each section of a message stands in its bytes; None: it isn't there."""
    found: bytes | None = tx.connection.execute(
        _SECTIONS, {"of_message": stored_message_id}
    ).scalar()
    return found

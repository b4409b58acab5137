"""Rows of the queue whose message is erased: what came, from where and when stays, and no word of
it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import delete, or_, select, update

from storage.engine import Tx
from storage.schema import account, drop_record, incoming, incoming_hidden

SOME = 500
"""Values of one IN list."""


def of_activities(tx: Tx, activity_ids: Collection[int], wrappers: bool) -> set[int]:
    """Stored messages of rows that were filed as these activities. wrappers: those that named or
    made them, instead."""
    found: set[int] = set()
    for some in _chunks(activity_ids):
        found.update(
            tx.connection.execute(
                select(incoming.c.stored_message_id).where(
                    incoming.c.activity_id.in_(some), incoming.c.stored_message_id.is_not(None)
                )
            ).scalars()
        )
    wrapping: set[int] = set()
    for some in _chunks(found):
        wrapping.update(
            tx.connection.execute(
                select(drop_record.c.stored_message_id).where(
                    drop_record.c.stored_message_id.in_(some), drop_record.c.is_wrapper
                )
            ).scalars()
        )
    return wrapping if wrappers else found - wrapping


def unfiled(tx: Tx, segment_id: int) -> set[int]:
    """Stored messages of rows that are no activity: any may be a wrapper."""
    return set(
        tx.connection.execute(
            select(incoming.c.stored_message_id).where(
                incoming.c.segment_id == segment_id,
                incoming.c.stored_message_id.is_not(None),
                incoming.c.activity_id.is_(None),
            )
        ).scalars()
    )


def holding(tx: Tx, segment_id: int, kind: str) -> set[int]:
    """Stored messages that are nothing without what is attached to them: filed wrappers, what
    accounts of that kind brought, and what was discarded. Looks at every drop record."""
    brought = (
        select(incoming.c.stored_message_id)
        .outerjoin_from(incoming, account, account.c.id == incoming.c.account_id)
        .where(
            incoming.c.segment_id == segment_id,
            incoming.c.stored_message_id.is_not(None),
            or_(account.c.kind == kind, incoming.c.state == "discarded"),
        )
    )
    wrappers = select(drop_record.c.stored_message_id).where(
        drop_record.c.segment_id == segment_id,
        drop_record.c.is_wrapper,
        drop_record.c.stored_message_id.is_not(None),
    )
    return {one for found in (brought, wrappers) for one in tx.connection.execute(found).scalars()}


def blank(tx: Tx, stored_message_ids: Collection[int], erased: str) -> None:
    """Rows of these messages: subject, sender, Message-ID and what was told of it go, and what
    waited is discarded; where it came from, when, what it is called there and SHA-256 stay, so that
    it isn't fetched again."""
    for some in _chunks(stored_message_ids):
        of_them = incoming.c.stored_message_id.in_(some)
        rows = select(incoming.c.id).where(of_them)
        tx.connection.execute(
            delete(incoming_hidden).where(incoming_hidden.c.incoming_id.in_(rows))
        )
        tx.connection.execute(
            update(incoming)
            .where(of_them, incoming.c.state != "filed")
            .values(state="discarded", next_at=None, code=None, changed_at=tx.now)
        )
        tx.connection.execute(
            update(incoming)
            .where(of_them)
            .values(
                subject=erased,
                text=erased,
                message_id=None,
                sender_key=None,
                stored_message_id=None,
            )
        )


def _chunks(values: Collection[int]) -> Iterator[list[int]]:
    chosen = sorted(values)
    for start in range(0, len(chosen), SOME):
        yield chosen[start : start + SOME]

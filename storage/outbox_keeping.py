"""Mails of the outbox that are over: those that are forgotten after a time, those whose bytes are
erased."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy import delete, select, update

from storage import erasing, references
from storage.engine import Tx
from storage.outbox import (
    CANCELLED,
    FAILED,
    HANDING_OVER,
    SENDING,
    SENT,
    UNCERTAIN,
    WAITING,
)
from storage.schema import outbox, outbox_recipient

SOME = 500
"""Values of one IN list."""
_OVER = (SENT, UNCERTAIN, FAILED, CANCELLED)


def forget(tx: Tx, but_kinds: Collection[str], seconds: int, most: int) -> int:
    """Removes rows, but of those kinds, that have been over for so long; how many. Their messages
    are detached where nothing else refers to them (`erasing.finish` removes the bytes)."""
    found = tx.connection.execute(
        select(outbox.c.id, outbox.c.stored_message_id)
        .where(
            outbox.c.told.is_(True),
            outbox.c.changed_at < tx.now - seconds,
            outbox.c.state.in_(_OVER),
            outbox.c.kind.not_in(list(but_kinds)),
        )
        .order_by(outbox.c.id)
        .limit(most)
    ).all()
    ids = [row.id for row in found]
    tx.connection.execute(delete(outbox_recipient).where(outbox_recipient.c.outbox_id.in_(ids)))
    tx.connection.execute(delete(outbox).where(outbox.c.id.in_(ids)))
    stored = {row.stored_message_id for row in found} - {None}
    unused = stored - references.referred(tx, stored)
    if unused:
        erasing.detach(tx, unused)
    return len(ids)


def of_activities(tx: Tx, activity_ids: Collection[int]) -> set[int]:
    """Stored messages of what was sent, or is to be, for these activities."""
    found: set[int] = set()
    for some in _chunks(activity_ids):
        found.update(
            tx.connection.execute(
                select(outbox.c.stored_message_id).where(
                    outbox.c.activity_id.in_(some), outbox.c.stored_message_id.is_not(None)
                )
            ).scalars()
        )
    return found


def blank(
    tx: Tx, stored_message_ids: Collection[int], activity_ids: Collection[int], erased: str
) -> None:
    """Rows of these messages, and of these activities: what isn't over never will be sent; subject,
    Message-ID, sender, recipients and what servers said go, and the bytes are theirs no more; kind,
    times, state and results stay."""
    for column, values in (
        (outbox.c.stored_message_id, stored_message_ids),
        (outbox.c.activity_id, activity_ids),
    ):
        for some in _chunks(values):
            found = tx.connection.execute(select(outbox.c.id).where(column.in_(some)))
            _blank(tx, list(found.scalars()), erased)


def _blank(tx: Tx, ids: list[int], erased: str) -> None:
    handing_over = select(outbox.c.id).where(outbox.c.id.in_(ids), outbox.c.state == HANDING_OVER)
    recipients = outbox_recipient.c.outbox_id.in_(ids)
    for of_them, state in (
        (outbox_recipient.c.outbox_id.in_(handing_over), UNCERTAIN),
        (recipients, CANCELLED),
    ):
        tx.connection.execute(
            update(outbox_recipient)
            .where(of_them, outbox_recipient.c.state == WAITING)
            .values(state=state, at=tx.now)
        )
    tx.connection.execute(
        update(outbox_recipient)
        .where(recipients)
        .values(address=erased, address_key=erased, text="", told=True)
    )
    for states, state in (((HANDING_OVER,), UNCERTAIN), ((WAITING, SENDING), CANCELLED)):
        tx.connection.execute(
            update(outbox)
            .where(outbox.c.id.in_(ids), outbox.c.state.in_(states))
            .values(state=state, next_at=None, claim=outbox.c.claim + 1)
        )
    tx.connection.execute(
        update(outbox)
        .where(outbox.c.id.in_(ids))
        .values(
            subject=erased,
            text=erased,
            message_id=None,
            sender="",
            stored_message_id=None,
            told=True,
            changed_at=tx.now,
        )
    )


def _chunks(values: Collection[int]) -> Iterator[list[int]]:
    chosen = sorted(values)
    for start in range(0, len(chosen), SOME):
        yield chosen[start : start + SOME]

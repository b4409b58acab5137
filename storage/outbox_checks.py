"""Whether the rows of the outbox agree with the others, and what of it waits for somebody's word.
One plain sentence for each finding; short read transactions, beside a running server."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select

from storage.checks import walk
from storage.engine import Database, Tx
from storage.outbox import (
    CANCELLED,
    FAILED,
    HANDING_OVER,
    OPEN,
    SENT,
    STATES,
    UNCERTAIN,
    WAITING,
)
from storage.schema import activity, mailer, message, outbox, outbox_recipient, principal, segment

_OF_RECIPIENTS = (WAITING, SENT, UNCERTAIN, FAILED, CANCELLED)


def rows(db: Database) -> Iterator[str]:
    """Each has states that there are, somebody to go to, its message while it isn't over, and names
    what is of its segment."""
    of_it = outbox_recipient.c.outbox_id == outbox.c.id
    every = (
        select(
            outbox.c.id,
            outbox.c.segment_id,
            outbox.c.state,
            outbox.c.stored_message_id,
            message.c.segment_id.label("of_message"),
            activity.c.segment_id.label("of_activity"),
            principal.c.segment_id.label("of_principal"),
            mailer.c.segment_id.label("of_mailer"),
            exists().where(of_it).label("has_recipients"),
            exists().where(and_(of_it, outbox_recipient.c.state == WAITING)).label("waits"),
            exists()
            .where(and_(of_it, outbox_recipient.c.state.not_in(_OF_RECIPIENTS)))
            .label("is_odd"),
        )
        .outerjoin_from(outbox, message, message.c.id == outbox.c.stored_message_id)
        .outerjoin(activity, activity.c.id == outbox.c.activity_id)
        .outerjoin(principal, principal.c.id == outbox.c.principal_id)
        .outerjoin(mailer, mailer.c.id == outbox.c.mailer_id)
    )
    for row in walk(db, every, outbox.c.id):
        if row.state not in STATES or row.is_odd:
            yield f"Mail {row.id} of the outbox has a state that there is not."
        if not row.has_recipients:
            yield f"Mail {row.id} of the outbox goes to nobody."
        if row.waits != (row.state in OPEN):
            yield f"Mail {row.id} of the outbox is {row.state}, and its recipients say otherwise."
        if row.stored_message_id is None and row.state in OPEN:
            yield f"Mail {row.id} of the outbox waits, and has lost its message."
        named = {row.of_message, row.of_activity, row.of_principal, row.of_mailer}
        if named - {None, row.segment_id}:
            yield f"Mail {row.id} of the outbox names something of another segment."


_is_not_told = outbox.c.kind != "submission"
"""Whoever sent it from a mail client saw there that it failed."""


def waiting(db: Database, since: int, handed_over_before: int, due_before: int) -> Iterator[str]:
    """What waits for somebody's word: uncertain, held, failed since then; what was being handed
    over or due before that (seconds since 1970), so that nobody seems to send."""
    for condition, sentence in (
        (outbox.c.state == UNCERTAIN, "may have been sent: a person decides"),
        (
            (outbox.c.state == WAITING) & outbox.c.next_at.is_(None),
            "are held, and aren't sent by themselves",
        ),
        (
            (outbox.c.state == FAILED) & (outbox.c.changed_at >= since) & _is_not_told,
            "could not be delivered to everybody",
        ),
        (
            (outbox.c.state == HANDING_OVER) & (outbox.c.changed_at < handed_over_before),
            "were being handed over when the sending ended: the server tells at its next start",
        ),
        (
            (outbox.c.state == WAITING) & (outbox.c.next_at < due_before),
            "are due, and nobody sends them: does the server run?",
        ),
    ):
        for row in db.read(partial(_counted, condition)):
            put = datetime.datetime.fromtimestamp(row.oldest).astimezone()
            yield (
                f"{row.mails:,} of segment {row.segment} {sentence}, "
                f"the oldest of {put:%Y-%m-%d %H:%M}."
            )


def _counted(condition: ColumnElement[bool], tx: Tx) -> Sequence[Any]:
    return tx.connection.execute(
        select(
            segment.c.name.label("segment"),
            func.count().label("mails"),
            func.min(outbox.c.created_at).label("oldest"),
        )
        .join_from(outbox, segment, segment.c.id == outbox.c.segment_id)
        .where(condition)
        .group_by(outbox.c.segment_id, segment.c.name)
        .order_by(segment.c.name)
    ).all()

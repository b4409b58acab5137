"""Whether the rows of the queue agree with the others, and what of it has waited for long. One
plain sentence for each finding; short read transactions, beside a running server."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from storage.checks import place, walk
from storage.engine import Database, Tx
from storage.incoming import DISCARDED, FAILED, FETCHED, HELD, OPEN, STATES
from storage.schema import account, activity, entry, folder, incoming, message, principal, segment


def rows(db: Database) -> Iterator[str]:
    """Each has a state that there is, its message, and names what is of its segment."""
    every = (
        select(
            incoming.c.id,
            incoming.c.segment_id,
            incoming.c.state,
            incoming.c.stored_message_id,
            incoming.c.sha256,
            message.c.sha256.label("own_sha256"),
            message.c.segment_id.label("of_message"),
            activity.c.segment_id.label("of_activity"),
            account.c.segment_id.label("of_account"),
        )
        .outerjoin_from(incoming, message, message.c.id == incoming.c.stored_message_id)
        .outerjoin(activity, activity.c.id == incoming.c.activity_id)
        .outerjoin(account, account.c.id == incoming.c.account_id)
    )
    for row in walk(db, every, incoming.c.id):
        if row.state not in STATES:
            yield f"Row {row.id} of the queue has a state that there is not."
        if row.stored_message_id is not None and row.sha256 != row.own_sha256:
            yield f"Row {row.id} of the queue has another message than came."
        if row.stored_message_id is None and row.state in (FETCHED, HELD):
            yield f"Row {row.id} of the queue waits, and has lost its message."
        if {row.of_message, row.of_activity, row.of_account} - {None, row.segment_id}:
            yield f"Row {row.id} of the queue names something of another segment."


def shown(db: Database, name_key: str) -> Iterator[str]:
    """What stands in folders of that key waits in the queue of their segment."""
    waits = exists().where(
        incoming.c.stored_message_id == entry.c.stored_message_id,
        incoming.c.segment_id == folder.c.segment_id,
        incoming.c.state.in_(OPEN),
    )
    every = (
        select(
            entry.c.folder_id,
            entry.c.uid,
            folder.c.name,
            principal.c.name.label("owner"),
            waits.label("waits"),
        )
        .join_from(entry, folder, folder.c.id == entry.c.folder_id)
        .join(principal, principal.c.id == folder.c.owner_id)
        .where(folder.c.name_key == name_key)
    )
    for row in walk(db, every, entry.c.folder_id, entry.c.uid):
        if not row.waits:
            where = place(row.uid, row.folder_id, row.name, row.owner)
            yield f"{where} shows a mail that doesn't wait in the queue."


def waiting(db: Database, fetched_before: int, unsettled_before: int) -> Iterator[str]:
    """What waits for somebody's word; what was fetched before that moment (seconds since 1970) and
    isn't filed; what was taken before that one, and stands at its source as if it were new."""
    for condition, sentence in (
        (incoming.c.state == FAILED, "could not be filed"),
        (incoming.c.state == HELD, "are held, since their senders sent too many in an hour"),
        (
            (incoming.c.state == FETCHED) & (incoming.c.fetched_at < fetched_before),
            "were fetched and are not filed yet",
        ),
        (
            incoming.c.settled.is_(False)
            & (incoming.c.fetched_at < unsettled_before)
            & (incoming.c.state != DISCARDED),
            "are here, and not yet marked, moved or deleted where they came from",
        ),
    ):
        for row in db.read(partial(_counted, condition)):
            came = datetime.datetime.fromtimestamp(row.oldest).astimezone()
            of = "no account" if row.account is None else f"account {row.account}"
            yield (
                f"{row.mails:,} of {of} (segment {row.segment}) {sentence}, "
                f"the oldest of {came:%Y-%m-%d %H:%M}."
            )


def _counted(condition: ColumnElement[bool], tx: Tx) -> Sequence[Any]:
    return tx.connection.execute(
        select(
            segment.c.name.label("segment"),
            account.c.name.label("account"),
            func.count().label("mails"),
            func.min(incoming.c.fetched_at).label("oldest"),
        )
        .join_from(incoming, segment, segment.c.id == incoming.c.segment_id)
        .outerjoin(account, account.c.id == incoming.c.account_id)
        .where(condition)
        .group_by(incoming.c.segment_id, incoming.c.account_id, segment.c.name, account.c.name)
        .order_by(segment.c.name, account.c.name)
    ).all()

"""Messages to which nothing refers any more: their bytes can go."""

from __future__ import annotations

import json
from collections.abc import Collection

from sqlalchemy import Table, bindparam, exists, select, update

from storage import erasing
from storage.engine import Tx
from storage.schema import (
    activity,
    drop_record,
    email_activity,
    entry,
    expunged_entry,
    follow_up,
    incoming,
    link,
    media,
    notice,
    outbox,
    rendering,
)

REFERRING: tuple[Table, ...] = (
    entry,
    expunged_entry,
    email_activity,
    media,
    drop_record,
    incoming,
    outbox,
    notice,
    rendering,
)
"""Tables with a stored_message_id, but those that are derived from the message; each has an index
on it."""
_SOME = 500

# Few, among as many as there are activities.
_OLD = (
    select(rendering.c.id, rendering.c.stored_message_id)
    .where(
        rendering.c.id > bindparam("after"),
        rendering.c.stored_message_id.is_not(None),
        ~exists().where(entry.c.stored_message_id == rendering.c.stored_message_id),
        ~exists().where(expunged_entry.c.stored_message_id == rendering.c.stored_message_id),
    )
    .order_by(rendering.c.id)
    .limit(bindparam("most"))
)


def referred(
    tx: Tx, stored_message_ids: Collection[int], without: Collection[Table] = ()
) -> set[int]:
    """Those of these messages that anything refers to; without: rows of these tables apart."""
    found: set[int] = set()
    chosen = sorted(stored_message_ids)
    for table in REFERRING:
        column = table.c.stored_message_id
        for start in range(0, len(chosen) if table not in without else 0, _SOME):
            some = column.in_(chosen[start : start + _SOME])
            found.update(tx.connection.execute(select(column).distinct().where(some)).scalars())
    return found


def old_renderings(tx: Tx, after: int, most: int) -> list[tuple[int, int]]:
    """(row id, stored message's id) of activities' messages that stand in no folder, nor did within
    the last day; behind that row id, in order."""
    found = tx.connection.execute(_OLD, {"after": after, "most": most})
    return [(row[0], row[1]) for row in found]


def detach_renderings(tx: Tx, stored_message_ids: Collection[int]) -> int:
    """Those of these messages of activities to which nothing else refers are detached
    (`erasing.finish` removes the bytes); that they were written stays known. How many."""
    unused = set(stored_message_ids) - referred(tx, stored_message_ids, without=(rendering,))
    if unused:
        forget_renderings(tx, unused)
        erasing.detach(tx, unused)
    return len(unused)


def telling_of(tx: Tx, segment_id: int, activity_ids: Collection[int]) -> set[int]:
    """These activities, and those whose messages may say something of them: what they are linked
    to, or were, whichever way. Looks at every follow-up and drop record."""
    ids = list(activity_ids)
    found = set(ids)
    for column, condition in (
        (link.c.to_id, link.c.from_id.in_(ids)),
        (link.c.from_id, link.c.to_id.in_(ids)),
        (follow_up.c.activity_id, follow_up.c.from_activity_id.in_(ids)),
    ):
        found.update(tx.connection.execute(select(column).where(condition)).scalars())
    told = select(drop_record.c.numbers).where(
        drop_record.c.activity_id.in_(ids), drop_record.c.numbers != "[]"
    )
    numbers = {
        one["number"] for text in tx.connection.execute(told).scalars() for one in json.loads(text)
    }
    for start in range(0, len(numbers), _SOME):
        some = activity.c.number.in_(sorted(numbers)[start : start + _SOME])
        named = select(activity.c.id).where(activity.c.segment_id == segment_id, some)
        found.update(tx.connection.execute(named).scalars())
    return found


def written_of(tx: Tx, activity_ids: Collection[int]) -> dict[int, bytes]:
    """Stored message -> identity, of all messages of these activities whose octets are there."""
    found: dict[int, bytes] = {}
    chosen = sorted(activity_ids)
    for start in range(0, len(chosen), _SOME):
        rows = tx.connection.execute(
            select(rendering.c.stored_message_id, rendering.c.identity).where(
                rendering.c.activity_id.in_(chosen[start : start + _SOME]),
                rendering.c.stored_message_id.is_not(None),
            )
        )
        found.update((row[0], row[1]) for row in rows)
    return found


def forget_renderings(tx: Tx, stored_message_ids: Collection[int]) -> None:
    """Activities' messages have these bytes no more."""
    chosen = sorted(stored_message_ids)
    for start in range(0, len(chosen), _SOME):
        tx.connection.execute(
            update(rendering)
            .where(rendering.c.stored_message_id.in_(chosen[start : start + _SOME]))
            .values(stored_message_id=None)
        )

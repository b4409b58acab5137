"""Whether the stored bytes of messages are what they were when they came."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import func, select

from storage import messages
from storage.checks import place
from storage.engine import Database, Tx
from storage.erasing import LEAVING
from storage.schema import (
    activity,
    entry,
    folder,
    incoming,
    message,
    message_chunk,
    outbox,
    principal,
    rendering,
)

OCTETS = 8 * 1024 * 1024
"""What one transaction reads; a larger message has one to itself."""
ROWS = 200
"""Messages of one transaction."""
PLACES = 3
"""Of a message that is wrong, where it stands."""


@dataclass(frozen=True, slots=True)
class Looked:
    """One batch. octets: read by now; faults: a sentence for each message that is wrong."""

    octets: int
    faults: tuple[str, ...]


def check(db: Database) -> Iterator[Looked]:
    """Reads every message in batches, never more than a chunk of it at a time in memory. Those that
    are being erased are passed over."""
    after, octets = 0, 0
    while True:
        last, read, faults = db.read(partial(_batch, after))
        if last is None:
            return
        after = last
        octets += read
        yield Looked(octets, tuple(faults))


def total(db: Database) -> int:
    """Octets of all messages."""
    return int(
        db.read(
            lambda tx: tx.connection.execute(
                select(func.coalesce(func.sum(message.c.size), 0))
            ).scalar_one()
        )
    )


def leaving(db: Database) -> Iterator[str]:
    """Messages that are erased, but whose bytes an interrupted run has left."""
    found = db.read(
        lambda tx: (
            tx.connection.execute(
                select(message.c.id).where(message.c.identity == LEAVING).order_by(message.c.id)
            )
            .scalars()
            .all()
        )
    )
    for one in found:
        yield f"Message {one} was erased, but its bytes are still there."


def _batch(after: int, tx: Tx) -> tuple[int | None, int, list[str]]:
    """(the last message looked at, None if there is none; octets; faults)."""
    found = tx.connection.execute(
        select(message.c.id, message.c.size, message.c.sha256, message.c.identity)
        .where(message.c.id > after)
        .order_by(message.c.id)
        .limit(ROWS)
    ).all()
    last, octets = None, 0
    faults: list[str] = []
    for row in found:
        if octets and octets + row.size > OCTETS:
            break
        last = int(row.id)
        octets += row.size
        if row.identity != LEAVING and (fault := _fault(tx, row)) is not None:
            faults.append(f"Message {row.id} {fault}. It stands: {_places(tx, row.id)}.")
    return last, octets, faults


def _places(tx: Tx, stored_message_id: int) -> str:
    """Some of its entries, so that a person can tell which mail it is."""
    rows = tx.connection.execute(
        select(entry.c.uid, folder.c.id, folder.c.name, principal.c.name, activity.c.number)
        .join_from(entry, folder, folder.c.id == entry.c.folder_id)
        .outerjoin(principal, principal.c.id == folder.c.owner_id)
        .outerjoin(activity, activity.c.id == entry.c.activity_id)
        .where(entry.c.stored_message_id == stored_message_id)
        .order_by(folder.c.id, entry.c.uid)
        .limit(PLACES)
    ).all()
    told = [
        place(*row[:4]) + (f", activity #{row.number}" if row.number is not None else "")
        for row in rows
    ]
    queued = tx.connection.execute(
        select(incoming.c.id).where(incoming.c.stored_message_id == stored_message_id).limit(PLACES)
    ).scalars()
    told += [f"row {one} of the queue" for one in queued]
    sent = tx.connection.execute(
        select(outbox.c.id).where(outbox.c.stored_message_id == stored_message_id).limit(PLACES)
    ).scalars()
    told += [f"mail {one} of the outbox" for one in sent]
    if not told:
        told += _written_of(tx, stored_message_id)
    return "; ".join(told) or "in no folder"


def _written_of(tx: Tx, stored_message_id: int) -> list[str]:
    """What isn't to be seen any more: of which activity it was an old message."""
    found = tx.connection.execute(
        select(activity.c.number)
        .join_from(rendering, activity, activity.c.id == rendering.c.activity_id)
        .where(rendering.c.stored_message_id == stored_message_id)
    ).scalars()
    return [f"an old message of activity #{number}" for number in found]


def _fault(tx: Tx, row: Any) -> str | None:
    digest, size = hashlib.sha256(), 0
    found = tx.connection.execute(
        select(message_chunk.c.n, message_chunk.c.bytes)
        .where(message_chunk.c.stored_message_id == row.id)
        .order_by(message_chunk.c.n),
        execution_options={"yield_per": 1},
    )
    with closing(found) as chunks:
        for n, chunk in enumerate(chunks):
            # Every chunk but the last has its full length: that is how a range is found.
            if chunk.n != n or size != n * messages.CHUNK:
                return f"has lost bytes (chunk {n} is missing or too short)"
            digest.update(chunk.bytes)
            size += len(chunk.bytes)
    if size != row.size:
        return f"has {size} octets instead of {row.size}"
    if digest.digest() != row.sha256:
        return "has other bytes than those that came"
    return None

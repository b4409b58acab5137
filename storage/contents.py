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
from storage.engine import Database, Tx
from storage.erasing import LEAVING
from storage.schema import message, message_chunk

OCTETS = 8 * 1024 * 1024
"""What one transaction reads; a larger message has one to itself."""
ROWS = 200
"""Messages of one transaction."""


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
        if row.identity != LEAVING:
            faults += _faults(tx, row)
    return last, octets, faults


def _faults(tx: Tx, row: Any) -> list[str]:
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
                return [f"Message {row.id} has lost bytes: chunk {n} is missing or too short."]
            digest.update(chunk.bytes)
            size += len(chunk.bytes)
    if size != row.size:
        return [f"Message {row.id} has {size} octets instead of {row.size}."]
    if digest.digest() != row.sha256:
        return [f"Message {row.id} has other bytes than those that came."]
    return []

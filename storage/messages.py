"""Raw bytes of messages in chunk rows (docs/rules.md 18)."""

from __future__ import annotations

import hashlib
import logging
import mmap
from dataclasses import dataclass

from sqlalchemy import bindparam, delete, insert, select

from storage.engine import Tx
from storage.schema import message, message_chunk

CHUNK = 256 * 1024
"""Octets of a row; the last may be shorter. Stored offsets depend on it: it never changes."""
_ROWS_TOGETHER = 4
LEAVING = b""
"""message.identity of one that nothing refers to any more and whose bytes are being removed."""

_KNOWN = select(message.c.id).where(
    message.c.segment_id == bindparam("segment"), message.c.sha256 == bindparam("sha256")
)
_INSERT = insert(message).returning(message.c.id)
_INSERT_CHUNKS = insert(message_chunk)
_RANGE = (
    select(message_chunk.c.bytes)
    .where(
        message_chunk.c.stored_message_id == bindparam("message_id"),
        message_chunk.c.n.between(bindparam("first"), bindparam("last")),
    )
    .order_by(message_chunk.c.n)
)
_SIZE = select(message.c.size).where(message.c.id == bindparam("message_id"))
_CAME = select(message.c.size, message.c.sha256).where(message.c.id == bindparam("message_id"))
_REMOVE_CHUNKS = delete(message_chunk).where(
    message_chunk.c.stored_message_id == bindparam("message_id")
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ObjectIds:
    """EMAILID and THREADID (RFC 8474)."""

    email: str
    thread: str


def add(
    tx: Tx,
    segment_id: int,
    content: bytes | mmap.mmap,
    sha256: bytes,
    identity: bytes,
    sent_on: str | None,
    ids: ObjectIds,
) -> tuple[int, bool]:
    """(row id, whether it is new). The same bytes of a segment are stored once; if they stand there
    damaged, these take their place. A memory map is read in pieces. sha256, identity: 32 octets
    each; sent_on: see schema.message. ids: for a new one."""
    known = tx.connection.execute(_KNOWN, {"segment": segment_id, "sha256": sha256}).scalar()
    octets = len(content)
    if known is not None:
        if not is_intact(tx, known):
            _log.warning("message %d was damaged; it came again, and is whole now", known)
            tx.connection.execute(_REMOVE_CHUNKS, {"message_id": known})
            _add_chunks(tx, known, content)
        return int(known), False
    made = int(
        tx.connection.execute(
            _INSERT,
            {
                "segment_id": segment_id,
                "sha256": sha256,
                "identity": identity,
                "size": octets,
                "sent_on": sent_on,
                "created_at": tx.now,
                "email_id": ids.email,
                "thread_id": ids.thread,
            },
        ).scalar_one()
    )
    _add_chunks(tx, made, content)
    return made, True


def read_range(tx: Tx, message_id: int, start: int, end: int) -> bytes:
    """Octets [start, end) of a message, cut at its size; none for a message that isn't there."""
    if start >= end:
        return b""
    first = start // CHUNK
    found = tx.connection.execute(
        _RANGE, {"message_id": message_id, "first": first, "last": (end - 1) // CHUNK}
    ).scalars()
    whole = b"".join(found)
    offset = first * CHUNK
    if start == offset and len(whole) <= end - start:
        return whole
    return whole[start - offset : end - offset]


def is_here(tx: Tx, message_id: int) -> bool:
    """Whether there is such a message that isn't being erased."""
    found = tx.connection.execute(select(message.c.identity).where(message.c.id == message_id))
    return found.scalar() not in (None, LEAVING)


def is_intact(tx: Tx, message_id: int) -> bool:
    """Whether all its octets are what they were when they came (their SHA-256). Reads them all, a
    chunk at a time. False for a message that isn't there."""
    digest = hashlib.sha256()
    row = tx.connection.execute(_CAME, {"message_id": message_id}).first()
    if row is None:
        return False
    octets, came = row
    for start in range(0, octets, CHUNK):
        digest.update(read_range(tx, message_id, start, start + CHUNK))
    return digest.digest() == bytes(came)


def size(tx: Tx, message_id: int) -> int:
    """Octets. Raises sqlalchemy.exc.NoResultFound for a message that isn't there."""
    return int(tx.connection.execute(_SIZE, {"message_id": message_id}).scalar_one())


def _add_chunks(tx: Tx, message_id: int, content: bytes | mmap.mmap) -> None:
    rows = range(0, len(content), CHUNK)
    for together in range(0, len(rows), _ROWS_TOGETHER):
        tx.connection.execute(
            _INSERT_CHUNKS,
            [
                {
                    "stored_message_id": message_id,
                    "n": start // CHUNK,
                    "bytes": content[start : start + CHUNK],
                }
                for start in rows[together : together + _ROWS_TOGETHER]
            ],
        )

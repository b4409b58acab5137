"""Raw bytes of messages in chunk rows (DESIGN rule 18)."""

from __future__ import annotations

import mmap

from storage.engine import Tx

CHUNK = 256 * 1024


def add(
    tx: Tx, segment_id: int, content: bytes | mmap.mmap, sha256: bytes, identity: bytes, sent_on: str | None
) -> tuple[int, bool]:
    """(row id, whether it is new). The same bytes of a segment are stored once."""
    raise NotImplementedError


def read_range(tx: Tx, message_id: int, start: int, end: int) -> bytes:
    """Octets [start, end) of a message, cut at its size."""
    raise NotImplementedError


def size(tx: Tx, message_id: int) -> int:
    raise NotImplementedError

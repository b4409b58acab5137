"""The bytes of a stored message as they came, to be read once more."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from imapgate.folders import ready
from imapgate.mime.index import Content
from storage import Database, Tx, messages

PIECE = 4 * 1024 * 1024
"""Octets that one transaction reads."""


@contextmanager
def stored_content(db: Database, stored_message_id: int, size: int) -> Iterator[Content | None]:
    """A large message stands in a temporary file, never whole in memory. None: it isn't there, or
    no longer."""
    if size <= ready.IN_MEMORY:
        whole = db.read(lambda tx: messages.read_range(tx, stored_message_id, 0, size))
        yield whole if len(whole) == size else None
        return
    with tempfile.TemporaryFile() as file:
        for start in range(0, size, PIECE):
            end = min(start + PIECE, size)
            piece = db.read(partial(_piece, stored_message_id, start, end))
            if len(piece) != end - start:
                yield None
                return
            file.write(piece)
        file.flush()
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            yield content


def _piece(stored_message_id: int, start: int, end: int, tx: Tx) -> bytes:
    return messages.read_range(tx, stored_message_id, start, end)

"""A lock between processes: that of an empty SQLite file, as with storage.occupancy, since it is
the same on every system and ends with its process, however that ends."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from storage.files import owned_like


@contextlib.contextmanager
def locked(path: Path, patience: float) -> Iterator[bool]:
    """Whether it is held, after waiting for so many seconds at most. path: made where it isn't
    there; nothing is ever written to it. Raises OSError where it can't be made."""
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        owned_like(path, path.parent)
    try:
        connection = sqlite3.connect(path, isolation_level=None, timeout=patience)
    except sqlite3.Error:
        yield False
        return
    with closing(connection):
        try:
            connection.execute("PRAGMA journal_mode=MEMORY").close()
            connection.execute("BEGIN EXCLUSIVE").close()
        except sqlite3.Error:
            yield False
            return
        yield True

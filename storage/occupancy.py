"""Who is at work on a data directory: commands and one server beside each other, or one alone.

Kept by the locks of an empty SQLite file beside the database, since they are the same on every
system and end with the process that holds them, however it ends.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from storage.faults import Unavailable, told_plainly
from storage.files import owned_like

FILE_NAME = "imapgate.lock"
PATIENCE = 2.0
"""Seconds for which a server or a lone command waits for commands that are about to end."""


class Occupied(Exception):
    """Somebody else is at work there; the text is one plain sentence."""


@contextmanager
def at_work(directory: Path) -> Iterator[None]:
    """While a command reads or writes; any number of them, beside a server. Raises Occupied,
    Unavailable."""
    with _holding(directory, _BESIDE, 0.0) as held:
        if not held:
            raise Occupied(_who(directory))
        yield


@contextmanager
def serving(directory: Path) -> Iterator[None]:
    """While a server serves: one at a time. Raises Occupied, Unavailable."""
    with _holding(directory, _FIRST, PATIENCE) as held:
        if not held:
            raise Occupied(_who(directory))
        yield


@contextmanager
def alone(directory: Path) -> Iterator[None]:
    """While the database file is exchanged or its form changes. Raises Occupied, Unavailable."""
    with _holding(directory, "BEGIN EXCLUSIVE", PATIENCE) as held:
        if not held:
            raise Occupied(_who(directory))
        yield


def is_served(directory: Path) -> bool:
    """Whether a server serves there just now. Raises Unavailable."""
    with _holding(directory, _FIRST, 0.0) as held:
        return not held


_BESIDE, _FIRST = "BEGIN", "BEGIN IMMEDIATE"


def _who(directory: Path) -> str:
    with _holding(directory, _BESIDE, 0.0) as held:
        if not held:
            return f"The database in {directory} is being restored or upgraded: try again soon."
    with _holding(directory, _FIRST, 0.0) as held:
        if not held:
            return f"A server is running on {directory}: stop it first."
    return f"Another command is at work in {directory}: try again when it has ended."


@contextmanager
def _holding(directory: Path, begin: str, patience: float) -> Iterator[bool]:
    """Whether the lock is held. Raises Unavailable where there can be no such file."""
    path = directory / FILE_NAME
    _make(path)
    with told_plainly():
        connection = sqlite3.connect(
            path.absolute().as_uri() + "?mode=rw",
            uri=True,
            isolation_level=None,
            timeout=patience,
            check_same_thread=False,
        )
    with closing(connection):
        yield _taken(connection, begin)


def _taken(connection: sqlite3.Connection, begin: str) -> bool:
    with told_plainly():
        try:
            # No journal: there is nothing to write, and nothing must be left behind.
            connection.execute("PRAGMA journal_mode=MEMORY").close()
            connection.execute(begin).close()
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            return False
    return True


def _make(path: Path) -> None:
    try:
        # Only where there is none: closing a file gives up all locks that this process has on it.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        owned_like(path, path.parent)
    except FileExistsError:
        return
    except OSError as error:
        raise Unavailable(f"{path} can't be made: {error.strerror}") from error

"""A database: short read transactions, durable writes gathered by one writer, and news of what changed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from storage.changes import ChangeFeed

T = TypeVar("T")


class Unavailable(Exception):
    """The database can't be reached or written just now; nothing of the request was kept."""


class Tx:
    """One transaction: a Core connection, and the news that goes out once it has committed.

    In a write, each request runs in its own SAVEPOINT and may be run a second time: no side effects
    outside the transaction.
    """

    connection: Connection
    now: int
    """Whole seconds since 1970 UTC, the same throughout the transaction."""

    def touch(self, folder_id: int) -> None:
        """Tell, after COMMIT, everybody who looks at this folder."""
        raise NotImplementedError

    def touch_people(self) -> None:
        """Tell, after COMMIT, every session that people, rights or folder names changed."""
        raise NotImplementedError


class Database:
    """Open with `Database.open`; close with `close`. Methods may be called from any thread but the reactor's."""

    changes: ChangeFeed

    @classmethod
    def create(cls, path: Path, made_by: str) -> Database:
        """Make a new database file (mode 0600) with today's schema. Raises FileExistsError."""
        raise NotImplementedError

    @classmethod
    def open(cls, path: Path) -> Database:
        """Open an existing one. Raises FileNotFoundError, or SchemaMismatch with a sentence what to do."""
        raise NotImplementedError

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run work in a read transaction (one snapshot, never waits for writers)."""
        raise NotImplementedError

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run work in the writer; returns after the durable COMMIT. What work raises is raised here,
        and nothing of it is kept. Raises Unavailable when the database can't be written."""
        raise NotImplementedError

    def close(self) -> None:
        """Finish what is being committed, then close. Idempotent."""
        raise NotImplementedError

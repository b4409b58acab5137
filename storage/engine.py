"""A database: short read transactions, durable writes gathered by one writer, news of changes."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import func, insert, select

from storage import history, sqlite
from storage.changes import ChangeFeed
from storage.checkpoints import Checkpointer
from storage.faults import SchemaMismatch, Unavailable, told_plainly
from storage.presence import Presence
from storage.schema import meta, metadata
from storage.transactions import Tx
from storage.writer import Writer

__all__ = ["Database", "SchemaMismatch", "Tx", "Unavailable"]

T = TypeVar("T")


class Database:
    """Open with `Database.open`; close with `close`. Methods may be called from any thread but the
    reactor's."""

    changes: ChangeFeed
    path: Path

    def __init__(self, path: Path) -> None:
        """Use `open` or `create`: they check what stands at `path`."""
        origin = secrets.token_hex(8)
        self.path = path
        presence = Presence(path)
        self._bare = sqlite.bare(path, presence)
        self._readers = sqlite.readers(path, presence)
        self._writing = sqlite.writer(path, presence)
        self.changes = ChangeFeed(self._bare, origin, presence.check)
        self._checkpointer = Checkpointer(self._bare, path)
        self._writer = Writer(
            self._writing, self.changes, origin, presence.check, self._checkpointer.committed
        )
        self._closing = threading.Lock()
        self._closed = False

    @classmethod
    def create(cls, path: Path, made_by: str) -> Database:
        """Make a new database file (mode 0600) with today's schema.

        made_by: the command that makes it, for `Database.made_by`. Raises FileExistsError,
        Unavailable.
        """
        sqlite.make_file(path)
        creator = sqlite.creator(path)
        with told_plainly(), creator.begin() as connection:
            if connection.execute(select(func.count()).select_from(history.master)).scalar_one():
                raise FileExistsError(f"{path} was just made by another process")
            metadata.create_all(connection, checkfirst=False)
            history.stamp(connection)
            connection.execute(
                insert(meta),
                [
                    {"key": "made_by", "value": made_by},
                    {"key": "uidvalidity", "value": str(int(time.time()))},
                ],
            )
        return cls.open(path)

    @classmethod
    def open(cls, path: Path) -> Database:
        """Open an existing one. Raises FileNotFoundError, Unavailable, or SchemaMismatch with a
        sentence what to do."""
        sqlite.check_file(path)
        with told_plainly(), sqlite.bare(path).connect() as connection:
            history.check(connection, path)
            sqlite.write_ahead(connection)
        return cls(path)

    @classmethod
    def upgrade(cls, path: Path) -> None:
        """Bring an older database file to today's schema, whole or not at all; nothing to do is
        fine. No server may run on it. Raises FileNotFoundError, SchemaMismatch (newer, or not
        ours), Unavailable."""
        sqlite.check_file(path)
        history.upgrade(path)

    @property
    def made_by(self) -> str:
        """Which command made this database. Raises Unavailable."""
        found = self.read(
            lambda tx: tx.connection.execute(
                select(meta.c.value).where(meta.c.key == "made_by")
            ).scalar_one()
        )
        return str(found)

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run work in a read transaction (one snapshot, never waits for writers).
        Raises Unavailable."""
        if self._closed:
            raise Unavailable("the database is closed")
        with told_plainly(), self._readers.connect() as connection:
            try:
                return work(Tx(connection, int(time.time()), writes=False))
            except BaseException as error:
                # A cursor that was left open would hold this snapshot for the next reader too.
                connection.invalidate(error)
                raise

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run work in the writer; returns after the durable COMMIT. What work raises is raised
        here, and nothing of it is kept. Raises Unavailable when the database can't be written,
        RuntimeError inside a write."""
        return self._writer.write(work)

    def close(self) -> None:
        """Finish what is being committed, then close. Idempotent."""
        with self._closing:
            if self._closed:
                return
            self._closed = True
            self._writer.close()
            self.changes.close()
            self._checkpointer.close()
            self._readers.dispose()
            self._writing.dispose()
            self._bare.dispose()

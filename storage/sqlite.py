"""SQLite's side of the house: the file, its connections and their pragmas."""

from __future__ import annotations

import os
import sqlite3
import stat
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.pool import NullPool, Pool, QueuePool

from storage.faults import Unavailable
from storage.presence import Presence

BUSY_SECONDS = 5.0
"""How long a statement waits for another process's lock before the database counts as away."""
KEPT_WAL = 32 * 1024 * 1024
"""Octets that the write-ahead log keeps on disk once all of it stands in the database file."""
FLUSHED = (
    "PRAGMA synchronous=FULL",
    # On macOS a flush without it ends in the drive's own cache, which a power cut empties.
    "PRAGMA fullfsync=ON",
)
"""Each COMMIT is on the disk when it returns."""


def stray_beside(path: Path) -> Path | None:
    """A log or index of a database of this name, which SQLite would take for a new file's own."""
    for suffix in ("-wal", "-shm", "-journal"):
        beside = path.with_name(path.name + suffix)
        if beside.is_symlink() or beside.exists():
            return beside
    return None


def make_file(path: Path) -> None:
    """An empty file of mode 0600 whatever the umask; SQLite gives its side files the same mode.

    Raises FileExistsError if something is there, but for an empty file: that is what a creation
    that was cut short leaves behind.
    """
    stray = stray_beside(path)
    if stray is not None:
        raise FileExistsError(f"{stray} belongs to a database that is no longer there")
    if path.is_symlink():
        raise FileExistsError(f"{path} is a symbolic link")
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    made = os.open(path, flags, 0o600)
    try:
        if os.fstat(made).st_size:
            raise FileExistsError(f"{path} exists")
        if hasattr(os, "fchmod"):
            os.fchmod(made, 0o600)
    finally:
        os.close(made)


def check_file(path: Path) -> None:
    """Raises FileNotFoundError where nothing (or nothing finished) stands, Unavailable where the
    path is no plain file: through a link, the write-ahead log would stand in another directory."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode):
        raise Unavailable(f"{path} is not a plain file")
    if found.st_size == 0:
        raise FileNotFoundError(f"{path} is empty: its making was cut short")


def write_ahead(connection: Connection) -> None:
    """Readers wait for nobody from here on. Has to come before any reader, who would be in its way.
    Raises Unavailable where the file system can't."""
    mode = connection.exec_driver_sql("PRAGMA journal_mode=WAL").scalar_one()
    if mode != "wal":
        raise Unavailable("the database's file system can't hold a write-ahead log")


def wal_size(path: Path) -> int:
    """Octets of the write-ahead log's file; 0 if there is none."""
    try:
        return path.with_name(path.name + "-wal").stat().st_size
    except FileNotFoundError:
        return 0


def readers(path: Path, presence: Presence) -> Engine:
    """Transactions begin deferred and can't write. As many connections as there are readers: none
    waits for another."""
    pragmas = ["PRAGMA query_only=ON"]
    return _engine(path, QueuePool, "BEGIN", pragmas, presence, pool_size=8, max_overflow=-1)


def writer(path: Path, presence: Presence) -> Engine:
    """One connection; its transactions hold the write lock from the start and never checkpoint."""
    pragmas = ["PRAGMA wal_autocheckpoint=0"]
    return _engine(
        path, QueuePool, "BEGIN IMMEDIATE", pragmas, presence, pool_size=1, max_overflow=0
    )


def creator(path: Path) -> Engine:
    """Makes or migrates a schema; closes its connection after use. No WAL: an empty file stays
    empty until the first transaction has committed. No foreign keys: a migration puts a new table
    in an old one's place; they are checked before it commits."""
    return _engine(path, NullPool, "BEGIN IMMEDIATE", ["PRAGMA foreign_keys=OFF"], None)


def bare(path: Path, presence: Presence | None = None) -> Engine:
    """Statements outside transactions: PRAGMA data_version, checkpoints."""
    return _engine(path, NullPool, None, [], presence)


def _engine(
    path: Path,
    pool: type[Pool],
    begin: str | None,
    pragmas: list[str],
    presence: Presence | None,
    **sizes: int,
) -> Engine:
    # mode=rw: a file that has gone away is an error, never a new empty database.
    uri = path.absolute().as_uri() + "?mode=rw"

    def connect() -> sqlite3.Connection:
        if presence is not None:
            presence.check()
        return sqlite3.connect(
            uri,
            uri=True,
            isolation_level=None,  # the driver begins nothing by itself
            timeout=BUSY_SECONDS,
            check_same_thread=False,  # the pool lends a connection to one thread at a time
        )

    # hide_parameters: an incident in the log must not show people's mail.
    engine = create_engine(
        "sqlite://", creator=connect, poolclass=pool, hide_parameters=True, **sizes
    )

    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        for pragma in (
            "PRAGMA foreign_keys=ON",
            *FLUSHED,
            # What is erased is overwritten, however SQLite was built; also what moved before.
            "PRAGMA secure_delete=ON",
            f"PRAGMA journal_size_limit={KEPT_WAL}",
            *pragmas,
        ):
            connection.execute(pragma).close()

    event.listen(engine, "connect", prepare)
    if presence is not None:
        presence.guard(engine)
    if begin is not None:

        def start(connection: Connection) -> None:
            connection.exec_driver_sql(begin)

        event.listen(engine, "begin", start)
    return engine

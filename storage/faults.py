"""What can go wrong below a transaction, told without SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout


class Unavailable(Exception):
    """The database can't be reached or written just now; nothing of the request was kept."""


class SchemaMismatch(Exception):
    """The database file is of another version than this program; the text says what to do."""


_CAUSES = {
    sqlite3.SQLITE_PERM: "access to the database file is not permitted",
    sqlite3.SQLITE_BUSY: "the database is locked by another process",
    sqlite3.SQLITE_LOCKED: "the database is locked",
    sqlite3.SQLITE_NOMEM: "the database ran out of memory",
    sqlite3.SQLITE_READONLY: "the database can't be written: the file or its disk is read-only",
    sqlite3.SQLITE_INTERRUPT: "the database was interrupted",
    sqlite3.SQLITE_IOERR: "the database's disk reports an input/output error",
    sqlite3.SQLITE_CORRUPT: "the database file is damaged",
    sqlite3.SQLITE_FULL: "the database's disk is full",
    sqlite3.SQLITE_CANTOPEN: "the database file can't be opened",
    sqlite3.SQLITE_PROTOCOL: "the database is locked by another process",
    sqlite3.SQLITE_NOTADB: "the file is not a database",
}


def code(error: BaseException) -> int | None:
    """SQLite's primary result code, if the error is one of SQLite's."""
    below = error.orig if isinstance(error, DBAPIError) else error
    found = getattr(below, "sqlite_errorcode", None)
    return None if found is None else int(found) & 0xFF


def unavailable(error: BaseException) -> Unavailable | None:
    """The plain cause, if `error` says that the database is away; None for everything else (a
    broken constraint, a wrong statement, an exception of the caller's own)."""
    if isinstance(error, PoolTimeout):
        return Unavailable("too many readers are waiting for the database")
    below = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(below, "sqlite_errorcode", None)
    if isinstance(below, sqlite3.Error) and code is not None:
        cause = _CAUSES.get(code & 0xFF)
        return Unavailable(cause) if cause else None
    if isinstance(error, OperationalError | sqlite3.OperationalError):
        return Unavailable("the database can't be reached")
    return None


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turns what says that the database is away into Unavailable; lets everything else pass."""
    try:
        yield
    except (DBAPIError, PoolTimeout, sqlite3.Error) as error:
        plain = unavailable(error)
        if plain is None:
            raise
        raise plain from error

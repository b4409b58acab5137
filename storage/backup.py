"""A copy of the database, taken while others write, and checked before it has its name."""

from __future__ import annotations

import errno
import os
import secrets
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from storage import files, history, sqlite
from storage.faults import SchemaMismatch, Unavailable, code, told_plainly
from storage.schema import activity, message

_STEPS = 100_000
"""Steps of SQLite's machine after which Python may act on a signal."""
_DAMAGED = "it is damaged, or no database at all"


class Damaged(Exception):
    """The file is no sound database; the text is one plain sentence."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What a database file holds. revision: of its schema; octets: its size."""

    revision: str
    octets: int
    activities: int
    messages: int


def take(path: Path, target: Path, *, replace: bool = False) -> Copy:
    """Everything that was committed before the call, in one new file of mode 0600; the database may
    be of any version. Written beside `target`, checked and flushed before it gets that name.

    One read transaction (VACUUM INTO): it neither waits for writers nor do they wait for it, and it
    can't be made to start over by them, as SQLite's page-wise backup can. Octets that were deleted
    don't come along. replace: whether `target` may exist. Raises Damaged, SchemaMismatch (no
    database of ours), Unavailable, OSError.
    """
    sqlite.check_file(path)
    stray = sqlite.stray_beside(target)
    if stray is not None:
        raise Unavailable(f"{stray} belongs to another database; remove it, or name another file")
    new = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        sqlite.make_file(new)
        with told_plainly(), sqlite.bare(path).connect() as connection:
            if history.revision(connection) is None:
                raise SchemaMismatch(f"{path} is not an imapgate database.")
            _heed_signals(connection)
            _write(connection, new, target)
        copied = look(new)
        files.sync(new)
        files.put(new, target, replace=replace)
    finally:
        new.unlink(missing_ok=True)
    return copied


def look(path: Path) -> Copy:
    """Reads a database file through. Raises Damaged, Unavailable; SchemaMismatch if it is not
    ours."""
    with told_plainly():
        try:
            with sqlite.bare(path).connect() as connection:
                _heed_signals(connection)
                sound = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
                if sound != "ok":
                    raise Damaged(_DAMAGED)
                found = history.revision(connection)
                if found is None:
                    raise SchemaMismatch("it is not an imapgate database")
                activities, messages = (
                    connection.execute(select(func.count()).select_from(table)).scalar_one()
                    for table in (activity, message)
                )
        except (DBAPIError, sqlite3.Error) as error:
            if is_damage(error):
                raise Damaged(_DAMAGED) from error
            raise
    return Copy(found, path.stat().st_size, int(activities), int(messages))


def is_damage(error: BaseException) -> bool:
    """Whether SQLite says that the file itself is broken."""
    return code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _write(connection: Connection, new: Path, target: Path) -> None:
    try:
        connection.exec_driver_sql("VACUUM INTO ?", (str(new),))
    except DBAPIError as error:
        if is_damage(error):
            raise Damaged("the database is damaged") from error
        if code(error) == sqlite3.SQLITE_FULL:
            # The copy's disk, which needn't be the database's.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target)) from error
        raise


def _heed_signals(connection: Connection) -> None:
    """Lets Ctrl+C end a statement that takes minutes: it then fails as interrupted."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_progress_handler(lambda: 0, _STEPS)

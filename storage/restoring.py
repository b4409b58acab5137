"""A backup put in the database's place, so that nothing is given out twice (docs/rules.md 8)."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.exc import DBAPIError

from storage import backup, files, history, sqlite
from storage.backup import Copy
from storage.faults import Unavailable, code, told_plainly
from storage.people import FLOOR
from storage.schema import (
    activity_event,
    activity_revision,
    folder,
    meta,
    pending_notification,
    segment,
)

NUMBERS = 1_000_000
"""How far activity numbers jump where nobody can tell what was given out since the backup."""
UIDVALIDITIES = 1_000_000
"""The same for the counter of UIDVALIDITY: folders that were made since."""
REVISIONS = 1_000
"""The same for the revisions of activities' messages."""
_ANOTHER_TIME = frozenset(
    (
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_CANTOPEN,
    )
)
"""What says nothing about the file itself."""
_BESIDE = ("-wal", "-journal")
"""What a database that was not closed leaves in files of its own."""


@dataclass(frozen=True, slots=True)
class GivenOut:
    """What a database has given out: the last UIDVALIDITY; of each segment (by name_key) the next
    number, and the least that a new segment begins with."""

    uidvalidity: int
    numbers: dict[str, int]
    floor: int


def prepare(backup_file: Path, working: Path) -> Copy:
    """Copies a backup to `working` (mode 0600), checks it, and brings it to today's schema.

    Raises Damaged, SchemaMismatch (newer, or not ours), Unavailable, OSError.
    """
    files.copy(backup_file, working)
    for suffix in _BESIDE:
        beside = backup_file.with_name(backup_file.name + suffix)
        if beside.exists():
            files.copy(beside, working.with_name(working.name + suffix))
    found = backup.look(working)
    if history.lacks(working) is not None:
        history.upgrade(working)
    return found


def settle(path: Path) -> GivenOut | None:
    """Brings the write-ahead log of the database that is to be replaced home into its file, and
    says what it gave out; None if it can't be read any more. Raises Unavailable if somebody has it
    open, or it can't be written."""
    try:
        sqlite.check_file(path)
    except FileNotFoundError:
        return None
    with told_plainly():
        try:
            with sqlite.bare(path).connect() as connection:
                # Takes the whole file for itself: fails while anybody else has it open.
                _one_file(connection)
                return _given_out(connection)
        except (DBAPIError, sqlite3.Error) as error:
            if code(error) in _ANOTHER_TIME:
                raise
            return None


def renew(working: Path, before: GivenOut | None) -> None:
    """Gives every folder a new UIDVALIDITY and lets the numbers go on past what was given out; what
    was to be told or carried out just then isn't.

    before: by the database that is replaced; None: unknown, so that everything jumps by NUMBERS
    and UIDVALIDITIES. Raises Unavailable.
    """
    engine = sqlite.creator(working)
    with told_plainly(), engine.begin() as connection:
        known = _given_out(connection)
        assert known is not None
        _renew_folders(connection, known, before)
        _raise_numbers(connection, known, before)
        # What was written since the backup is still known by these to whoever has it.
        connection.execute(
            update(activity_revision).values(number=activity_revision.c.number + REVISIONS)
        )
        # It may have been told and carried out since the backup.
        for table in (activity_event, pending_notification):
            connection.execute(table.delete())
    with told_plainly(), sqlite.bare(working).connect() as connection:
        _one_file(connection)
    files.sync(working)


def exchange(working: Path, path: Path, aside: Path) -> None:
    """Puts `working` (of the same directory's file system) in the place of `path`, which stays
    under the name `aside`. A crash leaves the one or the other in place, whole. Raises OSError."""
    files.owned_like(working, path.parent)
    for suffix in ("", *_BESIDE):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            kept = aside.with_name(aside.name + suffix)
            files.second_name(beside, kept)
            kept.chmod(0o600)
    files.sync_directory(aside.parent)
    # Only a database that can't be read any more, or is gone, still has them here (see `settle`).
    # They must never meet the new file, so they go first.
    for suffix in (*_BESIDE, "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    files.sync_directory(path.parent)
    files.put(working, path, replace=True)


def _one_file(connection: Connection) -> None:
    """No write-ahead log any more. Raises Unavailable if it can't go."""
    if connection.exec_driver_sql("PRAGMA journal_mode=DELETE").scalar_one() != "delete":
        raise Unavailable("the database is in use by another process")


def _given_out(connection: Connection) -> GivenOut | None:
    """None where the rows are not as they have to be. Raises DBAPIError."""
    found = connection.execute(select(meta.c.key, meta.c.value)).all()
    values = {row[0]: row[1] for row in found}
    segments = connection.execute(select(segment.c.name_key, segment.c.next_number)).all()
    numbers = {row[0]: int(row[1]) for row in segments}
    try:
        return GivenOut(int(values["uidvalidity"]), numbers, int(values.get(FLOOR, 0)))
    except (KeyError, ValueError):
        return None


def _renew_folders(connection: Connection, known: GivenOut, before: GivenOut | None) -> None:
    last = max(known.uidvalidity, int(time.time()))
    last = last + UIDVALIDITIES if before is None else max(last, before.uidvalidity)
    ids = connection.execute(select(folder.c.id).order_by(folder.c.id)).scalars().all()
    if ids:
        connection.execute(
            update(folder)
            .where(folder.c.id == bindparam("of_folder"))
            .values(uidvalidity=bindparam("renewed")),
            [{"of_folder": one, "renewed": last + n} for n, one in enumerate(ids, 1)],
        )
    connection.execute(
        update(meta).where(meta.c.key == "uidvalidity").values(value=str(last + len(ids)))
    )


def _raise_numbers(connection: Connection, known: GivenOut, before: GivenOut | None) -> None:
    if before is None:
        numbers = {name: number + NUMBERS for name, number in known.numbers.items()}
        floor = max([known.floor, *numbers.values()], default=0)
    else:
        numbers = {
            name: max(number, before.numbers.get(name, 0)) for name, number in known.numbers.items()
        }
        # A segment that was made since the backup is gone; made once more, it must not begin anew.
        gone = [number for name, number in before.numbers.items() if name not in known.numbers]
        floor = max([known.floor, before.floor, *gone])
    for name, number in numbers.items():
        connection.execute(
            update(segment).where(segment.c.name_key == name).values(next_number=number)
        )
    if floor:
        connection.execute(meta.delete().where(meta.c.key == FLOOR))
        connection.execute(meta.insert().values(key=FLOOR, value=str(floor)))

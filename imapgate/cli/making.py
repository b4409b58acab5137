"""Making a database with its first content, whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from imapgate.activities.names import Mistake
from storage import Database, files, sqlite


def make(file: Path, made_by: str, fill: Callable[[Database], None]) -> None:
    """Make the database `file`, filled, and its directory (mode 0700), or nothing; it is on the
    disk under its name when this returns.

    made_by: for `Database.made_by`. Raises Mistake if it is there already or can't be made.
    """
    if file.exists():
        raise Mistake(f"There is already a database {file}.")
    stray = sqlite.stray_beside(file)
    if stray is not None:
        raise Mistake(
            f"{stray} belongs to a database that isn't there any more: put that back, or move "
            "this away."
        )
    try:
        _make_directory(file.parent)
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".making-") as directory:
            unfinished = Path(directory) / file.name
            database = Database.create(unfinished, made_by)
            try:
                fill(database)
            finally:
                database.close()
            if file.exists():
                raise Mistake(f"Another process has just made {file}.")
            unfinished.rename(file)
            files.sync_directory(file.parent)
    except OSError as error:
        raise Mistake(f"Can't make the database {file}: {error.strerror}.") from error


def _make_directory(directory: Path) -> None:
    """A mail that the database takes is as lasting as the names on the way to it."""
    missing = [one for one in (directory, *directory.parents) if not one.exists()]
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in missing:
        files.sync_directory(one.parent)

"""Keeping the database: backup, restore, and the upgrade, which keeps it first."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import click

from imapgate.activities.names import Mistake
from imapgate.cli import restored
from imapgate.cli.options import json_option
from imapgate.cli.output import progress, tell
from imapgate.cli.place import Place, command_line
from imapgate.folders import remaking
from imapgate.settings import FILE_NAME, Settings
from storage import Database, backup, contents, history, restoring
from storage.backup import Copy, Damaged
from storage.engine import SchemaMismatch, Unavailable
from storage.occupancy import FILE_NAME as LOCK
from storage.occupancy import alone, at_work

_FILE = click.Path(dir_okay=False, path_type=Path)
SHOWN = 10
"""Accounts that are told of by themselves."""


@click.command("backup")
@click.argument("file", type=_FILE)
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@json_option
@click.pass_obj
def back_up(place: Place, file: Path, force: bool, as_json: bool) -> None:
    """Copy the database to FILE, also while the server runs.

    The copy holds everything that was there when it was begun, in one file. It is checked before it
    has its name.

    \b
    Example:
      imapgate backup /media/backup/imapgate-monday.db
    """
    settings = place.settings()
    database = place.existing()
    if file.exists() and file.samefile(database):
        raise Mistake(f"{file} is the database itself: name another file.")
    if _is_ours(file, settings):
        raise Mistake(f"{file} belongs to the data directory itself: name another file.")
    if not force and (file.exists() or file.is_symlink()):
        raise Mistake(f"{file} is there already: name another file, or use --force.")
    with at_work(settings.data):
        copied = _taken(database, file, force)
    beside = _beside(settings)
    lines = [f"Backed up {database} to {file}: {_told(copied)}; checked."]
    lines += ["Not in it; keep these too, as safe as passwords:"] if beside else []
    lines += [f"  {path}: {what}" for path, what in beside]
    value = {
        "file": str(file.absolute()),
        **_counts(copied),
        "beside": [{"path": str(path), "what": what} for path, what in beside],
    }
    tell("\n".join(lines), value, as_json)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--yes", is_flag=True, help="Don't ask before the database is replaced.")
@json_option
@click.pass_obj
def restore(place: Place, file: Path, yes: bool, as_json: bool) -> None:
    """Put a backup in the database's place; stop the server first.

    The database that was there is kept beside it. Mail clients load every folder anew, and new
    activities get numbers past all that were ever given out.

    \b
    Example:
      imapgate restore /media/backup/imapgate-monday.db
    """
    database = place.settings().database
    if not file.exists():
        raise Mistake(f"There is no file {file}.")
    if database.exists() and file.samefile(database):
        raise Mistake(f"{file} is the database itself: name a backup.")
    with _unchanged(database):
        database.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (
        alone(database.parent),
        _unchanged(database),
        tempfile.TemporaryDirectory(dir=database.parent, prefix=".restoring-") as directory,
    ):
        working = Path(directory) / database.name
        found = _prepared(file, working)
        _bring_up(working)
        there = database.exists()
        quieted = restored.quieted(working, place.secret_key(), None if there else file)
        if there and not yes:
            _ask(f"Replace {database} by {file} ({_told(found)})?")
        before = restoring.settle(database) if there else None
        restoring.renew(working, before)
        aside = _kept_name(database, "restore")
        restoring.exchange(working, database, aside)
    lines = [f"Restored {database} from {file}: {_told(found)}."]
    if there:
        lines.append(f"What was there before is now {aside}.")
    if before is None:
        lines.append(
            "What was given out since the backup can't be known: "
            f"activity numbers go on {restoring.NUMBERS} further."
        )
    lines += restored.lines(quieted)
    lines.append(
        f"Mail clients load every folder anew. Next: `{command_line(place)} doctor`, then start the"
        " server."
    )
    value = {
        "database": str(database),
        "before": str(aside) if there else None,
        "numbers_jumped": before is None,
        **restored.values(quieted),
        **_counts(found),
    }
    tell("\n".join(lines), value, as_json)


@click.command()
@click.option("--backup", "kept", type=_FILE, metavar="FILE", help="Where the backup goes.")
@json_option
@click.pass_obj
def upgrade(place: Place, kept: Path | None, as_json: bool) -> None:
    """Bring the database to this version's form; a backup first.

    Stop the server before. Cut short, it goes on when it is run once more.

    \b
    Example:
      imapgate upgrade
      imapgate upgrade --backup /media/backup/imapgate-before.db
    """
    file = place.existing()
    with alone(file.parent):
        wanted = history.lacks(file)
        text = f"{file} is up to date."
        value: dict[str, Any] = {"database": str(file), "backup": None}
        if wanted is not None:
            kept, copied = _changed_form(file, wanted, kept)
            text += f" As it was before, it stands in {kept} ({_told(copied)})."
            value |= {"backup": str(kept.absolute()), **_counts(copied)}
        made, left = _bring_up(file)
    if left:
        damaged = "1 message is" if left == 1 else f"{left} messages are"
        text += f" {damaged} damaged: see `{command_line(place)} doctor`."
    tell(text, {**value, "made_anew": made, "damaged": left}, as_json)


def _changed_form(file: Path, wanted: str, kept: Path | None) -> tuple[Path, Copy]:
    """Upgraded to that revision; where its backup stands, and what is in it. Raises Mistake."""
    if kept is None:
        kept = _kept_name(file, wanted)
    elif kept.exists() or kept.is_symlink():
        raise Mistake(f"{kept} is there already: name another file for the backup.")
    copied = _taken(file, kept, False)
    try:
        Database.upgrade(file)
    except BaseException:
        click.echo(
            f"{file} could not be upgraded and is as it was. Its backup is {kept}.", err=True
        )
        raise
    return kept, copied


def _bring_up(file: Path) -> tuple[int, int]:
    """What is made of each message, where an older version made it; see `remaking.bring_up`."""
    with closing(Database.open(file)) as db, progress("messages", contents.total(db)) as move:
        return remaking.bring_up(db, move)


def _taken(database: Path, file: Path, force: bool) -> Copy:
    """The backup. Raises Mistake."""
    try:
        return backup.take(database, file, replace=force)
    except Damaged as error:
        raise Mistake(f"No backup was made: {error}; see `imapgate doctor`.") from error
    except FileExistsError:
        raise Mistake(f"{file} is there already: name another file, or use --force.") from None
    except Unavailable as error:
        raise Mistake(f"No backup was made: {error}.") from error
    except OSError as error:
        raise Mistake(f"No backup was made: {file}: {error.strerror}.") from error


def _prepared(file: Path, working: Path) -> Copy:
    """The backup's copy, ready but for what must be new. Raises Mistake."""
    try:
        return restoring.prepare(file, working)
    except (Damaged, SchemaMismatch) as error:
        cause = str(error).replace(str(working), str(file)).rstrip(".")
        raise Mistake(f"{file} can't be restored: {cause}. Nothing was changed.") from error


@contextmanager
def _unchanged(database: Path) -> Iterator[None]:
    """Says that the database stands as it was when a step before the exchange fails."""
    try:
        yield
    except Unavailable as error:
        raise Mistake(f"Nothing was restored: {error}. {database} is as it was.") from error
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise Mistake(
            f"Nothing was restored: {where}{error.strerror}. {database} is as it was."
        ) from error


def _ask(question: str) -> None:
    if not sys.stdin.isatty():
        raise Mistake(f"{question} Nothing was changed: say --yes.")
    if not click.confirm(question, err=True):
        raise Mistake("Nothing was changed.")


def _beside(settings: Settings) -> list[tuple[Path, str]]:
    """What belongs to a whole backup, and stands outside of the database."""
    places: list[tuple[Path | None, str]] = [
        (settings.certs, "keys and certificates that were made here"),
        (settings.certificate, "the certificate"),
        (settings.key, "the certificate's key"),
        (settings.secrets_key_file, "the key of the mail accounts' and mailers' passwords"),
        (settings.data / FILE_NAME, "the settings"),
        (settings.data / "spool", "mails that came while the database was away"),
    ]
    return [(path, what) for path, what in places if path is not None and _holds(path)]


def _is_ours(file: Path, settings: Settings) -> bool:
    """Whether `--force` would destroy what the server needs."""
    target, database = file.absolute(), settings.database.absolute()
    inside = (settings.certs, settings.data / "spool")
    if any(one.absolute() in target.parents for one in inside):
        return True
    own = {database.with_name(database.name + suffix) for suffix in ("-wal", "-shm", "-journal")}
    named = (
        settings.certificate,
        settings.key,
        settings.secrets_key_file,
        settings.data / FILE_NAME,
    )
    own |= {one.absolute() for one in named if one is not None}
    return target in own or target == database.with_name(LOCK)


def _holds(path: Path) -> bool:
    return any(path.iterdir()) if path.is_dir() else path.exists()


def _told(copy: Copy) -> str:
    activities = "activity" if copy.activities == 1 else "activities"
    messages = "message" if copy.messages == 1 else "messages"
    size = f"{copy.octets / 1024 / 1024:.1f} MiB"
    return f"{copy.activities} {activities}, {copy.messages} {messages}, {size}"


def _counts(copy: Copy) -> dict[str, Any]:
    return {
        "octets": copy.octets,
        "activities": copy.activities,
        "messages": copy.messages,
        "schema": copy.revision,
    }


def _kept_name(database: Path, change: str) -> Path:
    """Beside the database: what comes after this file, and when (UTC); nothing stands there yet."""
    when = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    first = database.with_name(f"{database.name}.before-{change}-{when}")
    names = (first, *(first.with_name(f"{first.name}.{n}") for n in range(2, 100)))
    return next(name for name in names if not name.exists())


COMMANDS = (back_up, restore, upgrade)

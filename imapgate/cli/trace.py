"""`imapgate trace`: one user's dialogue with the running server, to find out what a client does."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import click

from imapgate.activities.names import Mistake
from imapgate.activities.people import person
from imapgate.cli.options import json_option, segment_option
from imapgate.cli.output import clean, print_json
from imapgate.cli.place import Place, command_line, login
from imapgate.folders import traces
from imapgate.folders.traces import Wanted
from storage import Database

ANSWERED_WITHIN = 10.0
"""Seconds in which a running server has begun the file."""
ENDED_WITHIN = 5.0
"""Seconds in which it has written the last line."""
PAUSE = 0.2
"""Seconds between looks at the file."""


@click.command(short_help="Write what USER's clients and the server say.")
@click.argument("user")
@click.option(
    "--minutes",
    type=click.IntRange(1, 24 * 60),
    default=10,
    show_default=True,
    help="Ends by itself after so long.",
)
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write there, into a new file; else into the data directory.",
)
@segment_option
@json_option
@click.pass_obj
def trace(
    place: Place,
    user: str,
    minutes: int,
    output: Path | None,
    segment: str | None,
    as_json: bool,
) -> None:
    """Write what USER's mail clients and the server say, until Ctrl+C.

    The server has to run.

    Passwords are left out, and so is what mails say: literals, the strings in FETCH, the words that
    SEARCH looks for. Names of folders and the server's sentences stay. A session appears with its
    next command, a new one after its sign-in.

    \b
    Example:
      imapgate trace alice
      imapgate trace alice@Standard --minutes 60 --output alice.txt
    """
    with place.database() as db:
        who = db.read(lambda tx: person(tx, login(tx, user, segment)))
        asked = db.write(lambda tx: traces.ask(tx, who, minutes * 60))
        written = db.path.parent / traces.DIRECTORY / asked.file
        lines = 0
        try:
            with _begun(place, written) as source, _output(output) as copy:
                try:
                    for line in _followed(source, asked.until + ENDED_WITHIN):
                        lines += 1
                        _tell(line, copy, as_json)
                except KeyboardInterrupt:
                    _end(db, asked)
                    for line in _followed(source, time.time() + ENDED_WITHIN):
                        lines += 1
                        _tell(line, copy, as_json)
        finally:
            _end(db, asked)
    if output is not None:
        written.unlink(missing_ok=True)
        written = output
    if as_json:
        print_json({"file": str(written), "lines": lines})
    else:
        click.echo(clean(f"The trace is in {written}."))


def _begun(place: Place, file: Path) -> IO[str]:
    """Open the file once the server has begun it. Raises Mistake."""
    end = time.monotonic() + ANSWERED_WITHIN
    while time.monotonic() < end:
        with suppress(FileNotFoundError):
            return file.open(encoding="utf-8", newline="\n")
        time.sleep(PAUSE)
    raise Mistake(
        f"No server has begun the trace: is it running (`{command_line(place)} serve`), on this "
        "data directory?"
    )


def _output(file: Path | None) -> IO[str]:
    """For the owner alone. Raises Mistake."""
    if file is None:
        return open(os.devnull, "w", encoding="utf-8")
    try:
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Mistake(f"{file} is there already: name another file.") from None
    except OSError as error:
        raise Mistake(f"Can't write {file}: {error.strerror}.") from error
    return open(made, "w", encoding="utf-8", newline="\n")


def _followed(source: IO[str], until: float) -> Iterator[str]:
    """Whole lines as they come, up to the last one that the server writes, or until (seconds since
    1970 UTC)."""
    begun = ""
    while True:
        begun += source.readline()
        if begun.endswith("\n"):
            line, begun = begun[:-1], ""
            yield line
            if line.partition(" ")[2].startswith(traces.ENDS):
                return
        elif time.time() > until:
            return
        else:
            time.sleep(PAUSE)


def _tell(line: str, copy: IO[str], as_json: bool) -> None:
    copy.write(line + "\n")
    copy.flush()
    if not as_json:
        click.echo(clean(line))


def _end(db: Database, asked: Wanted) -> None:
    db.write(lambda tx: traces.end(tx, asked))


COMMANDS = (trace,)

"""`imapgate log`: what the server and the commands logged."""

from __future__ import annotations

import contextlib
import datetime
import json
import time
from collections.abc import Iterator

import click

from imapgate.cli.options import json_option
from imapgate.cli.output import print_objects
from imapgate.cli.place import Place
from imapgate.cli.when import When
from imapgate.log_files import SOURCES
from imapgate.log_reading import LEVELS, Event, Query, Reader

PAUSE = 0.5
"""Seconds between looks for what is new."""


@click.command(short_help="Show what the server and commands logged.")
@click.option(
    "--source",
    "sources",
    type=click.Choice(SOURCES),
    multiple=True,
    help="Only of this source; may be given several times.",
)
@click.option(
    "--level",
    type=click.Choice(LEVELS),
    default="debug",
    help="Only this level and those above it.",
)
@click.option(
    "--user", metavar="USER", help="Only what concerns this user, mail account or mailer."
)
@click.option("--since", type=When(), metavar="WHEN", help="A date, a time, or an age: 2h, 3d.")
@click.option("--follow", is_flag=True, help="Go on with what comes, until Ctrl+C.")
@json_option
@click.pass_obj
def log(
    place: Place,
    sources: tuple[str, ...],
    level: str,
    user: str | None,
    since: int | None,
    follow: bool,
    as_json: bool,
) -> None:
    """Show what the server and commands logged, oldest first.

    imap-auth, smtp-auth: users who sign in. imap: what their clients do. incoming: mail accounts
    that are read. outgoing: mails that are sent. server: everything else. Each line tells when, its
    level and source, who made it (the server, or a command with its user), and what happened. With
    --follow, --json prints an object in each line.

    \b
    Example:
      imapgate log --source imap-auth --level warning --since 1d
      imapgate log --source incoming --user support --follow
    """
    query = Query(frozenset(sources) or None, level, user, since)
    reader = Reader(place.settings().log_directory)
    if follow:
        with contextlib.suppress(KeyboardInterrupt):
            for event in _following(reader, query):
                click.echo(json.dumps(event.said) if as_json else _line(event))
    elif as_json:
        print_objects(event.said for event in reader.new(query))
    else:
        nothing = True
        for event in reader.new(query):
            click.echo(_line(event))
            nothing = False
        if nothing:
            click.echo("Nothing of that is in the log.")


def _following(reader: Reader, query: Query) -> Iterator[Event]:
    while True:
        yield from reader.new(query)
        time.sleep(PAUSE)


def _line(event: Event) -> str:
    from imapgate.log import one_line

    said = event.said
    when = datetime.datetime.fromtimestamp(event.at).astimezone()
    told = [f"{when:%Y-%m-%d %H:%M:%S}", f"{said.get('level', ''):<7}"]
    told += [f"{said.get('source', ''):<9}", str(said.get("by", ""))]
    if event.whom:
        told.append(f"[{event.whom}]")
    return one_line(" ".join([*told, str(said.get("message", ""))]))


COMMANDS = (log,)

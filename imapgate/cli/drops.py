"""The record of drops: what came of each mail, and where its bytes are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from imapgate.activities.names import Mistake
from imapgate.activities.people import person
from imapgate.activities.segments import find_segment
from imapgate.cli.options import json_option
from imapgate.cli.output import clean, console, print_json, print_objects, print_table
from imapgate.cli.place import Place, login
from imapgate.cli.saving import new_file
from imapgate.cli.when import When
from imapgate.folders import drop_log, records
from storage import Tx
from storage.drop_log import Wanted

LIMIT = 50
"""Records that are listed unless another number is asked for."""
ALL_COLUMNS = 150
"""Columns of a terminal from which on client and Message-ID have room."""
_COLUMNS = (
    *("id", "when", "who", "client", "folder", "subject", "Message-ID", "verdict", "numbers"),
)
_ONLY_WHERE_WIDE = ("client", "Message-ID")
VERDICTS = (records.FILED, records.REFUSED, records.LATER, records.REMOVED)
_LABELS = {
    "at": "when",
    "first_at": "first",
    "times": "times",
    "user": "who",
    "client": "client",
    "command": "command",
    "folder": "folder",
    "uid": "UID",
    "subject": "subject",
    "message_id": "Message-ID",
    "sha256": "SHA-256",
    "size": "octets",
    "verdict": "verdict",
    "code": "code",
    "text": "answer",
    "activity": "activity",
    "is_wrapper": "wrapper",
}


@click.group(invoke_without_command=True)
@click.option("--user", metavar="USER", help="Only what this user dropped or took out.")
@click.option("--folder", metavar="NAME", help="Only in this folder, by the name that it had then.")
@click.option("--verdict", type=click.Choice(VERDICTS), help="Only what came to this.")
@click.option(
    "--since", type=When(), metavar="WHEN", help="2026-11-21, '2026-11-21 14:30', 2h, 3d."
)
@click.option(
    "--until", type=When(end_of_day=True), metavar="WHEN", help="As --since; a date: its end."
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=LIMIT,
    show_default=True,
    help="The newest so many.",
)
@click.option("--segment", metavar="NAME", help="Only this segment; else all of them.")
@json_option
@click.pass_context
def drops(
    ctx: click.Context,
    user: str | None,
    folder: str | None,
    verdict: str | None,
    since: int | None,
    until: int | None,
    limit: int,
    segment: str | None,
    as_json: bool,
) -> None:
    """List drops: who, where, what came of it; newest last. Times are this machine's.

    \b
    Example:
      imapgate drops --user bert --since 2d
      imapgate drops --folder Trackers/Support --verdict refused --json
    """
    if ctx.invoked_subcommand is not None:
        return
    place: Place = ctx.obj

    def work(tx: Tx) -> Wanted:
        where = None if segment is None else find_segment(tx, segment)
        who = None if user is None else person(tx, login(tx, user, segment))
        if who is not None and where is not None and who.segment_id != where.id:
            raise Mistake(f'"{user}" is a user of another segment.')
        return Wanted(
            segment_id=None if where is None else where.id,
            principal_id=None if who is None else who.id,
            folder_name=folder,
            verdict=verdict,
            since=since,
            until=until,
        )

    with place.database() as db:
        total, found = drop_log.list_drops(db, db.read(work), limit)
        if as_json:
            print_objects(found)
            return
        _print_log(found)
    if total > limit:
        click.echo(f"{total - limit:,} older ones aren't shown: use --limit, or filter.")


@drops.command("show")
@click.argument("number", metavar="ID", type=click.IntRange(min=1))
@click.option(
    "--save",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the mail as it came to a new FILE, to give it back.",
)
@click.option("--segment", metavar="NAME", help="Only if it is of this segment.")
@json_option
@click.pass_obj
def drops_show(
    place: Place, number: int, save: Path | None, segment: str | None, as_json: bool
) -> None:
    """Show everything about one drop, and where its bytes are now.

    \b
    Example:
      imapgate drops show 42 --save lost.eml
    """

    def work(tx: Tx) -> tuple[int | None, dict[str, Any]]:
        where = None if segment is None else find_segment(tx, segment).id
        return where, drop_log.show_drop(tx, number, where)

    with place.database() as db:
        where, shown = db.read(work)
        if save is not None:
            new_file(save, drop_log.content(db, number, where))
            shown["saved"] = str(save)
    if as_json:
        print_json(shown)
    else:
        _print_drop(shown)


def _print_log(found: Iterable[dict[str, Any]]) -> None:
    wide = console().width >= ALL_COLUMNS
    columns = [name for name in _COLUMNS if wide or name not in _ONLY_WHERE_WIDE]
    cells = map(_cells, found)
    rows = ([one[name] for name in columns] for one in cells)
    print_table(columns, rows, "There is no such drop.", numbers=1)


def _cells(one: dict[str, Any]) -> dict[str, str]:
    verdict = " ".join(filter(None, (one["verdict"], one["code"])))
    if one["activity"] is not None:
        verdict += f" #{one['activity']}"
    if one["times"] > 1:
        verdict += f", {one['times']} times"
    return {
        "id": str(one["id"]),
        "when": _local(one["at"])[:16],
        "who": one["user"],
        "client": one["client"],
        "folder": one["folder"],
        "subject": one["subject"],
        "Message-ID": one["message_id"] or "",
        "verdict": verdict,
        "numbers": _numbers(one),
    }


def _numbers(one: dict[str, Any]) -> str:
    said = (f"#{found['number']} {found['outcome']}" for found in one["numbers"])
    return ", ".join(dict.fromkeys(said))


def _print_drop(shown: dict[str, Any]) -> None:
    out = console()
    out.print(Text(clean(f"Drop {shown['id']}: {shown['verdict']}"), style="bold"))
    table = Table.grid(padding=(0, 2))
    for key, label in _LABELS.items():
        value = shown[key]
        if key in ("at", "first_at"):
            value = _local(value)
        if key == "activity" and value is not None:
            value = f"#{value}"
        if value in (None, "", False) or (key in ("times", "first_at") and shown["times"] == 1):
            continue
        table.add_row(Text(label, style="dim"), Text(clean(value), overflow="fold"))
    if shown["numbers"]:
        table.add_row(Text("numbers", style="dim"), Text(clean(_numbers(shown))))
    for copy in shown["copies"]:
        of = f" of {copy['owner']}" if copy["owner"] else ""
        number = f", #{copy['activity']}" if copy["activity"] else ""
        where = f"{copy['folder']}{of}, UID {copy['uid']}{number}"
        table.add_row(Text("stands in", style="dim"), Text(clean(where), overflow="fold"))
    out.print(table)
    out.print(Text(_whereabouts(shown)))


def _whereabouts(shown: dict[str, Any]) -> str:
    if shown.get("saved"):
        return clean(f"Saved the mail in {shown['saved']}.")
    if not shown["stored"]:
        return "Its bytes aren't here: they were never taken, or were erased."
    if not shown["copies"]:
        return "Its bytes are kept, but stand in no folder: --save FILE gets them."
    return "Its bytes are kept: --save FILE gets them."


def _local(at: str) -> str:
    """This machine's time of an ISO 8601 one."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


COMMANDS = (drops,)

"""What the commands on the two queues share: mail that came in (`incoming`) and that goes out
(`outbox`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.table import Table
from rich.text import Text

from imapgate.activities.names import Mistake
from imapgate.activities.segments import find_segment
from imapgate.cli.output import clean, console
from imapgate.cli.when import When
from storage import Tx

F = TypeVar("F", bound=Callable[..., Any])

LIMIT = 50
"""Of what is listed unless another number is asked for."""

limit_option = click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=LIMIT,
    show_default=True,
    help="The newest so many.",
)
only_segment_option = click.option(
    "--segment", metavar="NAME", help="Only if it is of this segment."
)
ids_argument = click.argument("numbers", metavar="[ID]...", type=click.IntRange(min=1), nargs=-1)
_TIME_AND_PLACE = (
    click.option(
        "--since", type=When(), metavar="WHEN", help="2026-11-21, '2026-11-21 14:30', 2h."
    ),
    click.option("--until", type=When(end_of_day=True), metavar="WHEN", help="As --since."),
    click.option("--segment", metavar="NAME", help="Only this segment; else all of them."),
)


def filters(*own: Callable[[Any], Any]) -> Callable[[F], F]:
    """Options that choose rows: own ones, then time and segment."""

    def decorated(command: F) -> F:
        for option in reversed((*own, *_TIME_AND_PLACE)):
            command = option(command)
        return command

    return decorated


def save_option(what: str) -> Callable[[F], F]:
    """what: `Write the mail ... to a new FILE.`"""
    path = click.Path(dir_okay=False, path_type=Path)
    return click.option("--save", type=path, metavar="FILE", help=what)


def segment_id(tx: Tx, name: str | None) -> int | None:
    """None: of all segments. Raises Mistake."""
    return None if name is None else find_segment(tx, name).id


def ask(question: str, otherwise: str) -> None:
    """Raises Mistake, which says `otherwise`, unless the answer is yes."""
    try:
        if click.confirm(question, err=True):
            return
    except click.Abort:
        click.echo(err=True)
    raise Mistake(otherwise)


def local(at: str) -> str:
    """This machine's time of an ISO 8601 one."""
    return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def page(shown: Mapping[str, Any], labels: Mapping[str, str]) -> Table:
    """Of one row, what has a value, by its label. Names that end with `_at` are times."""
    table = Table.grid(padding=(0, 2))
    for name, label in labels.items():
        value = shown[name]
        if name.endswith("_at") and value is not None:
            value = local(value)
        if name == "activity" and value is not None:
            value = f"#{value}"
        if value not in (None, "", 0):
            add(table, label, value)
    return table


def add(table: Table, label: str, value: object) -> None:
    """A line of a page."""
    table.add_row(Text(label, style="dim"), Text(clean(value), overflow="fold"))


def print_page(title: str, table: Table, shown: Mapping[str, Any], gone: str) -> None:
    """gone: what to say where the bytes aren't stored."""
    out = console()
    out.print(Text(clean(title), style="bold"))
    out.print(table)
    if shown.get("saved"):
        out.print(Text(clean(f"Saved the mail in {shown['saved']}.")))
    elif not shown["stored"]:
        out.print(Text(gone))
    else:
        out.print(Text("Its bytes are kept: --save FILE gets them."))

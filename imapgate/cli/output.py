"""What commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

import click
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

WIDTH_OF_PIPES = 250
"""Columns where the output is no terminal, so that a table's line isn't cut."""


def clean(value: object) -> str:
    """Text for a terminal: what a mail's sender wrote must not steer it. None, False: empty."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    return "".join(
        "\N{REPLACEMENT CHARACTER}"
        if unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t"
        else one
        for one in str(value)
    )


def console() -> Console:
    """Of the standard output as it is now."""
    width = None if sys.stdout.isatty() else WIDTH_OF_PIPES
    return Console(file=sys.stdout, width=width, highlight=False, markup=False, emoji=False)


@contextmanager
def progress(label: str, octets: int) -> Iterator[Callable[[int], None]]:
    """Gives what moves a bar to so many octets: on a terminal, else there is none."""
    if not sys.stderr.isatty() or not octets:
        yield lambda _: None
        return
    with click.progressbar(length=octets, label=label, file=sys.stderr) as bar:
        yield lambda at: bar.update(at - bar.pos)


def print_json(value: object) -> None:
    """ASCII, so that it arrives whole in any locale."""
    click.echo(json.dumps(value, indent=2))


def print_objects(found: Iterable[object]) -> None:
    """A JSON list, written as it is read."""
    before = "["
    for one in found:
        click.echo(before + "\n  " + json.dumps(one), nl=False)
        before = ","
    click.echo("[]" if before == "[" else "\n]")


def print_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], empty: str, numbers: int = 0
) -> None:
    """columns: their names; all empty: no header. empty: the sentence for no rows. numbers: how
    many columns of figures lead it."""
    table = Table(box=SIMPLE, pad_edge=False, show_edge=False, show_header=any(columns))
    for n, column in enumerate(columns):
        table.add_column(column, justify="right" if n < numbers else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(clean(cell)) for cell in row))
    if table.row_count:
        console().print(table)
    else:
        click.echo(empty)


def tell(sentence: str, value: object, as_json: bool) -> None:
    """What a changing command came to: one sentence, or with --json the value."""
    if as_json:
        print_json(value)
    else:
        click.echo(clean(sentence))

"""A server that is tried, as people see it: a step at a time."""

from __future__ import annotations

import click

from imapgate.cli.output import clean
from imapgate.servers.trying import Result


def show(result: Result, longest: int = len("greeting") + 1) -> None:
    """A step, with what was found, or with the error and what to do. longest: letters of a step's
    name."""
    head = f"{result.state:<10} {result.step:<{longest}} "
    lines = [one for one in (*result.text.split("\n"), result.technical) if one]
    lines += [f"> {result.hint}"] if result.hint else []
    click.echo(clean(head + ("\n" + " " * len(head)).join(lines)).rstrip())

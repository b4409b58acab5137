"""A server that is tried, as people see it: a step at a time."""

from __future__ import annotations

import click

from imapgate.cli.output import clean
from imapgate.servers.trying import Result

_WIDTH = 21
"""Columns before a step's text."""


def show(result: Result) -> None:
    """A step, with what was found, or with the error and what to do."""
    indent = " " * _WIDTH
    head = f"{result.state:<10} {result.step:<9} "
    lines = [one for one in (*result.text.split("\n"), result.technical) if one]
    lines += [f"> {result.hint}"] if result.hint else []
    click.echo(clean(head + f"\n{indent}".join(lines)).rstrip())

"""Activity types and the processes that control them."""

from __future__ import annotations

from dataclasses import asdict

import click

from imapgate.activities import processes
from imapgate.cli.options import json_option, segment_option
from imapgate.cli.output import print_json, print_table
from imapgate.cli.place import Place, segment_of


@click.group("type")
def activity_type() -> None:
    """Activity types: a class and the process that controls it.

    \b
    Example:
      imapgate type list
    """


@activity_type.command("list")
@segment_option
@json_option
@click.pass_obj
def type_list(place: Place, segment: str | None, as_json: bool) -> None:
    """List a segment's activity types.

    \b
    Example:
      imapgate type list --json
    """
    with place.database() as db:
        found = db.read(lambda tx: processes.list_types(tx, segment_of(tx, segment).id))
    if as_json:
        print_json([asdict(one) for one in found])
        return
    print_table(
        ("type", "class", "process", "on follow-up"),
        ((one.name, one.activity_class, one.process, one.follow_up_transition) for one in found),
        "The segment has no activity types.",
    )


@click.group()
def process() -> None:
    """Processes: states and the transitions between them.

    \b
    Example:
      imapgate process show E-Mail
    """


@process.command("show")
@click.argument("name")
@segment_option
@json_option
@click.pass_obj
def process_show(place: Place, name: str, segment: str | None, as_json: bool) -> None:
    """Show a process: its transitions, what they set and do.

    \b
    Example:
      imapgate process show "Bug and feature"
    """
    with place.database() as db:
        shown = db.read(lambda tx: processes.show_process(tx, segment_of(tx, segment).id, name))
    if as_json:
        print_json(shown)
        return
    closed = {one["name"] for one in shown["states"] if one["closed"]}
    print_table(
        ("transition", "from", "to", "percent complete", "actions"),
        (
            (
                one["name"],
                one["from"],
                one["to"] + (" (closed)" if one["to"] in closed else ""),
                one["percent_complete"],
                ", ".join(one["actions"]),
            )
            for one in shown["transitions"]
        ),
        "The process has no transitions.",
    )


COMMANDS = (activity_type, process)

"""Activity types and the processes that control them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from imapgate.activities import processes
from imapgate.cli.options import json_option, reason_option, segment_option
from imapgate.cli.output import print_json, print_table, tell
from imapgate.cli.place import Place, segment_of
from imapgate.cli.who import operator
from storage import Tx


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
        ("transition", "from", "to", "percent complete", "actions", "by mail"),
        (
            (
                one["name"],
                one["from"],
                one["to"] + (" (closed)" if one["to"] in closed else ""),
                one["percent_complete"],
                ", ".join(one["actions"]),
                _by_mail(one),
            )
            for one in shown["transitions"]
        ),
        "The process has no transitions.",
    )


@process.command("transition")
@click.argument("name")
@click.argument("transition")
@click.option(
    "--by-mail/--no-by-mail", "by_mail", required=True, help="Whether it may be approved by mail."
)
@click.option(
    "--rejected-by",
    metavar="TRANSITION",
    help="What a rejection takes, from the same state; else it changes nothing.",
)
@reason_option
@segment_option
@json_option
@click.pass_obj
def process_transition(
    place: Place,
    name: str,
    transition: str,
    by_mail: bool,
    rejected_by: str | None,
    reason: str,
    segment: str | None,
    as_json: bool,
) -> None:
    """Offer a transition for approval by mail, or no longer.

    \b
    Example:
      imapgate process transition "Bug and feature" Close --by-mail --rejected-by Reopen
    """
    if rejected_by is not None and not by_mail:
        raise click.UsageError("--rejected-by goes with --by-mail.")

    def work(tx: Tx) -> dict[str, Any]:
        where = segment_of(tx, segment).id
        processes.offer_by_mail(
            tx, where, name, transition, by_mail, rejected_by, operator(), reason
        )
        return processes.show_process(tx, where, name)

    with place.database() as db:
        now = db.write(work)
    offer = "may be approved by mail" if by_mail else "is not offered for approval by mail"
    tell(f"Transition {transition} of {now['name']} {offer}.", now, as_json)


def _by_mail(transition: dict[str, Any]) -> str:
    if not transition["by_mail"]:
        return ""
    other = transition["rejected_by"]
    return f"yes, rejected by {other}" if other else "yes"


COMMANDS = (activity_type, process)

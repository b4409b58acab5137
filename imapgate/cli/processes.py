"""Activity types and the processes that control them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from imapgate.activities import process_templates, processes
from imapgate.cli.options import json_option, reason_option, segment_option
from imapgate.cli.output import print_json, print_table, tell
from imapgate.cli.place import Place, segment_of
from imapgate.cli.who import operator
from imapgate.outgoing.templates.own import find_for_cases
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
        ("transition", "from", "to", "percent complete", "actions", "by mail", "sends"),
        (
            (
                one["name"],
                one["from"],
                one["to"] + (" (closed)" if one["to"] in closed else ""),
                one["percent_complete"],
                ", ".join(one["actions"]),
                _by_mail(one),
                _sends(one),
            )
            for one in shown["transitions"]
        ),
        "The process has no transitions.",
    )


@process.command("transition")
@click.argument("name")
@click.argument("transition")
@click.option(
    "--by-mail/--no-by-mail", "by_mail", default=None, help="Whether it may be approved by mail."
)
@click.option(
    "--rejected-by",
    metavar="TRANSITION",
    help="What a rejection takes, from the same state; else it changes nothing.",
)
@click.option(
    "--approver",
    "approvers",
    multiple=True,
    metavar="WHO",
    help="With --by-mail: whoever takes it asks for approval. An address, a user's name or "
    '"assigned to"; may be repeated.',
)
@click.option(
    "--template",
    metavar="NAME",
    help="The template of a mail that it sends; see `template list`. Empty: it sends none.",
)
@click.option(
    "--template-to",
    "template_to",
    multiple=True,
    metavar="WHO",
    help='"reporting contact" (where nobody is said), "assigned to", or an address; may be '
    "repeated.",
)
@reason_option
@segment_option
@json_option
@click.pass_obj
def process_transition(
    place: Place,
    name: str,
    transition: str,
    by_mail: bool | None,
    rejected_by: str | None,
    approvers: tuple[str, ...],
    template: str | None,
    template_to: tuple[str, ...],
    reason: str,
    segment: str | None,
    as_json: bool,
) -> None:
    """Change how a transition is approved and what it sends.

    What isn't said stays as it is; --by-mail says anew what a rejection takes and who approves. A
    transition with approvers isn't taken by others than these: they are asked by mail.

    \b
    Example:
      imapgate process transition "Bug and feature" Close --by-mail --rejected-by Reopen
      imapgate process transition "Bug and feature" Close --by-mail --approver boss@example.org
      imapgate process transition "Bug and feature" Assign --template confirmation
    """
    if by_mail is None and template is None:
        raise click.UsageError("Say --by-mail, --no-by-mail or --template.")
    if rejected_by is not None and not by_mail:
        raise click.UsageError("--rejected-by goes with --by-mail.")
    if approvers and not by_mail:
        raise click.UsageError("--approver goes with --by-mail.")
    if template_to and not template:
        raise click.UsageError("--template-to goes with --template.")

    def work(tx: Tx) -> dict[str, Any]:
        where = segment_of(tx, segment).id
        if by_mail is not None:
            processes.offer_by_mail(
                tx, where, name, transition, by_mail, rejected_by, operator(), reason, approvers
            )
        if template is not None:
            chosen = find_for_cases(tx, where, template).name if template else None
            process_templates.send_template(
                tx, where, name, transition, chosen, template_to, operator(), reason
            )
        return processes.show_process(tx, where, name)

    with place.database() as db:
        now = db.write(work)
    clauses = []
    if by_mail is not None:
        offer = "may be approved by mail" if by_mail else "is not offered for approval by mail"
        if approvers:
            offer = f"wants approval by {', '.join(approvers)}"
        clauses.append(offer)
    if template is not None:
        clauses.append(f"sends template {template}" if template else "sends no template")
    tell(f"Transition {transition} of {now['name']} {' and '.join(clauses)}.", now, as_json)


def _sends(transition: dict[str, Any]) -> str:
    if transition["template"] is None:
        return ""
    return f"{transition['template']} to {', '.join(transition['template_to'])}"


def _by_mail(transition: dict[str, Any]) -> str:
    if not transition["by_mail"]:
        return ""
    other = transition["rejected_by"]
    approvers = transition["approvers"]
    how = f"by {', '.join(approvers)}" if approvers else "yes"
    return f"{how}, rejected by {other}" if other else how


COMMANDS = (activity_type, process)

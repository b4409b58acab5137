"""`imapgate contact duplicates`, `merge` and `move`: several contacts of one person."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import asdict

import click

from imapgate.activities import duplicates, merging
from imapgate.activities.contacts import BY_ID, Contact
from imapgate.activities.duplicates import Alike
from imapgate.activities.merging import Plan
from imapgate.cli.options import json_option, reason_option, segment_option
from imapgate.cli.output import clean, print_json, tell
from imapgate.cli.place import Place, segment_of
from imapgate.cli.queued import ask
from imapgate.cli.who import operator
from storage import Tx

_NOTHING = "Nothing was changed."


@click.command("duplicates")
@segment_option
@json_option
@click.pass_obj
def contact_duplicates(place: Place, segment: str | None, as_json: bool) -> None:
    """List contacts that may be one person's.

    They share an address or a number, or have the same name and addresses in the same domain. With
    each goes the command that merges them; look first whether they really are one person.

    \b
    Example:
      imapgate contact duplicates
    """
    with place.database() as db:
        found = db.read(lambda tx: duplicates.duplicates(tx, segment_of(tx, segment).id))
    if as_json:
        print_json([{**asdict(one), "command": _command(one, segment)} for one in found])
        return
    for one in found:
        click.echo(clean(f"Alike: {', '.join(one.why)}"))
        for each in one.contacts:
            click.echo(clean(f"  {BY_ID}{each.id}  {_told(each)}"))
        click.echo(f"  > {_command(one, segment)}")
    if not found:
        click.echo("There are none.")


@click.command("merge")
@click.argument("kept")
@click.argument("others", metavar="OTHER...", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@reason_option
@segment_option
@json_option
@click.pass_obj
def contact_merge(
    place: Place,
    kept: str,
    others: tuple[str, ...],
    dry_run: bool,
    yes: bool,
    reason: str,
    segment: str | None,
    as_json: bool,
) -> None:
    """Make several contacts one.

    KEPT keeps its name, and gets the others' addresses, numbers, mails, activities, follow-ups,
    places in address groups and marks; the others are gone. Each is named by its name, an address,
    a number, or `id:17` as `contact duplicates` shows it. It can't be undone.

    \b
    Example:
      imapgate contact merge "Erika Example" erika@old.example --dry-run
      imapgate contact merge id:17 id:42 id:43 --yes
    """

    def planned(tx: Tx) -> Plan:
        return merging.plan(tx, segment_of(tx, segment).id, kept, others)

    def work(tx: Tx) -> Contact:
        where = segment_of(tx, segment).id
        return merging.merge(tx, where, kept, others, operator(), reason)

    with place.database() as db:
        plan = db.read(planned)
        if dry_run:
            tell("\n".join(_what_goes(plan)), asdict(plan), as_json)
            return
        if not yes:
            click.echo(clean("\n".join(_what_goes(plan))), err=True)
            ask("Merge them for good?", _NOTHING)
        now = db.write(work)
    count = len(plan.others)
    sentence = f'{count} contact{" was" if count == 1 else "s were"} merged into "{now.name}".'
    tell(sentence, asdict(now), as_json)


@click.command("move")
@click.argument("address", metavar="ADDRESS|NUMBER")
@click.argument("contact", metavar="TO")
@reason_option
@segment_option
@json_option
@click.pass_obj
def contact_move(
    place: Place, address: str, contact: str, reason: str, segment: str | None, as_json: bool
) -> None:
    """Move an address or number from one contact to another.

    The mails and address groups that name it go along. Of several contacts that have it the oldest
    loses it. TO is named by its name, an address, a number, or `id:17`.

    \b
    Example:
      imapgate contact move office@example.net "Otto Example"
    """

    def work(tx: Tx) -> Contact:
        where = segment_of(tx, segment).id
        return merging.move(tx, where, address, contact, operator(), reason)

    with place.database() as db:
        now = db.write(work)
    tell(f'{address} is an address of "{now.name}" now.', asdict(now), as_json)


def _what_goes(plan: Plan) -> Iterator[str]:
    yield f'Kept: {BY_ID}{plan.kept.id}  {_told(plan.kept)}, called "{plan.name}".'
    for one in plan.others:
        yield f"Goes into it: {BY_ID}{one.id}  {_told(one)}."
    counts = (
        (plan.mails, "mail", "mails"),
        (plan.reported, "activity that they reported", "activities that they reported"),
        (plan.follow_ups, "follow-up", "follow-ups"),
        (plan.groups, "address group", "address groups"),
    )
    told = [f"{count} {one if count == 1 else more}" for count, one, more in counts]
    yield f"With them: {', '.join(told)}."
    if plan.user is not None:
        yield f"It is the contact of user {plan.user}."


def _told(contact: Contact) -> str:
    return " ".join((contact.name, *(f"<{one}>" for one in (*contact.addresses, *contact.numbers))))


def _command(alike: Alike, segment: str | None) -> str:
    ids = [f"{BY_ID}{one.id}" for one in alike.contacts[: merging.MOST_AT_ONCE + 1]]
    where = [] if segment is None else ["--segment", segment]
    return shlex.join(["imapgate", "contact", "merge", *ids, *where])


COMMANDS = (contact_duplicates, contact_merge, contact_move)

"""Who gets an e-mail activity: `activity recipients`, and the options that name recipients."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from imapgate.activities import addressing
from imapgate.activities.addressing import Addressed
from imapgate.cli.options import F, activity_number, json_option, segment_option
from imapgate.cli.output import print_json, print_table, tell
from imapgate.cli.place import Place, segment_of
from imapgate.outgoing.gateways import resolve
from storage import Tx, activities


def recipient_options(command: F) -> F:
    """--to, --cc and --bcc: each takes an address, a phone number or an address group's name."""
    for kind, what in (("bcc", "Unseen by the others."), ("cc", "A copy."), ("to", "A recipient.")):
        command = click.option(
            f"--{kind}",
            kind,
            multiple=True,
            metavar="WHOM",
            help=f"{what} An address, phone number or address group; may be repeated.",
        )(command)
    return command


def gateway_option(command: F) -> F:
    return click.option(
        "--gateway",
        metavar="ADDRESS",
        help="At its domain phone numbers become addresses; empty: none.",
    )(command)


def named(
    to: tuple[str, ...], cc: tuple[str, ...], bcc: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """As addressing.address takes them."""
    kinds = (("to", to), ("cc", cc), ("bcc", bcc))
    return tuple((kind, one) for kind, some in kinds for one in some)


@click.command("recipients")
@click.argument("number", callback=activity_number)
@recipient_options
@click.option(
    "--remove", metavar="WHOM", multiple=True, help="Who is no recipient; may be repeated."
)
@gateway_option
@segment_option
@json_option
@click.pass_obj
def activity_recipients(
    place: Place,
    number: int,
    to: tuple[str, ...],
    cc: tuple[str, ...],
    bcc: tuple[str, ...],
    remove: tuple[str, ...],
    gateway: str | None,
    segment: str | None,
    as_json: bool,
) -> None:
    """Show or change who gets an e-mail activity.

    Without options it shows the recipients, and the addresses that it is sent to. The message
    itself stays as it is.

    \b
    Example:
      imapgate activity recipients 10000001 --to "+41 44 111 22 33" --gateway fax@fax.example.org
      imapgate activity recipients 10000001 --bcc Dealers --remove otto@example.net
    """
    adding = named(to, cc, bcc)
    changes = bool(adding or remove or gateway is not None)

    def work(tx: Tx) -> dict[str, Any]:
        where = segment_of(tx, segment).id
        if changes:
            now = addressing.address(tx, where, number, adding, remove, gateway)
        else:
            now = addressing.addressed(tx, where, number)
        return _shown(tx, where, now)

    with place.database() as db:
        shown = db.write(work) if changes else db.read(work)
    if changes:
        count = len(shown["recipients"])
        recipients = "1 recipient" if count == 1 else f"{count} recipients"
        tell(f"#{number} has {recipients}{_missed(shown)}.", shown, as_json)
        return
    if as_json:
        print_json(shown)
        return
    rows = [
        (one["kind"], f"{one['named']} (group)" if one["is_group"] else one["named"])
        for one in shown["recipients"]
    ]
    if shown["gateway"]:
        rows.append(("gateway", shown["gateway"]))
    print_table(("", "recipient"), rows, f"#{number} has no recipients.")
    if rows:
        sent = [(one["kind"], one["address"]) for one in shown["sent_to"]]
        sent += [("nobody", one["text"]) for one in shown["unreachable"]]
        click.echo()
        print_table(("", "sent to"), sent, "It would be sent to nobody.")


def _shown(tx: Tx, segment_id: int, now: Addressed) -> dict[str, Any]:
    row = activities.by_number(tx, segment_id, now.number)
    assert row is not None
    found = resolve(tx, row.id)
    return {
        **asdict(now),
        "sent_to": [asdict(one) for one in found.recipients],
        "unreachable": [asdict(one) for one in found.unreachable],
    }


def _missed(shown: dict[str, Any]) -> str:
    missed = shown["unreachable"]
    return f"; {len(missed)} can't be reached: {missed[0]['text'].rstrip('.')}" if missed else ""

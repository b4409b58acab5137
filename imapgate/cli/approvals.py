"""Requests for approval: transitions that wait for somebody's word by mail."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from imapgate.activities import approvals, approving
from imapgate.activities.approvals import Approval
from imapgate.activities.by_hand import checked_text
from imapgate.activities.deciding import Words
from imapgate.activities.names import Mistake
from imapgate.cli.options import activity_number, json_option, segment_option
from imapgate.cli.output import clean, console, print_json, print_table, tell
from imapgate.cli.place import Place, acting, segment_of, who_sends
from imapgate.cli.saving import new_file
from imapgate.cli.who import operator
from imapgate.folders.asking import request_mail
from imapgate.incoming.accounts import find_account
from imapgate.outgoing import carrying
from storage import Tx, activities, events


@click.group()
def approval() -> None:
    """Requests to approve a transition by answering a mail.

    \b
    Example:
      imapgate approval list
    """


@approval.command("list")
@click.option("--open", "open_only", is_flag=True, help="Only those that wait.")
@segment_option
@json_option
@click.pass_obj
def approval_list(place: Place, open_only: bool, segment: str | None, as_json: bool) -> None:
    """List requests in the order of their making.

    \b
    Example:
      imapgate approval list --open
    """
    with place.database() as db:
        found = db.read(
            lambda tx: approvals.list_approvals(tx, segment_of(tx, segment).id, open_only)
        )
    if as_json:
        print_json([_shown(one) for one in found])
        return
    print_table(
        ("id", "activity", "transition", "approvers", "state", "made", "decided by"),
        (
            (
                one.id,
                f"#{one.number} {one.name}",
                one.transition,
                ", ".join(one.approvers),
                one.state,
                _iso(one.made_at),
                one.decided_by,
            )
            for one in found
        ),
        "There are no requests for approval.",
        numbers=1,
    )


@approval.command("show")
@click.argument("approval_id", metavar="ID", type=click.IntRange(min=1))
@segment_option
@json_option
@click.pass_obj
def approval_show(place: Place, approval_id: int, segment: str | None, as_json: bool) -> None:
    """Show one request.

    \b
    Example:
      imapgate approval show 1
    """
    with place.database() as db:
        found = db.read(lambda tx: approvals.find(tx, segment_of(tx, segment).id, approval_id))
    if as_json:
        print_json(_shown(found))
        return
    table = Table.grid(padding=(0, 2))
    for name, value in _shown(found).items():
        text = ", ".join(value) if isinstance(value, list) else value
        if text is not None:
            label = Text(name.replace("_", " "), style="dim")
            table.add_row(label, Text(clean(text), overflow="fold"))
    console().print(table)


@approval.command("request")
@click.argument("number", callback=activity_number)
@click.option("--transition", required=True, metavar="NAME", help="See `process show`.")
@click.option(
    "--approver",
    "approvers",
    multiple=True,
    required=True,
    metavar="WHO",
    help='An address, a user\'s name or "assigned to"; may be repeated, the first reply counts.',
)
@click.option("--text", default="", metavar="T", help="What the approvers are told beside.")
@click.option("--as", "as_user", metavar="USER", help="Who asks; else the administrator.")
@segment_option
@json_option
@click.pass_obj
def approval_request(
    place: Place,
    number: int,
    transition: str,
    approvers: tuple[str, ...],
    text: str,
    as_user: str | None,
    segment: str | None,
    as_json: bool,
) -> None:
    """Ask by mail for approval of a transition that is offered so.

    Each approver gets a mail of their own. Replies go to the account of kind approvals; they count
    for as many days as `outgoing set approval-days` says.

    \b
    Example:
      imapgate approval request 10000001 --transition Close --approver boss@example.org
    """

    def work(tx: Tx) -> tuple[Approval, list[int]]:
        where = segment_of(tx, segment)
        person = acting(tx, as_user, where)
        said = checked_text(text)
        made = approving.ask(tx, where.id, number, transition, approvers, person.id, said)
        row = activities.by_number(tx, where.id, number)
        assert row is not None
        left = [one.id for one in events.of_activity(tx, row.id) if one.event == approving.ASK]
        return made, left

    with place.database() as db:
        made, left = db.write(work)
        came = carrying.carry_out_actions(db, left)
        now = db.read(lambda tx: approvals.find(tx, segment_of(tx, segment).id, made.id))
    sentences = [approving.waits(made), *(one.text for one in came)]
    if any(one.row_id for one in came):
        sentences.append(who_sends(place))
    tell("\n".join(sentences), _shown(now), as_json)


@approval.command("mail")
@click.argument("approval_id", metavar="ID", type=click.IntRange(min=1))
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--account", required=True, metavar="NAME", help="That reads the replies.")
@click.option(
    "--from", "sender", metavar="ADDRESS", help="Who asks; else the account's reply address."
)
@segment_option
@json_option
@click.pass_obj
def approval_mail(
    place: Place,
    approval_id: int,
    file: Path,
    account: str,
    sender: str | None,
    segment: str | None,
    as_json: bool,
) -> None:
    """Write the mail of an open request to a file, to be sent otherwise.

    Whoever has the mail can answer in an approver's name: the file is its owner's alone.

    \b
    Example:
      imapgate approval mail 1 request.eml --account approvals --from crm@example.org
    """

    def work(tx: Tx) -> bytes:
        where = segment_of(tx, segment).id
        reading = find_account(tx, where, account)
        if reading.kind != "approvals":
            raise Mistake(f'Account "{reading.name}" is of kind {reading.kind}, not approvals.')
        told = reading.approving
        asking = sender or told.reply_to
        if asking is None:
            raise Mistake(f'Account "{reading.name}" has no reply address: say --from.')
        words = Words(told.approve, told.reject)
        return request_mail(tx, where, approval_id, asking, words, told.reply_to)

    with place.database() as db:
        content = db.read(work)
    new_file(file, [content])
    sentence = f"Wrote the mail of request {approval_id} to {file}."
    tell(sentence, {"id": approval_id, "file": str(file)}, as_json)


@approval.command("withdraw")
@click.argument("approval_id", metavar="ID", type=click.IntRange(min=1))
@segment_option
@json_option
@click.pass_obj
def approval_withdraw(place: Place, approval_id: int, segment: str | None, as_json: bool) -> None:
    """End a request: replies to it decide nothing from now on.

    \b
    Example:
      imapgate approval withdraw 1
    """

    def work(tx: Tx) -> Approval:
        where = segment_of(tx, segment).id
        return approvals.withdraw(tx, where, approval_id, operator())

    with place.database() as db:
        ended = db.write(work)
    sentence = f"Withdrew request {ended.id}: {ended.transition} on #{ended.number}."
    tell(sentence, _shown(ended), as_json)


def _shown(one: Approval) -> dict[str, Any]:
    return {
        **asdict(one),
        "approvers": list(one.approvers),
        "made_at": _iso(one.made_at),
        "decided_at": None if one.decided_at is None else _iso(one.decided_at),
        "expires_at": None if one.expires_at is None else _iso(one.expires_at),
    }


def _iso(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


COMMANDS = (approval,)

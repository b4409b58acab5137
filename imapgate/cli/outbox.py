"""The outbox: mails that wait, were sent, or could not be, and what is done about them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from imapgate.activities.names import Mistake, key
from imapgate.cli import queued
from imapgate.cli.options import json_option
from imapgate.cli.output import clean, print_json, print_objects, print_table
from imapgate.cli.place import Place, command_line
from imapgate.cli.saving import new_file
from imapgate.outgoing import outbox as box
from imapgate.outgoing import outbox_listing as listing
from imapgate.outgoing import telling
from imapgate.outgoing.opening import Opener
from imapgate.outgoing.work import CHORES, send_due
from storage import Tx, outbox_log
from storage.occupancy import is_served
from storage.outbox import FAILED, SENDING, STATES, UNCERTAIN, WAITING
from storage.outbox_log import Wanted

MOST = 1000
"""Mails that one pass without a server sends."""
SHOWN = 2
"""Recipients that a line of the list names."""
_COLUMNS = ("id", "age", "kind", "state", "to", "subject", "last answer")
_LABELS = {
    "kind": "kind",
    "created_at": "put there",
    "changed_at": "changed",
    "attempts": "attempts",
    "tried_at": "tried again at",
    "text": "last attempt",
    "sender": "envelope's sender",
    "user": "for",
    "activity": "activity",
    "mailer": "mailer",
    "message_id": "Message-ID",
    "subject": "subject",
}


_filters = queued.filters(
    click.option("--state", type=click.Choice(STATES), help="Only what is in this state."),
    click.option("--kind", type=click.Choice(box.KINDS), help="Only mails of this kind."),
    click.option(
        "--activity", type=click.IntRange(min=1), metavar="N", help="Only this activity's."
    ),
    click.option("--to", metavar="ADDRESS", help="Only with this recipient."),
)


@click.group()
def outbox() -> None:
    """Mails that go out, and what became of them.

    \b
    Example:
      imapgate outbox list --state failed
    """


@outbox.command("list")
@_filters
@queued.limit_option
@json_option
@click.pass_obj
def outbox_list(place: Place, /, limit: int, as_json: bool, **asked: Any) -> None:
    """List mails, newest last.

    \b
    Example:
      imapgate outbox list --since 2d
      imapgate outbox list --state uncertain --json
    """
    with place.database() as db:
        total, found = listing.list_outbox(db, db.read(lambda tx: _wanted(tx, asked)), limit)
        if as_json:
            print_objects(found)
            return
        now = time.time()
        rows = (_cells(one, now) for one in found)
        print_table(_COLUMNS, rows, "Nothing of that is in the outbox.", numbers=1)
    if total > limit:
        click.echo(f"{total - limit:,} older ones aren't shown: use --limit, or filter.")


@outbox.command("show")
@click.argument("number", metavar="ID", type=click.IntRange(min=1))
@queued.save_option("Write the mail as it is sent to a new FILE.")
@queued.only_segment_option
@json_option
@click.pass_obj
def outbox_show(
    place: Place, number: int, save: Path | None, segment: str | None, as_json: bool
) -> None:
    """Show what became of a mail, recipient by recipient.

    \b
    Example:
      imapgate outbox show 12
      imapgate outbox show 12 --save mail.eml
    """
    with place.database() as db:
        where = db.read(lambda tx: queued.segment_id(tx, segment))
        shown = listing.shown(db.read(lambda tx: listing.find(tx, number, where)))
        if save is not None:
            new_file(save, listing.content(db, number, where))
            shown["saved"] = str(save)
    if as_json:
        print_json(shown)
    else:
        _print_mail(shown)


@outbox.command("retry")
@queued.ids_argument
@_filters
@click.option("--all", "every", is_flag=True, help="All that wait or have failed.")
@click.option(
    "--though-it-may-have-been-sent",
    "uncertain",
    is_flag=True,
    help="Also to recipients who may have it: they may get it twice.",
)
@json_option
@click.pass_obj
def outbox_retry(
    place: Place,
    /,
    numbers: tuple[int, ...],
    every: bool,
    uncertain: bool,
    as_json: bool,
    **asked: Any,
) -> None:
    """Send once more what wasn't sent, now.

    These mails, or of all that the filters find those that wait or have failed. Nobody who got it
    gets it again. What a mail client submitted is left out, unless its id or --kind submission is
    said: its sender knows that it wasn't sent. Where no server runs: imapgate outbox send.

    \b
    Example:
      imapgate outbox retry 12 13
      imapgate outbox retry 14 --though-it-may-have-been-sent
      imapgate outbox retry --all
    """
    usual = (WAITING, FAILED, UNCERTAIN) if uncertain else (WAITING, FAILED)
    with place.database() as db:

        def work(tx: Tx) -> list[int]:
            known = () if asked["kind"] else (box.SUBMISSION,)
            chosen = _chosen(tx, numbers, asked, every, usual, known)
            for number in chosen:
                box.retry(tx, number, uncertain)
            return chosen

        done = db.write(work)
    _tell_done(place, done, ("waits to be sent", "wait to be sent"), as_json, sends=True)


@outbox.command("cancel")
@queued.ids_argument
@_filters
@click.option("--all", "every", is_flag=True, help="All that wait.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@json_option
@click.pass_obj
def outbox_cancel(
    place: Place, /, numbers: tuple[int, ...], every: bool, yes: bool, as_json: bool, **asked: Any
) -> None:
    """Never send what still waits.

    These mails, or of all that the filters find those that wait. What is being handed over can't be
    taken back.

    \b
    Example:
      imapgate outbox cancel 12
      imapgate outbox cancel --kind notification --yes
    """
    with place.database() as db:
        chosen = db.read(lambda tx: _chosen(tx, numbers, asked, every, (WAITING, SENDING)))
        if chosen and not yes:
            queued.ask(f"Never send {_counted(len(chosen))}?", "Nothing was cancelled.")

        def work(tx: Tx) -> list[int]:
            for number in chosen:
                box.cancel(tx, number)
            return chosen

        done = db.write(work)
        for number in done:
            telling.tell_one(db, number)
    _tell_done(place, done, ("was cancelled", "were cancelled"), as_json)


@outbox.command("send")
@click.option(
    "--most",
    type=click.IntRange(min=1),
    default=MOST,
    show_default=True,
    help="At most so many mails.",
)
@json_option
@click.pass_obj
def outbox_send(place: Place, most: int, as_json: bool) -> None:
    """Send what is due, once, where no server runs.

    Each mail that is due is tried once; what has to wait for its next attempt waits. A running
    server does this by itself. Exit code 1 if one of them isn't sent.

    \b
    Example:
      imapgate outbox send
    """
    settings = place.settings()
    with place.database() as db:
        if is_served(settings.data):
            raise Mistake("The server that runs here sends what is due by itself.")
        for chore in CHORES:
            while chore(db):
                pass
        tried = send_due(db, Opener(db, settings.secrets_key_file, settings.data), most)
        found = [db.read(lambda tx, one=one: listing.find(tx, one, None)) for one in tried]  # type: ignore[misc]
    shown = [listing.shown(one) for one in found]
    sent = sum(one["state"] == "sent" for one in shown)
    if as_json:
        print_json(shown)
    else:
        for one in shown:
            click.echo(clean(f"{one['id']}: {one['state']}. {_last_answer(one)}".strip()))
        click.echo(f"{sent} of {len(shown)} sent." if shown else "Nothing is due.")
    if sent < len(shown):
        raise SystemExit(1)


def _wanted(tx: Tx, asked: dict[str, Any]) -> Wanted:
    """Raises Mistake."""
    return Wanted(
        queued.segment_id(tx, asked["segment"]),
        asked["state"],
        asked["kind"],
        asked["activity"],
        None if asked["to"] is None else key(asked["to"]),
        asked["since"],
        asked["until"],
    )


def _chosen(
    tx: Tx,
    numbers: Sequence[int],
    asked: dict[str, Any],
    every: bool,
    states: tuple[str, ...],
    other_than: tuple[str, ...] = (),
) -> list[int]:
    """Ids; states: of what filters find, unless they name one; other_than: kinds that filters don't
    find. Raises Mistake where nothing was chosen."""
    filters = [name for name, value in asked.items() if value is not None and name != "segment"]
    if numbers:
        if filters or every:
            raise Mistake("Either ids or filters, not both.")
        segment_id = queued.segment_id(tx, asked["segment"])
        return [listing.find(tx, one, segment_id).row.id for one in dict.fromkeys(numbers)]
    if not filters and not every:
        raise Mistake("Say which mails: their ids, a filter such as --state failed, or --all.")
    named = asked["state"]
    return outbox_log.ids(tx, _wanted(tx, asked), states if named is None else (named,), other_than)


def _tell_done(
    place: Place, done: Sequence[int], what: tuple[str, str], as_json: bool, sends: bool = False
) -> None:
    if as_json:
        print_json(list(done))
        return
    if not done:
        click.echo("Nothing of that is in the outbox.")
        return
    click.echo(f"{_counted(len(done))} {what[len(done) > 1]}.")
    if sends and not is_served(place.settings().data):
        click.echo(f"No server runs here: `{command_line(place)} outbox send` sends them.")


def _counted(count: int) -> str:
    return "1 mail" if count == 1 else f"{count} mails"


def _cells(one: dict[str, Any], now: float) -> Sequence[object]:
    to = [recipient["address"] for recipient in one["recipients"]]
    told = ", ".join(to[:SHOWN]) + (f" and {len(to) - SHOWN} more" if len(to) > SHOWN else "")
    state = one["state"]
    if state == WAITING and one["tried_at"] is None:
        state = "held"
    age = now - datetime.fromisoformat(one["created_at"]).timestamp()
    return one["id"], _age(age), one["kind"], state, told, one["subject"], _last_answer(one)


def _last_answer(one: dict[str, Any]) -> str:
    """Of the recipients the last who has one, whoever didn't get it before who did; else how the
    last attempt went."""
    said = [recipient for recipient in one["recipients"] if recipient["text"]]
    said.sort(key=lambda recipient: (recipient["state"] != "sent", recipient["at"] or ""))
    if not said:
        return str(one["text"])
    last = said[-1]
    return " ".join(filter(None, (last["code"], last["text"])))


def _age(seconds: float) -> str:
    """`5 min`, `3 h`, `2 d`."""
    whole = max(0, int(seconds))
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if whole >= length:
            return f"{whole // length} {unit}"
    return f"{whole} s"


def _print_mail(shown: dict[str, Any]) -> None:
    table = queued.page(shown, _LABELS)
    for one in shown["recipients"]:
        said = " ".join(filter(None, (one["code"], one["text"])))
        when = f" {queued.local(one['at'])}" if one["at"] else ""
        told = f"{one['address']}: {one['state']}{when}" + (f": {said}" if said else "")
        queued.add(table, one["kind"], told)
    title = f"Mail {shown['id']}: {shown['state']}"
    queued.print_page(title, table, shown, "Its bytes were erased.")
    if shown["state"] == UNCERTAIN:
        command = f"imapgate outbox retry {shown['id']} --though-it-may-have-been-sent"
        click.echo(f"Whoever knows that it didn't come sends it again: {command}")


COMMANDS = (outbox,)

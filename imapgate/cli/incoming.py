"""The queue of mail that came in by itself: what became of each message, and what waits for
somebody's word."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from imapgate.activities.names import Mistake, key
from imapgate.cli import queued
from imapgate.cli.options import json_option
from imapgate.cli.output import clean, print_json, print_objects, print_table
from imapgate.cli.place import Place, segment_of
from imapgate.cli.saving import new_file
from imapgate.incoming import filing, listing
from imapgate.incoming.accounts import find_account
from imapgate.incoming.filing import Came
from storage import Tx, incoming_log
from storage.incoming import FILED, OPEN, STATES
from storage.incoming_log import Wanted

_COLUMNS = ("id", "when", "from", "sender", "subject", "state", "why")
_LABELS = {
    "fetched_at": "fetched",
    "changed_at": "changed",
    "account": "account",
    "origin": "came from",
    "key": "called there",
    "text": "what came of it",
    "code": "code",
    "attempts": "failed tries",
    "next_at": "tried again at",
    "activity": "activity",
    "message_id": "Message-ID",
    "sender": "sender",
    "subject": "subject",
    "automatic": "written by a machine",
    "size": "octets",
    "sha256": "SHA-256",
}


_filters = queued.filters(
    click.option("--account", metavar="NAME", help="Only what this mail account brought."),
    click.option("--state", type=click.Choice(STATES), help="Only what is in this state."),
    click.option("--code", metavar="CODE", help="Only what failed for this: '$NoCreator'."),
    click.option("--sender", metavar="ADDRESS", help="Only from this address."),
    click.option("--message-id", metavar="ID", help="Only with this Message-ID."),
)


@click.group()
def incoming() -> None:
    """Mail that came in by itself, and what became of it.

    \b
    Example:
      imapgate incoming list --state failed
    """


@incoming.command("list")
@_filters
@queued.limit_option
@json_option
@click.pass_obj
def incoming_list(place: Place, /, limit: int, as_json: bool, **asked: Any) -> None:
    """List messages, newest last. Times are this machine's.

    \b
    Example:
      imapgate incoming list --account support --since 2d
      imapgate incoming list --state failed --json
    """
    with place.database() as db:
        total, found = listing.list_incoming(db, db.read(lambda tx: _wanted(tx, asked)), limit)
        if as_json:
            print_objects(found)
            return
        rows = map(_cells, found)
        print_table(_COLUMNS, rows, "Nothing of that is in the queue.", numbers=1)
    if total > limit:
        click.echo(f"{total - limit:,} older ones aren't shown: use --limit, or filter.")


@incoming.command("show")
@click.argument("number", metavar="ID", type=click.IntRange(min=1))
@queued.save_option("Write the mail as it came to a new FILE.")
@queued.only_segment_option
@json_option
@click.pass_obj
def incoming_show(
    place: Place, number: int, save: Path | None, segment: str | None, as_json: bool
) -> None:
    """Show where a message came from and what became of it.

    \b
    Example:
      imapgate incoming show 42
      imapgate incoming show 42 --save mail.eml
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
        _print_message(shown)


@incoming.command("retry")
@queued.ids_argument
@_filters
@json_option
@click.pass_obj
def incoming_retry(place: Place, /, numbers: tuple[int, ...], as_json: bool, **asked: Any) -> None:
    """File what failed or is held, now.

    These messages, or all that the filters find. Exit code 1 if one of them isn't filed.

    \b
    Example:
      imapgate incoming retry 42 43
      imapgate incoming retry --account support --state failed
    """
    limits = place.settings().limits
    with place.database() as db:
        chosen = db.read(lambda tx: _chosen(tx, numbers, asked))
        came = []
        for number in _with_progress(chosen, "Filing"):
            one = filing.retry(db, number, limits)
            came.append(one)
            if not as_json:
                click.echo(clean(_told(one)))
    filed = sum(one.state == FILED for one in came)
    if as_json:
        print_json([_as_json(one) for one in came])
    elif len(came) != 1:
        click.echo(f"{filed} of {len(came)} filed." if came else "Nothing waits.")
    if filed < len(came):
        raise SystemExit(1)


@incoming.command("discard")
@queued.ids_argument
@_filters
@click.option("--yes", is_flag=True, help="Don't ask.")
@json_option
@click.pass_obj
def incoming_discard(
    place: Place, /, numbers: tuple[int, ...], yes: bool, as_json: bool, **asked: Any
) -> None:
    """Never file what failed or is held.

    These messages, or all that the filters find. Their bytes are kept.

    \b
    Example:
      imapgate incoming discard 42
      imapgate incoming discard --state held --sender news@example.com --yes
    """
    with place.database() as db:
        chosen = db.read(lambda tx: _chosen(tx, numbers, asked))
        if chosen and not yes:
            what = "1 message" if len(chosen) == 1 else f"{len(chosen)} messages"
            queued.ask(f"Never file {what}?", "Nothing was discarded.")
        came = [filing.discard(db, number) for number in chosen]
    if as_json:
        print_json([_as_json(one) for one in came])
    else:
        click.echo(f"{len(came)} discarded." if came else "Nothing waits.")


def _wanted(tx: Tx, asked: dict[str, Any]) -> Wanted:
    """Raises Mistake."""
    segment_id = queued.segment_id(tx, asked["segment"])
    account_id = None
    if asked["account"] is not None:
        where = segment_of(tx, asked["segment"]).id
        account_id = find_account(tx, where, asked["account"]).id
    sender = asked["sender"]
    message_id = asked["message_id"]
    return Wanted(
        segment_id,
        account_id,
        asked["state"],
        asked["code"],
        None if sender is None else key(sender.strip()),
        None if message_id is None else message_id.strip().strip("<>"),
        asked["since"],
        asked["until"],
    )


def _chosen(tx: Tx, numbers: Sequence[int], asked: dict[str, Any]) -> list[int]:
    """Ids of what waits. Raises Mistake for one that doesn't, and where nothing was chosen."""
    if not numbers:
        if all(value is None for value in asked.values()):
            raise Mistake("Say which messages: their ids, or a filter such as --state failed.")
        return incoming_log.ids(tx, _wanted(tx, asked), OPEN)
    if any(value is not None for name, value in asked.items() if name != "segment"):
        raise Mistake("Either ids or filters, not both.")
    segment_id = queued.segment_id(tx, asked["segment"])
    for number in numbers:
        state = listing.find(tx, number, segment_id).row.state
        if state not in OPEN:
            raise Mistake(f"Message {number} is {state}: only what is failed or held waits.")
    return list(dict.fromkeys(numbers))


def _with_progress(chosen: Sequence[int], label: str) -> Iterator[int]:
    """With a bar on a terminal, if there are several."""
    if len(chosen) < 2 or not sys.stderr.isatty():
        yield from chosen
        return
    with click.progressbar(chosen, label=label, file=sys.stderr) as bar:
        yield from bar


def _told(came: Came) -> str:
    if came.text:
        return f"{came.row_id}: {came.text}"
    return f"{came.row_id}: {came.state}."


def _as_json(came: Came) -> dict[str, Any]:
    return {
        "id": came.row_id,
        "state": came.state,
        "code": came.code,
        "text": came.text,
        "activity": came.number,
    }


def _cells(one: dict[str, Any]) -> Sequence[object]:
    state = one["state"]
    if one["activity"] is not None:
        state += f" #{one['activity']}"
    as_usual = one["state"] == FILED and one["code"] is None
    return (
        one["id"],
        queued.local(one["fetched_at"])[:16],
        one["account"] or one["origin"],
        one["sender"],
        one["subject"],
        state,
        "" if as_usual else one["text"],
    )


def _print_message(shown: dict[str, Any]) -> None:
    title = f"Message {shown['id']}: {shown['state']}"
    gone = "Its bytes aren't here: they were not taken, or were erased."
    queued.print_page(title, queued.page(shown, _LABELS), shown, gone)
    if not shown["settled"]:
        click.echo("At its source it is still as it was: the next round sees to that.")


COMMANDS = (incoming,)

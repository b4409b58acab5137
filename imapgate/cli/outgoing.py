"""What is set for a segment's mail that goes out."""

from __future__ import annotations

from typing import Any

import click

from imapgate.cli.options import json_option, reason_option, segment_option
from imapgate.cli.output import print_json, print_table, tell
from imapgate.cli.place import Place, segment_of
from imapgate.cli.who import operator
from imapgate.outgoing import settings
from imapgate.outgoing.settings import Value


@click.group()
def outgoing() -> None:
    """What is set for a segment's mail that goes out.

    \b
    Example:
      imapgate outgoing list
    """


@outgoing.command("list")
@segment_option
@json_option
@click.pass_obj
def outgoing_list(place: Place, segment: str | None, as_json: bool) -> None:
    """List the settings: what counts, what may be said, what it means.

    \b
    Example:
      imapgate outgoing list --json
    """
    with place.database() as db:
        found = db.read(lambda tx: settings.list_values(tx, segment_of(tx, segment).id))
    if as_json:
        print_json([_shown(one) for one in found])
        return
    print_table(
        ("setting", "value", "set", "takes", "meaning"),
        (
            (
                one.setting.key,
                _word(one.value),
                one.is_set,
                one.setting.takes,
                one.setting.meaning,
            )
            for one in found
        ),
        "There are no settings.",
    )


@outgoing.command("set")
@click.argument("key", metavar="KEY")
@click.argument("value", metavar="VALUE")
@reason_option
@segment_option
@json_option
@click.pass_obj
def outgoing_set(
    place: Place, key: str, value: str, reason: str, segment: str | None, as_json: bool
) -> None:
    """Change a setting; it counts from the next mail on.

    \b
    Example:
      imapgate outgoing set mail-format plain --reason "Many readers use terminals."
    """
    with place.database() as db:
        now = db.write(
            lambda tx: settings.change(
                tx, segment_of(tx, segment).id, key, value, operator(), reason
            )
        )
    tell(f"{key} is {_word(now.value)} now.", _shown(now), as_json)


@outgoing.command("reset")
@click.argument("key", metavar="KEY")
@reason_option
@segment_option
@json_option
@click.pass_obj
def outgoing_reset(place: Place, key: str, reason: str, segment: str | None, as_json: bool) -> None:
    """Let a setting be what it is where nobody says anything.

    \b
    Example:
      imapgate outgoing reset mail-format
    """
    with place.database() as db:
        now = db.write(
            lambda tx: settings.reset(tx, segment_of(tx, segment).id, key, operator(), reason)
        )
    tell(f"{key} is {_word(now.value)} again.", _shown(now), as_json)


def _word(value: Any) -> str:
    """As it is said."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "empty" if value == "" else str(value)


def _shown(one: Value) -> dict[str, Any]:
    return {
        "key": one.setting.key,
        "value": one.value,
        "set": one.is_set,
        "default": one.setting.default,
        "takes": one.setting.takes,
        "meaning": one.setting.meaning,
    }


COMMANDS = (outgoing,)

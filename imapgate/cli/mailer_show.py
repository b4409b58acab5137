"""`imapgate mailer list`, `show` and `history`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from imapgate.cli.mailer_options import scope_of, scope_options
from imapgate.cli.options import json_option
from imapgate.cli.output import clean, print_json, print_table
from imapgate.cli.place import Place, segment_of
from imapgate.outgoing import history
from imapgate.outgoing.mailer_settings.flat import BLANK
from imapgate.outgoing.mailer_settings.texts import text_of
from imapgate.outgoing.mailers import find_mailer
from imapgate.outgoing.standing import Standing, standing, standings
from imapgate.servers.settings.flat import OAUTH
from storage.settings_history import SettingsRecord


@click.command("list")
@scope_options
@json_option
@click.pass_obj
def mailer_list(place: Place, segment: str | None, everywhere: bool, as_json: bool) -> None:
    """List the mailers that a segment's mail may go out by.

    In the order in which they count: a user's own comes first, then the segment's default, then
    the default for all segments.

    \b
    Example:
      imapgate mailer list
      imapgate mailer list --global --json
    """
    key = place.secret_key()
    with place.database() as db:

        def look(tx: Any) -> list[Standing]:
            of = scope_of(tx, segment, everywhere)
            found = standings(tx, of, key)
            return [one for one in found if of is not None or one.mailer.segment_id is None]

        found = db.read(look)
    if as_json:
        print_json([standing_value(one) for one in found])
    else:
        print_table(
            (
                *("mailer", "segment", "default", "server", "user", "from", "last success"),
                *("active", "intercept", "users", "fails"),
            ),
            (_row(one) for one in found),
            "There is no mailer: nothing can be sent. `imapgate mailer add --help`",
        )
    for one in found:
        warn(one)


@click.command("show")
@click.argument("name")
@scope_options
@json_option
@click.pass_obj
def mailer_show(
    place: Place, name: str, segment: str | None, everywhere: bool, as_json: bool
) -> None:
    """Show a mailer's settings and how it fares.

    Also what counts though nobody said it. Of a password or secret only that it is stored.

    \b
    Example:
      imapgate mailer show relay
    """
    key = place.secret_key()
    with place.database() as db:
        found = db.read(
            lambda tx: standing(tx, find_mailer(tx, scope_of(tx, segment, everywhere), name), key)
        )
    if as_json:
        print_json(standing_value(found))
    else:
        for label, text in _lines(found):
            click.echo(clean(f"{label + ':':<15} {text}"))
    warn(found)


@click.command("history")
@click.argument("name", required=False)
@click.option(
    "--max", "most", type=click.IntRange(1, 100_000), default=100, help="Changes; default: 100."
)
@click.option("--segment", metavar="NAME", help="The segment; needed only where there are several.")
@json_option
@click.pass_obj
def mailer_history(
    place: Place, name: str | None, most: int, segment: str | None, as_json: bool
) -> None:
    """Who changed which setting, when and why, the newest first.

    Without NAME, of all mailers that a segment's mail may go out by. With NAME also what it was
    once called, and mailers that are gone.

    \b
    Example:
      imapgate mailer history relay
    """
    with place.database() as db:
        found = db.read(lambda tx: history.records_of(tx, segment_of(tx, segment).id, name, most))
    if as_json:
        print_json([asdict(one) for one in found])
        return
    print_table(
        ("when", "who", "what", "changes", "reason"),
        (
            (_time(one.at), one.who, one.subject, "\n".join(_changes(one)), one.reason)
            for one in found
        ),
        "Nothing was changed.",
    )


def standing_value(one: Standing) -> dict[str, Any]:
    """For --json: settings as they count, what of them was set, never a secret."""
    return {
        "name": one.mailer.name,
        "segment": one.segment,
        "default": one.mailer.is_default,
        **_meant(one),
        "set": [name for name, value in one.settings.items() if value != BLANK[name]],
        "secrets": list(one.secrets),
        "lacking": one.lacking,
        **asdict(one.state),
        "users": [{"user": user, "address": address} for user, address in one.users],
        "warnings": list(one.warnings),
    }


def warn(one: Standing) -> None:
    """What is dangerous or missing, on the standard error."""
    lacking = [one.lacking] if one.lacking else []
    for sentence in (*lacking, *one.warnings):
        click.echo(clean(f"{one.mailer.name}: {sentence}"), err=True)


def server_of(one: Standing) -> str:
    """`smtp://mail.example.net:587 (starttls)`, or the path of sendmail."""
    relay = one.mailer.relay
    if relay is None:
        return one.mailer.sendmail
    return f"smtp://{relay.host}:{relay.port} ({relay.security})"


def _row(one: Standing) -> tuple[object, ...]:
    state = one.state
    return (
        one.mailer.name,
        one.segment or "(all)",
        one.mailer.is_default,
        server_of(one),
        one.effective["user"],
        one.mailer.sender,
        _time(state.succeeded_at),
        one.mailer.active,
        one.mailer.intercept,
        ", ".join(f"{user} ({address})" for user, address in one.users),
        f"{state.failures} times: {state.error}" if state.failures else None,
    )


def _meant(one: Standing) -> dict[str, Any]:
    """Those that mean something for such a mailer."""
    if one.mailer.relay is None:
        left = ("active", "sendmail", "from", "reply_to", "intercept", "debug")
        return {name: one.effective[name] for name in left}
    left_out: tuple[str, ...] = ("sendmail",)
    if one.effective["authentication"] != "oauth":
        left_out += ("account", *OAUTH)
    if one.effective["authentication"] == "none":
        left_out += ("user", "mechanism")
    if one.effective["security"] == "none":
        left_out += ("lowest_tls", "verify", "ca", "pin")
    return {name: value for name, value in one.effective.items() if name not in left_out}


def _lines(one: Standing) -> Iterator[tuple[str, str]]:
    state = one.state
    yield "mailer", one.mailer.name
    yield "segment", one.segment or "all segments"
    yield "default", "yes" if one.mailer.is_default else "no"
    for name, value in _meant(one).items():
        if text := text_of(name, value):
            usual = one.settings[name] == BLANK[name]
            yield label(name), f"{text} (default)" if usual else text
    for name in one.secrets:
        of = f' (of account "{one.settings["account"]}")' if one.settings["account"] else ""
        yield label(name), f"is stored{of}"
    for user, address in one.users:
        yield "used by", f"{user} for {address}"
    yield "last success", _time(state.succeeded_at) or "never"
    if state.failed_at is not None:
        yield "last failure", f"{_time(state.failed_at)}: {state.error}"
    if state.failures:
        yield "failures", f"{state.failures} in a row"


def _changes(one: SettingsRecord) -> Iterator[str]:
    for name, (before, now) in one.changes.items():
        was, text = text_of(name, before), text_of(name, now)
        yield f"{label(name)}: {was} -> {text or 'none'}" if was else f"{label(name)}: {text}"


def label(name: str) -> str:
    return name.replace("_", " ")


def _time(at: int | None) -> str:
    return "" if at is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


COMMANDS = (mailer_list, mailer_show, mailer_history)

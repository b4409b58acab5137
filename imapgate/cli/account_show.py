"""`imapgate account list`, `show`, `history` and `defaults`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import click

from imapgate.cli.account_options import said_settings, settings_options
from imapgate.cli.options import json_option, reason_option, segment_option
from imapgate.cli.output import clean, print_json, print_table, tell
from imapgate.cli.place import Place, segment_of
from imapgate.cli.who import operator
from imapgate.incoming import history
from imapgate.incoming.account import INTERVAL, RETRIES
from imapgate.incoming.accounts import find_account, subject
from imapgate.incoming.settings import defaults
from imapgate.incoming.settings.flat import APPROVING, FOR_ALL, settings_of
from imapgate.incoming.settings.texts import text_of
from imapgate.incoming.standing import Standing, standing, standings
from imapgate.servers.settings.flat import OAUTH
from storage.settings_history import SettingsRecord

_EFFECTIVE = {"after_reading": "afterwards"}
"""Of FOR_ALL, those that `Reading` calls otherwise."""
_QUEUE = {"fetched": "waiting", "failed": "failed", "held": "held"}


@click.command("list")
@segment_option
@json_option
@click.pass_obj
def account_list(place: Place, segment: str | None, as_json: bool) -> None:
    """List a segment's accounts and how they fare.

    \b
    Example:
      imapgate account list --json
    """
    key = place.secret_key()
    with place.database() as db:
        found = db.read(lambda tx: standings(tx, segment_of(tx, segment).id, key))
    if as_json:
        print_json([standing_value(one) for one in found])
    else:
        print_table(
            (
                *("account", "kind", "server", "user", "read", "last success", "fetched", "filed"),
                *("in the queue", "fails"),
            ),
            (_row(one) for one in found),
            "The segment has no accounts.",
        )
    for one in found:
        warn(one)


@click.command("show")
@click.argument("name")
@segment_option
@json_option
@click.pass_obj
def account_show(place: Place, name: str, segment: str | None, as_json: bool) -> None:
    """Show an account's settings and how it fares.

    Of a password or secret only that it is stored.

    \b
    Example:
      imapgate account show support
    """
    key = place.secret_key()
    with place.database() as db:
        found = db.read(
            lambda tx: standing(tx, find_account(tx, segment_of(tx, segment).id, name), key)
        )
    if as_json:
        print_json(standing_value(found))
    else:
        for label, text in _lines(found):
            click.echo(clean(f"{label + ':':<18} {text}"))
    warn(found)


@click.command("history")
@click.argument("name", required=False)
@click.option(
    "--max", "most", type=click.IntRange(1, 100_000), default=100, help="Changes; default: 100."
)
@segment_option
@json_option
@click.pass_obj
def account_history(
    place: Place, name: str | None, most: int, segment: str | None, as_json: bool
) -> None:
    """Who changed which setting, when and why, the newest first.

    Without NAME, all of the segment, its own settings included. With NAME also what it was once
    called, and accounts that are gone.

    \b
    Example:
      imapgate account history support
    """
    with place.database() as db:
        found = db.read(
            lambda tx: history.records_of(
                tx, segment_of(tx, segment).id, None if name is None else subject(name), most
            )
        )
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


@click.command("defaults")
@settings_options(*FOR_ALL)
@reason_option
@segment_option
@json_option
@click.pass_obj
def account_defaults(
    place: Place, /, reason: str, segment: str | None, as_json: bool, **said: Any
) -> None:
    """Show or change what counts for accounts that don't say otherwise.

    `default` takes a choice back. Moving is for IMAP alone: POP3 accounts delete then.

    \b
    Example:
      imapgate account defaults --interval 2m --retries 5
    """
    wanted = said_settings(said)
    key = place.secret_key()
    with place.database() as db:
        where = db.read(lambda tx: segment_of(tx, segment))
        if wanted:
            now = db.write(
                lambda tx: defaults.set_defaults(tx, where.id, wanted, operator(), reason)
            )
        else:
            now = db.read(lambda tx: defaults.defaults_of(tx, where.id))
        concerned = db.read(lambda tx: standings(tx, where.id, key)) if wanted else []
    lines = ["Accounts that don't say otherwise:"]
    lines += [
        f"  {_label(name) + ':':<16} {text_of(name, value) or _usual(name)}"
        for name, value in now.items()
        if name != "move_to" or value is not None
    ]
    tell("\n".join(lines), now, as_json)
    for one in concerned:
        warn(one)


def standing_value(one: Standing) -> dict[str, Any]:
    """For --json: settings as they were set and as they are in effect, never a secret."""
    state = asdict(one.state)
    state.pop("position")
    return {
        "name": one.account.name,
        "kind": one.account.kind,
        **_settings(one),
        "effective": {name: _effective(one, name) for name in FOR_ALL},
        "secrets": list(one.secrets),
        "lacking": one.lacking,
        **state,
        "queue": {shown: one.queued.get(name, 0) for name, shown in _QUEUE.items()},
        "warnings": list(one.warnings),
    }


def warn(one: Standing) -> None:
    """What is dangerous or missing, on the standard error."""
    lacking = [one.lacking] if one.lacking else []
    for sentence in (*lacking, *one.warnings):
        click.echo(clean(f"{one.account.name}: {sentence}"), err=True)


def _row(one: Standing) -> tuple[object, ...]:
    place, state = one.account.place, one.state
    waiting = [f"{count} {_QUEUE[name]}" for name, count in one.queued.items()]
    fails = f"since {state.failures} rounds: {state.error}" if state.failures else None
    return (
        one.account.name,
        one.account.kind,
        f"{place.protocol}://{place.host}:{place.port}",
        place.login.user,
        one.account.active,
        _time(state.succeeded_at),
        state.fetched,
        state.filed,
        ", ".join(waiting),
        fails,
    )


def _settings(one: Standing) -> dict[str, Any]:
    """Those that mean something for such an account."""
    account = one.account
    left_out: tuple[str, ...] = () if account.kind == "approvals" else APPROVING
    left_out += () if account.place.login.oauth else OAUTH
    found = {name: value for name, value in settings_of(account).items() if name not in left_out}
    if account.place.protocol.endswith("s"):
        found["security"] = "tls"
    return found


def _lines(one: Standing) -> Iterator[tuple[str, str]]:
    state = one.state
    yield "account", one.account.name
    yield "kind", one.account.kind
    for name, value in _settings(one).items():
        if name in FOR_ALL and value is None:
            effective = text_of(name, _effective(one, name))
            if effective:
                yield _label(name), f"{effective} (default)"
        elif text := text_of(name, value):
            yield _label(name), text
    for name in one.secrets:
        yield _label(name), "is stored"
    yield "last success", _time(state.succeeded_at) or "never"
    if state.failed_at is not None:
        yield "last failure", f"{_time(state.failed_at)}: {state.error}"
    if state.failures:
        yield "failures", f"{state.failures} in a row"
    yield "fetched, filed", f"{state.fetched}, {state.filed}"
    for name, count in one.queued.items():
        yield _QUEUE[name], str(count)


def _effective(one: Standing, name: str) -> Any:
    return getattr(one.reading, _EFFECTIVE.get(name, name))


def _usual(name: str) -> str:
    if name == "after_reading":
        return "keep with IMAP, delete with POP3"
    return text_of(name, {"interval": INTERVAL, "retries": RETRIES, "debug": False}.get(name))


def _changes(one: SettingsRecord) -> Iterator[str]:
    for name, (before, now) in one.changes.items():
        was, text = text_of(name, before), text_of(name, now)
        yield f"{_label(name)}: {was} -> {text or 'none'}" if was else f"{_label(name)}: {text}"


def _label(name: str) -> str:
    return name.replace("_", " ")


def _time(at: int | None) -> str:
    return "" if at is None else time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at))


COMMANDS = (account_list, account_show, account_history, account_defaults)

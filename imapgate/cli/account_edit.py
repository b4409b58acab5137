"""`imapgate account add`, `edit`, `enable`, `disable` and `remove`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from imapgate.cli.account_options import (
    SETTINGS,
    from_file,
    properties_option,
    said_settings,
    settings_options,
)
from imapgate.cli.account_show import standing_value, warn
from imapgate.cli.options import json_option, reason_option, segment_option
from imapgate.cli.output import tell
from imapgate.cli.place import Place, segment_of
from imapgate.cli.server_options import (
    Files,
    ask,
    given_secrets,
    needed_secrets,
    secrets_options,
)
from imapgate.cli.who import operator
from imapgate.incoming import accounts
from imapgate.incoming.account import KINDS, Account
from imapgate.incoming.settings.flat import BLANK, settings_of
from imapgate.incoming.standing import Standing, standing
from imapgate.servers.server import Secrets
from storage import Tx


@click.command("add")
@click.argument("name")
@click.option("--kind", type=click.Choice(KINDS), default="mailbox", show_default=True)
@properties_option
@settings_options(*SETTINGS)
@secrets_options
@reason_option
@segment_option
@json_option
@click.pass_obj
def account_add(
    place: Place,
    /,
    name: str,
    kind: str,
    file: Path | None,
    password_file: Path | None,
    client_secret_file: Path | None,
    reason: str,
    segment: str | None,
    as_json: bool,
    **said: Any,
) -> None:
    """Add a mailbox that is read: its mails become activities.

    Kind archive: a journal of all mail that comes and goes. Kind approvals: replies to requests for
    approval.

    \b
    Example:
      imapgate account add support --host imap.example.net --user support \\
        --password-file support.txt --creator "Support E-Mails"
      imapgate account add sales --properties mail.properties
    """
    named = said_settings(said)
    read = from_file(file, named, {})
    wanted = {**read.values, **named}
    now = accounts.planned(kind, BLANK, wanted)
    key = place.secret_key()
    with place.database() as db:
        where = db.read(lambda tx: segment_of(tx, segment))
        db.read(lambda tx: accounts.free_name(tx, where.id, name))  # before a password is typed
        secrets = given_secrets(
            read.secrets, now, Files(password_file, client_secret_file), needed=needed_secrets(now)
        )

        def work(tx: Tx) -> Standing:
            made = accounts.add_account(
                tx, where.id, name, kind, wanted, secrets, key, operator(), reason
            )
            return standing(tx, made, key)

        made = db.write(work)
    called = made.account.name
    _tell(f'Added account "{called}". Next: imapgate account test "{called}".', made, as_json)


@click.command("edit")
@click.argument("name")
@click.option("--name", "new_name", metavar="NEW", help="A new name.")
@properties_option
@settings_options(*SETTINGS)
@secrets_options
@click.option("--new-password", "asks_password", is_flag=True, help="Set a new password.")
@click.option("--new-client-secret", "asks_secret", is_flag=True, help="Set a new client secret.")
@reason_option
@segment_option
@json_option
@click.pass_obj
def account_edit(
    place: Place,
    /,
    name: str,
    new_name: str | None,
    file: Path | None,
    password_file: Path | None,
    client_secret_file: Path | None,
    asks_password: bool,
    asks_secret: bool,
    reason: str,
    segment: str | None,
    as_json: bool,
    **said: Any,
) -> None:
    """Change an account; what isn't named stays as it is.

    \b
    Example:
      imapgate account edit support --interval 2m --reason "people wait for answers"
      imapgate account edit support --new-password
    """
    named = said_settings(said)
    key = place.secret_key()
    with place.database() as db:
        account = db.read(lambda tx: _find(tx, segment, name))
        before = settings_of(account)
        read = from_file(file, named, before)
        wanted = {**read.values, **named}
        now = accounts.planned(account.kind, before, wanted)
        needed = {"password": asks_password, "client_secret": asks_secret}
        if any(now[one] != before[one] for one in ("authentication", "grant")):
            stored = db.read(lambda tx: standing(tx, account, key)).secrets
            needed |= {
                one: True
                for one, is_so in needed_secrets(now).items()
                if is_so and one not in stored
            }
        files = Files(password_file, client_secret_file)
        secrets = given_secrets(read.secrets, now, files, needed=needed)

        def work(tx: Tx) -> Standing:
            changed = accounts.edit_account(
                tx,
                _find(tx, segment, name),
                wanted,
                key,
                operator(),
                reason,
                new_name=new_name,
                secrets=None if secrets == Secrets() else secrets,
            )
            return standing(tx, changed, key)

        changed = db.write(work)
    _tell(f'Changed account "{changed.account.name}".', changed, as_json)


@click.command("enable")
@click.argument("name")
@reason_option
@segment_option
@json_option
@click.pass_obj
def account_enable(
    place: Place, name: str, reason: str, segment: str | None, as_json: bool
) -> None:
    """Read an account again.

    \b
    Example:
      imapgate account enable support
    """
    now = _set_active(place, name, segment, reason, active=True)
    _tell(f'Account "{now.account.name}" is read from now on.', now, as_json)


@click.command("disable")
@click.argument("name")
@reason_option
@segment_option
@json_option
@click.pass_obj
def account_disable(
    place: Place, name: str, reason: str, segment: str | None, as_json: bool
) -> None:
    """Read an account no more; what it brought stays.

    \b
    Example:
      imapgate account disable support --reason "moving to a new server"
    """
    now = _set_active(place, name, segment, reason, active=False)
    tell(f'Account "{now.account.name}" isn\'t read any more.', standing_value(now), as_json)


@click.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Don't ask.")
@reason_option
@segment_option
@json_option
@click.pass_obj
def account_remove(
    place: Place, name: str, yes: bool, reason: str, segment: str | None, as_json: bool
) -> None:
    """Remove an account and its password; what it brought stays.

    \b
    Example:
      imapgate account remove support --yes
    """
    key = place.secret_key()
    with place.database() as db:
        found = db.read(lambda tx: standing(tx, _find(tx, segment, name), key))
        called, waiting = found.account.name, sum(found.queued.values())
        messages = "1 message" if waiting == 1 else f"{waiting} messages"
        left = f"{messages} of it {'is' if waiting == 1 else 'are'} still in the queue"
        if not yes:
            ask(f'Remove account "{called}" and its password ({left})?')

        def work(tx: Tx) -> None:
            account = _find(tx, segment, name)
            accounts.remove_account(tx, account, operator(), reason)

        db.write(work)
    more = f" {left}: see `imapgate incoming list`." if waiting else ""
    value = {"name": called, "waiting": waiting}
    tell(f'Removed account "{called}"; what it brought stays.{more}', value, as_json)


def _find(tx: Tx, segment: str | None, name: str) -> Account:
    return accounts.find_account(tx, segment_of(tx, segment).id, name)


def _set_active(
    place: Place, name: str, segment: str | None, reason: str, *, active: bool
) -> Standing:
    key = place.secret_key()

    def work(tx: Tx) -> Standing:
        found = _find(tx, segment, name)
        return standing(tx, accounts.set_active(tx, found, active, operator(), reason), key)

    with place.database() as db:
        return db.write(work)


def _tell(sentence: str, found: Standing, as_json: bool) -> None:
    tell(sentence, standing_value(found), as_json)
    warn(found)


COMMANDS = (account_add, account_edit, account_enable, account_disable, account_remove)

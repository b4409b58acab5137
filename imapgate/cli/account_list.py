"""`imapgate account list`, `enable`, `disable`."""

from __future__ import annotations

import click

from imapgate.cli.options import F, json_option, segment_option
from imapgate.cli.output import print_json, print_table, tell
from imapgate.cli.place import Place, segment_of
from imapgate.cli.who import operator
from imapgate.incoming import accounts
from imapgate.incoming.account import Account
from storage import Tx


def reason_option(command: F) -> F:
    return click.option(
        "--reason", metavar="TEXT", default="", help="Why, for the settings history."
    )(command)


@click.command("list")
@segment_option
@json_option
@click.pass_obj
def account_list(place: Place, segment: str | None, as_json: bool) -> None:
    """List a segment's accounts.

    \b
    Example:
      imapgate account list --json
    """
    with place.database() as db:
        found = db.read(lambda tx: accounts.list_accounts(tx, segment_of(tx, segment).id))
    if as_json:
        print_json([{"name": one.name} for one in found])
        return
    print_table(("account",), ((one.name,) for one in found), "The segment has no accounts.")


def _set_active(
    place: Place, name: str, active: bool, segment: str | None, reason: str, as_json: bool
) -> None:
    key = place.secret_key()

    def work(tx: Tx) -> Account:
        found = accounts.find_account(tx, segment_of(tx, segment).id, name)
        return accounts.edit_account(tx, found, {"active": active}, key, operator(), reason)

    with place.database() as db:
        now = db.write(work)
    done = "It is read from now on" if active else "It isn't read any more"
    tell(f'{done}: account "{now.name}".', {"name": now.name, "active": now.active}, as_json)


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
    _set_active(place, name, True, segment, reason, as_json)


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
    _set_active(place, name, False, segment, reason, as_json)


COMMANDS = (account_list, account_enable, account_disable)

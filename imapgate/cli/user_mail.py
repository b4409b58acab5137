"""`imapgate user mail`: the addresses that users send from and are written to."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from imapgate.activities.people import Person, person
from imapgate.cli.options import F, json_option, reason_option, segment_option
from imapgate.cli.output import print_json, print_table, tell
from imapgate.cli.place import Place, login, segment_of
from imapgate.cli.server_options import ask
from imapgate.cli.who import operator
from imapgate.outgoing import mail_accounts
from imapgate.outgoing.mail_accounts import MailAccount
from storage import Tx


@click.group("mail")
def user_mail() -> None:
    """The addresses that users send from and are written to.

    A user without one is written to, and sends, by the e-mail address of `user add --email`.

    \b
    Example:
      imapgate user mail list
    """


def _settings_options(command: F) -> F:
    for option in reversed(
        (
            click.option(
                "--reply", metavar="ADDRESS", help="What mail is From, where it isn't ADDRESS."
            ),
            click.option("--mailer", metavar="NAME", help="By which the user's mail goes out."),
            click.option(
                "--subject-prefix", metavar="TEXT", help="Before the subjects of notifications."
            ),
            click.option(
                "--link",
                metavar="URL",
                help="A web address with {number}, which notifications link to.",
            ),
            click.option("--shared", is_flag=True, help="Another user may have the address too."),
        )
    ):
        command = option(command)
    return command


@user_mail.command("add")
@click.argument("user")
@click.argument("address")
@_settings_options
@click.option("--default", "is_default", is_flag=True, help="It is the user's default.")
@reason_option
@segment_option
@json_option
@click.pass_obj
def user_mail_add(
    place: Place,
    /,
    user: str,
    address: str,
    shared: bool,
    is_default: bool,
    reason: str,
    segment: str | None,
    as_json: bool,
    **said: str | None,
) -> None:
    """Add an address that a user sends from and is written to.

    The first one is the default: there the user gets notifications, and mail of theirs is From its
    reply address, or from it.

    \b
    Example:
      imapgate user mail add alice alice@acme.example --reply support@acme.example \\
        --link "https://crm.acme.example/activities/{number}"
    """

    def work(tx: Tx) -> MailAccount:
        return mail_accounts.add_mail_account(
            tx,
            _user(tx, user, segment),
            address,
            _wanted(said),
            operator(),
            reason,
            is_default=is_default,
            shared=shared,
        )

    with place.database() as db:
        made = db.write(work)
    default = " It is the default." if made.is_default else ""
    tell(f"Added {made.address} to {made.user}.{default}", asdict(made), as_json)


@user_mail.command("edit")
@click.argument("user")
@click.argument("address")
@click.option("--address", "new_address", metavar="NEW", help="A new address.")
@_settings_options
@reason_option
@segment_option
@json_option
@click.pass_obj
def user_mail_edit(
    place: Place,
    /,
    user: str,
    address: str,
    new_address: str | None,
    shared: bool,
    reason: str,
    segment: str | None,
    as_json: bool,
    **said: str | None,
) -> None:
    """Change a user's mail account; what isn't named stays as it is.

    An empty text takes a setting away.

    \b
    Example:
      imapgate user mail edit alice alice@acme.example --mailer relay --reply ""
    """
    wanted = _wanted(said) | ({} if new_address is None else {"address": new_address})

    def work(tx: Tx) -> MailAccount:
        of = _user(tx, user, segment)
        return mail_accounts.edit_mail_account(
            tx, of, address, wanted, operator(), reason, shared=shared
        )

    with place.database() as db:
        changed = db.write(work)
    tell(f"Changed {changed.address} of {changed.user}.", asdict(changed), as_json)


@user_mail.command("list")
@click.argument("user", required=False)
@segment_option
@json_option
@click.pass_obj
def user_mail_list(place: Place, user: str | None, segment: str | None, as_json: bool) -> None:
    """List a user's mail accounts, or those of all users.

    \b
    Example:
      imapgate user mail list alice
    """

    def look(tx: Tx) -> list[MailAccount]:
        if user is None:
            return mail_accounts.list_mail_accounts(tx, segment_of(tx, segment).id)
        of = _user(tx, user, segment)
        return mail_accounts.list_mail_accounts(tx, of.segment_id, of)

    with place.database() as db:
        found = db.read(look)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    print_table(
        ("user", "address", "default", "reply address", "mailer", "subject prefix", "link"),
        (
            (
                one.user,
                one.address,
                one.is_default,
                one.reply_address,
                one.mailer,
                one.subject_prefix,
                one.link_pattern,
            )
            for one in found
        ),
        "There are no mail accounts: users have the e-mail addresses of `imapgate user list`.",
    )


@user_mail.command("default")
@click.argument("user")
@click.argument("address")
@reason_option
@segment_option
@json_option
@click.pass_obj
def user_mail_default(
    place: Place, user: str, address: str, reason: str, segment: str | None, as_json: bool
) -> None:
    """Make one of a user's mail accounts the default.

    \b
    Example:
      imapgate user mail default alice alice@acme.example
    """

    def work(tx: Tx) -> MailAccount:
        of = _user(tx, user, segment)
        return mail_accounts.set_default(tx, of, address, operator(), reason)

    with place.database() as db:
        changed = db.write(work)
    tell(f"{changed.address} is the default of {changed.user}.", asdict(changed), as_json)


@user_mail.command("remove")
@click.argument("user")
@click.argument("address")
@click.option("--yes", is_flag=True, help="Don't ask.")
@reason_option
@segment_option
@json_option
@click.pass_obj
def user_mail_remove(
    place: Place,
    user: str,
    address: str,
    yes: bool,
    reason: str,
    segment: str | None,
    as_json: bool,
) -> None:
    """Remove one of a user's mail accounts.

    \b
    Example:
      imapgate user mail remove alice alice@acme.example --yes
    """
    with place.database() as db:
        of = db.read(lambda tx: _user(tx, user, segment))
        if not yes:
            ask(f"Remove {address} from {of.name}?")

        def work(tx: Tx) -> MailAccount | None:
            return mail_accounts.remove_mail_account(tx, of, address, operator(), reason)

        default = db.write(work)
    more = "" if default is None else f" {default.address} is the default now."
    value = {
        "user": of.name,
        "address": address,
        "default": None if default is None else default.address,
    }
    tell(f"Removed {address} from {of.name}.{more}", value, as_json)


def _user(tx: Tx, user: str, segment: str | None) -> Person:
    return person(tx, login(tx, user, segment))


def _wanted(said: dict[str, Any]) -> dict[str, Any]:
    names = {"reply": "reply_address", "link": "link_pattern"}
    return {names.get(name, name): one for name, one in said.items() if one is not None}

"""Users."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from imapgate.activities import users
from imapgate.activities.people import Person, person
from imapgate.activities.users import User
from imapgate.cli.mail_formats import user_format
from imapgate.cli.options import (
    json_option,
    password_hash,
    password_option,
    segment_option,
)
from imapgate.cli.output import print_json, print_table, tell
from imapgate.cli.place import Place, login, segment_of
from imapgate.cli.sent import user_sent
from imapgate.cli.user_mail import user_mail
from imapgate.folders.groups import make_home
from storage import Tx


def _listed(tx: Tx, one: Person) -> User:
    """As `user list` has it."""
    return next(
        listed for listed in users.list_users(tx, one.segment_id) if listed.name == one.name
    )


@click.group()
def user() -> None:
    """Users, who sign in as name@Segment or by e-mail address.

    \b
    Example:
      imapgate user list
    """


@user.command("add")
@click.argument("name")
@click.option("--email", metavar="ADDRESS", help="Another name to sign in by.")
@click.option("--admin", is_flag=True, help="An administrator of the segment.")
@segment_option
@password_option
@json_option
@click.pass_obj
def user_add(
    place: Place,
    name: str,
    email: str | None,
    admin: bool,
    segment: str | None,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Add a user with personal folders and a contact.

    \b
    Example:
      imapgate user add bert --email bert@acme.example
    """
    short, at, in_segment = name.partition("@")
    if at and segment is not None and segment.casefold() != in_segment.casefold():
        raise click.UsageError("NAME and --segment name two segments.")
    password = password_hash(password_file, name)

    def work(tx: Tx) -> User:
        where = segment_of(tx, in_segment if at else segment)
        added = users.add_user(tx, where.id, short, email, password, is_admin=admin)
        make_home(tx, added)
        return _listed(tx, added)

    with place.database() as db:
        made = db.write(work)
    tell(f"Added user {made.login}.", asdict(made), as_json)


@user.command("passwd")
@click.argument("name")
@segment_option
@password_option
@json_option
@click.pass_obj
def user_passwd(
    place: Place, name: str, segment: str | None, password_file: Path | None, as_json: bool
) -> None:
    """Set a user's password; sessions with the old one end.

    They end at once, in the middle of a download too.

    \b
    Example:
      imapgate user passwd bert --password-file secret.txt
    """
    with place.database() as db:
        db.read(lambda tx: person(tx, login(tx, name, segment)))
        password = password_hash(password_file, name)
        changed = db.write(
            lambda tx: _listed(tx, users.set_password(tx, login(tx, name, segment), password))
        )
    tell(f"Set the password of {changed.login}.", asdict(changed), as_json)


@user.command("list")
@segment_option
@json_option
@click.pass_obj
def user_list(place: Place, segment: str | None, as_json: bool) -> None:
    """List a segment's users.

    \b
    Example:
      imapgate user list --segment Standard
    """
    with place.database() as db:
        found = db.read(lambda tx: users.list_users(tx, segment_of(tx, segment).id))
    if as_json:
        print_json([asdict(one) for one in found])
        return
    print_table(
        ("user", "e-mail", "administrator", "disabled"),
        ((one.login, one.email, one.is_admin, one.disabled) for one in found),
        "The segment has no users.",
    )


@user.command("disable")
@click.argument("name")
@click.option("--undo", is_flag=True, help="Let the user in again.")
@segment_option
@json_option
@click.pass_obj
def user_disable(place: Place, name: str, undo: bool, segment: str | None, as_json: bool) -> None:
    """Keep a user out; open sessions end at once.

    \b
    Example:
      imapgate user disable bert
    """
    with place.database() as db:
        changed = db.write(
            lambda tx: _listed(tx, users.set_disabled(tx, login(tx, name, segment), not undo))
        )
    done = "Let in again" if undo else "Disabled"
    tell(f"{done}: {changed.login}.", asdict(changed), as_json)


user.add_command(user_format)
user.add_command(user_sent)

user.add_command(user_mail)

COMMANDS = (user,)

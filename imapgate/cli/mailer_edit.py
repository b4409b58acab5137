"""`imapgate mailer add`, `edit`, `default` and `remove`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from imapgate.cli.mailer_options import said_settings, scope_of, scope_options, settings_options
from imapgate.cli.mailer_show import standing_value, warn
from imapgate.cli.options import json_option, reason_option
from imapgate.cli.output import tell
from imapgate.cli.place import Place
from imapgate.cli.server_options import (
    Files,
    ask,
    given_secrets,
    needed_secrets,
    secrets_options,
)
from imapgate.cli.who import operator
from imapgate.outgoing import mailers
from imapgate.outgoing.mailer_settings import rules
from imapgate.outgoing.mailer_settings.flat import BLANK
from imapgate.outgoing.standing import Standing, standing
from imapgate.servers.server import Secrets
from storage import Tx


@click.command("add")
@click.argument("name")
@settings_options
@secrets_options
@reason_option
@scope_options
@json_option
@click.pass_obj
def mailer_add(
    place: Place,
    /,
    name: str,
    password_file: Path | None,
    client_secret_file: Path | None,
    reason: str,
    segment: str | None,
    everywhere: bool,
    as_json: bool,
    **said: Any,
) -> None:
    """Add a mailer: a server, or this machine's sendmail.

    Mail goes out by it. The first one of a segment is its default, as is the first one for all
    segments (--global).

    \b
    Example:
      imapgate mailer add relay --host mail.acme.example --user crm \\
        --password-file crm.txt --from crm@acme.example
      imapgate mailer add local --global --sendmail --from crm@acme.example
    """
    wanted = said_settings(said)
    key = place.secret_key()
    with place.database() as db:

        def look(tx: Tx) -> tuple[int | None, dict[str, Any]]:
            of = scope_of(tx, segment, everywhere)
            mailers.free_name(tx, of, name)  # before a password is typed
            return of, mailers.planned(tx, of, BLANK, wanted)[0]

        of, now = db.read(look)
        files = Files(password_file, client_secret_file)
        needed = needed_secrets(rules.needed(now))
        secrets = given_secrets(Secrets(), rules.needed(now), files, needed=needed)

        def work(tx: Tx) -> Standing:
            made = mailers.add_mailer(tx, of, name, wanted, secrets, key, operator(), reason)
            return standing(tx, made, key)

        made = db.write(work)
    called = made.mailer.name
    place_of = "of all segments" if made.segment is None else f"of {made.segment}"
    default = f" It is the default {place_of}." if made.mailer.is_default else ""
    option = " --global" if everywhere else ""
    _tell(
        f'Added mailer "{called}".{default} Next: imapgate mailer test "{called}"{option} --to '
        "ADDRESS.",
        made,
        as_json,
    )


@click.command("edit")
@click.argument("name")
@click.option("--name", "new_name", metavar="NEW", help="A new name.")
@settings_options
@secrets_options
@click.option("--new-password", "asks_password", is_flag=True, help="Set a new password.")
@click.option("--new-client-secret", "asks_secret", is_flag=True, help="Set a new client secret.")
@reason_option
@scope_options
@json_option
@click.pass_obj
def mailer_edit(
    place: Place,
    /,
    name: str,
    new_name: str | None,
    password_file: Path | None,
    client_secret_file: Path | None,
    asks_password: bool,
    asks_secret: bool,
    reason: str,
    segment: str | None,
    everywhere: bool,
    as_json: bool,
    **said: Any,
) -> None:
    """Change a mailer; what isn't named stays as it is.

    Without --global, the segment's own of that name, else the one for all segments.

    \b
    Example:
      imapgate mailer edit relay --intercept tests@acme.example --reason "a copy for tests"
      imapgate mailer edit relay --new-password
    """
    wanted = said_settings(said)
    key = place.secret_key()
    with place.database() as db:

        def look(tx: Tx) -> tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]:
            mailer = mailers.find_mailer(tx, scope_of(tx, segment, everywhere), name)
            before = mailers.settings_of(tx, mailer)
            now, _ = mailers.planned(tx, mailer.segment_id, before, wanted)
            return before, now, standing(tx, mailer, key).secrets

        before, now, stored = db.read(look)
        needed = {"password": asks_password, "client_secret": asks_secret}
        if rules.login(now) != rules.login(before):
            missing = needed_secrets(rules.needed(now)).items()
            needed |= {one: True for one, is_so in missing if is_so and one not in stored}
        files = Files(password_file, client_secret_file)
        secrets = given_secrets(Secrets(), rules.needed(now), files, needed=needed)

        def work(tx: Tx) -> Standing:
            changed = mailers.edit_mailer(
                tx,
                mailers.find_mailer(tx, scope_of(tx, segment, everywhere), name),
                wanted,
                key,
                operator(),
                reason,
                new_name=new_name,
                secrets=None if secrets == Secrets() else secrets,
            )
            return standing(tx, changed, key)

        changed = db.write(work)
    _tell(f'Changed mailer "{changed.mailer.name}"{_for_all(changed)}.', changed, as_json)


@click.command("default")
@click.argument("name")
@click.option("--undo", is_flag=True, help="It is the default no more, nor is another.")
@reason_option
@scope_options
@json_option
@click.pass_obj
def mailer_default(
    place: Place,
    name: str,
    undo: bool,
    reason: str,
    segment: str | None,
    everywhere: bool,
    as_json: bool,
) -> None:
    """Let mail go out by this mailer as a rule.

    Where a user has no other. Of its segment; with --global of every segment that has no default
    of its own.

    \b
    Example:
      imapgate mailer default relay
    """
    key = place.secret_key()

    def work(tx: Tx) -> Standing:
        of = scope_of(tx, segment, everywhere)
        found = mailers.find_mailer(tx, of, name)
        changed = mailers.set_default(tx, found, operator(), reason, is_default=not undo)
        return standing(tx, changed, key)

    with place.database() as db:
        changed = db.write(work)
    is_default = "isn't the default any more" if undo else "is the default from now on"
    _tell(f'Mailer "{changed.mailer.name}"{_for_all(changed)} {is_default}.', changed, as_json)


@click.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Don't ask.")
@reason_option
@scope_options
@json_option
@click.pass_obj
def mailer_remove(
    place: Place,
    name: str,
    yes: bool,
    reason: str,
    segment: str | None,
    everywhere: bool,
    as_json: bool,
) -> None:
    """Remove a mailer and its password.

    Mails that wait to go out by it go by the default from then on. Refused while a user's mail
    account names it.

    \b
    Example:
      imapgate mailer remove relay --yes
    """
    key = place.secret_key()
    with place.database() as db:
        found = db.read(
            lambda tx: standing(
                tx, mailers.find_mailer(tx, scope_of(tx, segment, everywhere), name), key
            )
        )
        called = f'mailer "{found.mailer.name}"{_for_all(found)}'
        default = ", which is the default," if found.mailer.is_default else ""
        if not yes:
            ask(f"Remove {called}{default} and its password?")

        def work(tx: Tx) -> tuple[int, bool]:
            scope = scope_of(tx, segment, everywhere)
            now = mailers.find_mailer(tx, scope, name)
            waiting = mailers.remove_mailer(tx, now, operator(), reason)
            return waiting, bool(mailers.list_mailers(tx, scope))

        waiting, others = db.write(work)
    lines = [f"Removed {called}."]
    if waiting:
        messages = "1 mail waits" if waiting == 1 else f"{waiting} mails wait"
        lines.append(f"{messages} and will go out by the default: see `imapgate outbox list`.")
    if found.mailer.is_default:
        lines.append(
            "There is no default in its place: `imapgate mailer default NAME` names one."
            if others
            else "No mailer is left: what is to be sent fails until `imapgate mailer add`."
        )
    tell(" ".join(lines), {"name": found.mailer.name, "waiting": waiting}, as_json)


def _for_all(one: Standing) -> str:
    return " (for all segments)" if one.segment is None else ""


def _tell(sentence: str, found: Standing, as_json: bool) -> None:
    tell(sentence, standing_value(found), as_json)
    warn(found)


COMMANDS = (mailer_add, mailer_edit, mailer_default, mailer_remove)

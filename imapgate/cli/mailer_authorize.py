"""`imapgate mailer authorize`: a person lets imapgate send by OAuth 2.0."""

from __future__ import annotations

import click

from imapgate.activities.names import Mistake
from imapgate.cli.authorizing import authorized, refreshing, way_options
from imapgate.cli.mailer_options import scope_of, scope_options
from imapgate.cli.options import json_option, reason_option
from imapgate.cli.output import tell
from imapgate.cli.place import Place
from imapgate.cli.who import operator
from imapgate.outgoing import mailers
from imapgate.outgoing.mailer import Mailer
from imapgate.servers.server import OAuth, Secrets
from storage import Tx


@click.command("authorize")
@click.argument("name")
@way_options
@reason_option
@scope_options
@json_option
@click.pass_obj
def mailer_authorize(
    place: Place,
    name: str,
    way: str | None,
    reason: str,
    segment: str | None,
    everywhere: bool,
    as_json: bool,
) -> None:
    """Let imapgate send by a mailer that signs in by OAuth 2.0.

    Somebody who may send as its user opens the address that is shown and agrees. The refresh token
    that comes is stored encrypted. A mailer that uses an account's application is authorized with
    the account: `imapgate account authorize`. Without --device and --browser: by a code if the
    server has that.

    \b
    Example:
      imapgate mailer authorize relay --device
    """
    key = place.secret_key()
    with place.database() as db:

        def look(tx: Tx) -> tuple[Mailer, Secrets]:
            found = mailers.find_mailer(tx, scope_of(tx, segment, everywhere), name)
            return found, mailers.secrets_of(tx, found, key)

        mailer, secrets = db.read(look)
        oauth = _oauth(mailer)
        assert mailer.relay is not None
    way, came = authorized(mailer.relay, oauth, secrets, way)

    def work(tx: Tx) -> None:
        now = mailers.mailer_by_id(tx, mailer.id)
        if now is None or now.relay is None or now.relay.login.oauth != oauth:
            raise Mistake(
                f'Mailer "{mailer.name}" was changed or removed meanwhile: nothing was stored.'
            )
        mailers.replace_secrets(tx, now, came, key, operator(), reason)

    with place.database() as db:
        db.write(work)
    tell(
        f'Mailer "{mailer.name}" is authorized. Next: `imapgate mailer test "{mailer.name}"`.',
        {"name": mailer.name, "authorized": True, "way": way},
        as_json,
    )


def _oauth(mailer: Mailer) -> OAuth:
    if mailer.account_id is not None:
        raise Mistake(
            f'Mailer "{mailer.name}" uses an account\'s application: authorize the account, with '
            "`imapgate account authorize`."
        )
    if mailer.relay is None:
        raise Mistake(f'Mailer "{mailer.name}" uses sendmail: there is nothing to authorize.')
    edit = f'imapgate mailer edit "{mailer.name}"'
    return refreshing(mailer.relay, f'mailer "{mailer.name}"', edit)


COMMANDS = (mailer_authorize,)

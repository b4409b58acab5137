"""`imapgate account authorize`: a person lets imapgate read a mailbox, by code or in a browser."""

from __future__ import annotations

import click

from imapgate.activities.names import Mistake
from imapgate.cli.authorizing import authorized, refreshing, way_options
from imapgate.cli.options import json_option, reason_option, segment_option
from imapgate.cli.output import tell
from imapgate.cli.place import Place, segment_of
from imapgate.cli.who import operator
from imapgate.incoming import accounts
from storage import Tx


@click.command("authorize")
@click.argument("name")
@way_options
@reason_option
@segment_option
@json_option
@click.pass_obj
def account_authorize(
    place: Place, name: str, way: str | None, reason: str, segment: str | None, as_json: bool
) -> None:
    """Let imapgate read an account by OAuth 2.0.

    Somebody who may read the mailbox opens the address that is shown and agrees. The refresh token
    that comes is stored encrypted. Without --device and --browser: by a code if the server has
    that.

    \b
    Example:
      imapgate account authorize support --device
    """
    key = place.secret_key()
    with place.database() as db:
        account = db.read(lambda tx: accounts.find_account(tx, segment_of(tx, segment).id, name))
        oauth = refreshing(
            account.place, f'account "{account.name}"', f'imapgate account edit "{account.name}"'
        )
        secrets = db.read(lambda tx: accounts.secrets_of(tx, account, key))
    way, came = authorized(account.place, oauth, secrets, way)

    def work(tx: Tx) -> None:
        now = accounts.account_by_id(tx, account.id)
        if now is None or now.place.login.oauth != oauth:
            raise Mistake(
                f'Account "{account.name}" was changed or removed meanwhile: nothing was stored.'
            )
        accounts.replace_secrets(tx, now, came, key, operator(), reason)

    with place.database() as db:
        db.write(work)
    tell(
        f'Account "{account.name}" is authorized. Next: `imapgate account test "{account.name}"`.',
        {"name": account.name, "authorized": True, "way": way},
        as_json,
    )


COMMANDS = (account_authorize,)

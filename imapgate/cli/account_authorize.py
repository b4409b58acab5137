"""`imapgate account authorize`: a person lets imapgate read a mailbox, by code or in a browser."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager

import click

from imapgate.activities.names import Mistake
from imapgate.cli.options import json_option, reason_option, segment_option
from imapgate.cli.output import clean, tell
from imapgate.cli.place import Place, segment_of
from imapgate.cli.who import operator
from imapgate.incoming import accounts
from imapgate.incoming.account import Account
from imapgate.servers.oauth import device
from imapgate.servers.oauth.browser import Browser
from imapgate.servers.oauth.grants import Endpoints, Granted, find_endpoints
from imapgate.servers.oauth.web import Web
from imapgate.servers.server import OAuth, Secrets, ServerError
from storage import Tx

DEVICE, BROWSER = "device", "browser"


@click.command("authorize")
@click.argument("name")
@click.option(
    "--device", "way", flag_value=DEVICE, help="By a code that is typed in any browser, anywhere."
)
@click.option(
    "--browser", "way", flag_value=BROWSER, help="In a browser that runs on this machine."
)
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
        oauth = _oauth(account)
        secrets = db.read(lambda tx: accounts.secrets_of(tx, account, key))
    # Not kept open meanwhile: a person takes their time.
    with told_plainly():
        way, granted = _authorized(account, oauth, secrets, way)
    if granted.refresh is None:
        raise Mistake(
            "The authorization server gave no refresh token: often the scope lacks "
            '"offline_access". Nothing was stored.'
        )
    came = Secrets(refresh_token=granted.refresh)

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


@contextmanager
def told_plainly() -> Iterator[None]:
    """What went wrong at a server, as a Mistake in one line."""
    try:
        yield
    except ServerError as error:
        technical = f" ({error.technical})" if error.technical else ""
        raise Mistake(f"{error.text}{technical} {error.hint}".rstrip()) from error


def _oauth(account: Account) -> OAuth:
    found = account.place.login.oauth
    if found is None:
        raise Mistake(
            f'Account "{account.name}" doesn\'t sign in by OAuth: there is nothing to authorize.'
        )
    if found.grant != "refresh_token":
        raise Mistake(
            f'Account "{account.name}" signs in by client credentials, which nobody has to '
            f'authorize; `imapgate account edit "{account.name}" --grant refresh_token` changes '
            "that."
        )
    return found


def _authorized(
    account: Account, oauth: OAuth, secrets: Secrets, way: str | None
) -> tuple[str, Granted]:
    web = Web(account.place.tls, account.place.timeout)
    endpoints = find_endpoints(web, oauth.authority)
    if way is None:
        way = BROWSER if endpoints.device is None and endpoints.authorization else DEVICE
    if way == DEVICE:
        return way, _by_device(web, endpoints, oauth, secrets)
    return way, _by_browser(web, endpoints, oauth, secrets)


def _by_device(web: Web, endpoints: Endpoints, oauth: OAuth, secrets: Secrets) -> Granted:
    code = device.ask_code(web, endpoints, oauth, secrets)
    click.echo(clean(f"Open {code.address} in any browser and type {code.user_code}"), err=True)
    if code.complete is not None:
        click.echo(clean(f"or open {code.complete}"), err=True)
    click.echo(f"Waiting for up to {code.lifetime / 60:.0f} minutes.", err=True)
    return device.wait_for_token(web, endpoints, oauth, secrets, code)


def _by_browser(web: Web, endpoints: Endpoints, oauth: OAuth, secrets: Secrets) -> Granted:
    with Browser(web, endpoints, oauth, secrets) as browser:
        click.echo(clean(f"Open in a browser on this machine:\n{browser.address}"), err=True)
        if _has_desktop():
            webbrowser.open(browser.address)
        return browser.wait_for_token()


def _has_desktop() -> bool:
    """Whether a browser may be opened: not one that takes the terminal, nor in a script."""
    if not sys.stderr.isatty():
        return False
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


COMMANDS = (account_authorize,)

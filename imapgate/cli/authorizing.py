"""A person lets imapgate use a mailbox by OAuth 2.0, by code or in a browser."""

from __future__ import annotations

import os
import sys
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager

import click

from imapgate.activities.names import Mistake
from imapgate.cli.options import F
from imapgate.cli.output import clean
from imapgate.servers.oauth import device
from imapgate.servers.oauth.browser import Browser
from imapgate.servers.oauth.grants import Endpoints, Granted, find_endpoints
from imapgate.servers.oauth.web import Web
from imapgate.servers.server import OAuth, Secrets, Server, ServerError

DEVICE, BROWSER = "device", "browser"


def way_options(command: F) -> F:
    command = click.option(
        "--browser", "way", flag_value=BROWSER, help="In a browser that runs on this machine."
    )(command)
    return click.option(
        "--device",
        "way",
        flag_value=DEVICE,
        help="By a code that is typed in any browser, anywhere.",
    )(command)


@contextmanager
def told_plainly() -> Iterator[None]:
    """What went wrong at a server, as a Mistake in one line."""
    try:
        yield
    except ServerError as error:
        technical = f" ({error.technical})" if error.technical else ""
        raise Mistake(f"{error.text}{technical} {error.hint}".rstrip()) from error


def refreshing(server: Server, called: str, edit: str) -> OAuth:
    """By which it is authorized. called: `account "support"`; edit: the command that changes it.
    Raises Mistake where nobody has to authorize anything."""
    found, begin = server.login.oauth, called[0].upper() + called[1:]
    if found is None:
        raise Mistake(f"{begin} doesn't sign in by OAuth: there is nothing to authorize.")
    if found.grant != "refresh_token":
        raise Mistake(
            f"{begin} signs in by client credentials, which nobody has to authorize; `{edit} "
            "--grant refresh_token` changes that."
        )
    return found


def authorized(
    server: Server, oauth: OAuth, secrets: Secrets, way: str | None
) -> tuple[str, Secrets]:
    """(the way that was taken, the refresh token that came). way: None: by a code if the server
    has that. Raises Mistake."""
    # Nothing is kept open meanwhile: a person takes their time.
    with told_plainly():
        way, granted = _asked(server, oauth, secrets, way)
    if granted.refresh is None:
        raise Mistake(
            "The authorization server gave no refresh token: often the scope lacks "
            '"offline_access". Nothing was stored.'
        )
    return way, Secrets(refresh_token=granted.refresh)


def _asked(server: Server, oauth: OAuth, secrets: Secrets, way: str | None) -> tuple[str, Granted]:
    web = Web(server.tls, server.timeout)
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

"""`imapgate account authorize`: by device code and in a browser, at a token server."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
import urllib.request

import pytest
from command import Command
from mail_accounts import add_account, add_oauth, edit, history, secrets_of
from token_server import CLIENT, TokenServer

from imapgate.cli.who import operator
from imapgate.incoming.account import Account
from imapgate.servers.server import Secrets


@pytest.fixture
def support(acme: Command, token_server: TokenServer) -> Account:
    """Account support of segment Acme, not authorized yet; its server answers fast."""
    token_server.interval = 0.01
    return add_oauth(acme, token_server)


def _decide(server: TokenServer, approved: bool) -> None:
    def before(path: str) -> None:
        for device in server.devices.values():
            if path == "/tenant/token":
                device.approved = approved

    server.before_answer = before


def test_a_device_code_authorizes_an_account(
    acme: Command, support: Account, token_server: TokenServer
) -> None:
    """Address and code are shown; the token is stored encrypted, and who did it and why."""
    _decide(token_server, True)
    done = acme.run("account", "authorize", "Support", "--device", "--reason", "new server")
    assert done.exit_code == 0, done.output
    assert "Open https://login.example/device in any browser and type WDJB-" in done.stderr
    assert "or open https://login.example/device?user_code=WDJB-" in done.stderr
    assert done.stdout == (
        'Account "support" is authorized. Next: `imapgate account test "support"`.\n'
    )
    stored = secrets_of(acme, support)
    assert list(token_server.refresh) == [stored.refresh_token]
    newest = history(acme)[0]
    assert (newest.who, newest.subject) == (operator(), "account support")
    assert (newest.changes, newest.reason) == ({"refresh_token": (None, "set")}, "new server")
    token = str(stored.refresh_token)
    assert token not in done.output
    for file in acme.data.iterdir():
        assert token.encode() not in file.read_bytes(), file


def test_without_an_option_a_code_is_chosen(
    acme: Command, support: Account, token_server: TokenServer
) -> None:
    """With --json what people are to do goes elsewhere."""
    _decide(token_server, True)
    assert acme.json("account", "authorize", "support") == {
        "name": "support", "authorized": True, "way": "device"
    }  # fmt: skip


def test_authorizing_again_replaces_the_token(
    acme: Command, support: Account, token_server: TokenServer
) -> None:
    _decide(token_server, True)
    acme.ok("account", "authorize", "support")
    first = secrets_of(acme, support)
    acme.ok("account", "authorize", "support")
    assert secrets_of(acme, support).refresh_token != first.refresh_token
    assert secrets_of(acme, support).client_secret == first.client_secret
    assert history(acme)[0].changes == {"refresh_token": ("set", "changed")}


def test_what_was_denied_changes_nothing(
    acme: Command, support: Account, token_server: TokenServer
) -> None:
    _decide(token_server, False)
    done = acme.run("account", "authorize", "support")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1] == (
        "The authorization was denied. (access_denied: The person said no) "
        "Run it once more, and agree."
    )
    assert secrets_of(acme, support).refresh_token is None


def test_a_server_that_gives_no_refresh_token_is_told(
    acme: Command, support: Account, token_server: TokenServer
) -> None:
    """The usual reason is named."""
    token_server.refreshes = False
    _decide(token_server, True)
    done = acme.run("account", "authorize", "support")
    assert done.exit_code == 1
    assert 'the scope lacks "offline_access". Nothing was stored.' in done.stderr
    assert secrets_of(acme, support).refresh_token is None


def test_an_account_that_was_changed_meanwhile_keeps_what_it_has(
    acme: Command, support: Account, token_server: TokenServer
) -> None:
    """The token is another client's then."""

    def before(path: str) -> None:
        if path == "/tenant/token":
            token_server.before_answer = lambda _: None
            next(iter(token_server.devices.values())).approved = True
            edit(acme, support, scope="x")

    token_server.before_answer = before
    done = acme.run("account", "authorize", "support")
    assert done.exit_code == 1
    assert "changed or removed meanwhile: nothing was stored" in done.stderr
    assert secrets_of(acme, support).refresh_token is None


def test_only_accounts_that_need_it_are_authorized(
    acme: Command, token_server: TokenServer
) -> None:
    assert acme.refused("account", "authorize", "nobody") == 'There is no account "nobody".'
    add_account(acme, Secrets(password="x"), host="mail.example", user="crm")
    assert "doesn't sign in by OAuth" in acme.refused("account", "authorize", "support")


def test_client_credentials_need_nobody(acme: Command, token_server: TokenServer) -> None:
    add_oauth(acme, token_server, grant="client_credentials")
    told = acme.refused("account", "authorize", "support")
    assert "client credentials, which nobody has to authorize" in told
    assert token_server.asked == []


def test_a_server_that_isn_t_one_is_told_in_a_sentence(
    acme: Command, support: Account, token_server: TokenServer
) -> None:
    token_server.described = False
    told = acme.refused("account", "authorize", "support")
    assert told.startswith("The authorization server offers no device codes.")
    assert "Give the issuer's address" in told
    assert acme.refused("account", "authorize", "support", "--browser").startswith(
        "The authorization server has no page for browsers."
    )


def test_a_browser_authorizes_an_account(
    acme: Command, support: Account, token_server: TokenServer
) -> None:
    """Without a desktop: the address is printed, the browser comes back to this machine."""
    token_server.metadata = {"device_authorization_endpoint": None}
    words = ["--data", str(acme.data), "account", "authorize", "support", "--json"]
    process = subprocess.Popen(
        [sys.executable, "-m", "imapgate", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stderr is not None
        assert process.stderr.readline() == "Open in a browser on this machine:\n"
        address = process.stderr.readline().strip()
        context = ssl.create_default_context(cadata=token_server.authority)
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with opener.open(address, timeout=10) as page:
            assert b"You can close this window" in page.read()
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert json.loads(out) == {"name": "support", "authorized": True, "way": "browser"}
    assert list(token_server.refresh) == [secrets_of(acme, support).refresh_token]
    assert token_server.forms("/tenant/authorize")[0]["client_id"] == CLIENT

"""The whole way: an account, its token from the token server, the log-in at a Dovecot that asks the
token server about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from command import Command
from desk import mail
from dovecot import HOST, Dovecot, Mailbox
from mail_accounts import add_account, secrets_of
from token_server import CLIENT, SECRET, USER, TokenServer

from imapgate.incoming.account import Account
from imapgate.incoming.mailboxes.connecting import open_source
from imapgate.incoming.token_holder import holder
from imapgate.servers.oauth.tokens import Tokens
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import Secrets, ServerError
from storage import Database


@pytest.fixture(scope="module")
def servers(
    dovecot_installed: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TokenServer, Dovecot, Mailbox]]:
    """A token server, a Dovecot that knows its tokens, and the mailbox of their user."""
    tokens = TokenServer(tmp_path_factory.mktemp("token-server"))
    try:
        with Dovecot(introspection=tokens.introspection) as dovecot:
            mailbox = dovecot.new_mailbox(USER)
            mailbox.deliver(mail("One", 1), mail("Two", 2))
            yield tokens, dovecot, mailbox
    finally:
        tokens.stop()


@pytest.fixture
def token_server(servers: tuple[TokenServer, Dovecot, Mailbox]) -> TokenServer:
    server = servers[0]
    server.interval = 0.01
    server.scripted.clear()
    server.asked.clear()
    return server


def _add(command: Command, servers: tuple[TokenServer, Dovecot, Mailbox], **wanted: Any) -> Account:
    tokens, dovecot, _ = servers
    said = {
        "protocol": "imaps",
        "host": HOST,
        "ca": dovecot.authority + tokens.authority,
        "authentication": "oauth",
        "user": USER,
        "authority": tokens.issuer,
        "client_id": CLIENT,
        "scope": "mail offline_access",
        "grant": "client_credentials",
        "after_reading": "keep",
        "timeout": 10.0,
        **wanted,
    }
    said.setdefault("port", dovecot.port(said["protocol"]))
    return add_account(command, Secrets(client_secret=SECRET), **said)


def _steps(command: Command) -> tuple[int, list[dict[str, str]]]:
    done = command.run("account", "test", "support", "--json")
    return done.exit_code, json.loads(done.stdout)["steps"]


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER", None])
@pytest.mark.parametrize("protocol", ["imaps", "pop3s"])
def test_a_mailbox_is_opened_by_a_token(
    acme: Command,
    servers: tuple[TokenServer, Dovecot, Mailbox],
    token_server: TokenServer,
    protocol: str,
    mechanism: str | None,
) -> None:
    """By both mechanisms, or the best that is offered; the token is a step of the test."""
    _add(acme, servers, protocol=protocol, mechanism=mechanism)
    code, steps = _steps(acme)
    assert code == 0, steps
    assert steps[0]["step"] == "token"
    login = next(one for one in steps if one["step"] == "login")
    assert login["text"].endswith(mechanism or "OAUTHBEARER")
    assert "subject: Two" in steps[-1]["text"]
    assert len(token_server.forms("/tenant/token")) == 1


def test_authorized_and_tried(
    acme: Command,
    servers: tuple[TokenServer, Dovecot, Mailbox],
    token_server: TokenServer,
) -> None:
    """Before it the test says what is missing; afterwards each test renews the refresh token."""
    account = _add(acme, servers, grant="refresh_token")
    code, steps = _steps(acme)
    assert (code, steps[0]["step"], steps[0]["state"]) == (1, "token", "failed")
    assert 'account authorize "support"' in steps[0]["hint"]
    assert {one["state"] for one in steps[1:]} == {"not tried"}

    def approve(path: str) -> None:
        for device in token_server.devices.values():
            device.approved = True

    token_server.before_answer = approve
    acme.ok("account", "authorize", "support")
    first = secrets_of(acme, account).refresh_token
    assert _steps(acme)[0] == 0
    assert secrets_of(acme, account).refresh_token not in (None, first)
    token_server.refresh.clear()
    code, steps = _steps(acme)
    assert (code, steps[0]["state"]) == (1, "failed")
    assert "was withdrawn" in steps[0]["text"]


def test_a_token_that_the_mail_server_doesn_t_take(
    acme: Command,
    servers: tuple[TokenServer, Dovecot, Mailbox],
    token_server: TokenServer,
) -> None:
    """It is told with the server's own words; once it is forgotten, a new one opens the mailbox."""
    account = _add(acme, servers)
    key = SecretKey(acme.data / "secrets.key")
    with closing(Database.open(acme.data / "imapgate.db")) as db:
        tokens = Tokens(db)
        held = holder(account, key)

        def opened() -> int:
            source = open_source(account.place, Secrets(), token=lambda: tokens.token(held))
            with closing(source):
                return source.count()

        assert opened() == 2
        token_server.active.clear()
        with pytest.raises(ServerError) as caught:
            opened()
        assert caught.value.step == "login"
        assert "invalid_token" in caught.value.technical
        assert tokens.token(held) not in caught.value.technical
        tokens.forget(held)
        assert opened() == 2

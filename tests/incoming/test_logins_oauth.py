"""XOAUTH2 and OAUTHBEARER against Dovecot, which asks the tests' token server."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest
from dovecot import Dovecot
from token_server import TokenServer

from imapgate.incoming.account import Place
from imapgate.incoming.mailboxes.connecting import open_source, walk
from imapgate.servers.server import Login, OAuth, Secrets, ServerError, Step, Tls

USER = "crm@example.org"


@pytest.fixture
def server(dovecot_installed: None, token_server: TokenServer) -> Iterator[Dovecot]:
    """Asks the token server whose a token is."""
    with Dovecot(introspection=token_server.introspection) as started:
        started.new_mailbox(USER)
        yield started


def place(server: Dovecot, protocol: str, name: str | None = None, starttls: bool = False) -> Place:
    oauth = OAuth("https://login.example.org", "imapgate", "mail")
    login = Login("oauth", USER, name, oauth)
    tls = Tls(starttls=starttls, ca=server.authority)
    return Place(protocol, "localhost", server.port(protocol), tls=tls, login=login)


@pytest.mark.parametrize("name", [None, "OAUTHBEARER", "XOAUTH2"])
@pytest.mark.parametrize(
    ("protocol", "starttls"), [("imap", True), ("imaps", False), ("pop3s", False)]
)
def test_a_token_opens_the_mailbox(
    server: Dovecot, token_server: TokenServer, protocol: str, starttls: bool, name: str | None
) -> None:
    """No password is needed; the token stands in no dialogue."""
    token_server.active["good-token-1"] = USER
    said: list[str] = []
    where = place(server, protocol, name, starttls)
    steps = walk(where, Secrets(), token=lambda: "good-token-1", dialogue=said.append)
    texts = []
    for one in steps:
        if isinstance(one, Step):
            texts.append(one.text)
        else:
            one.close()
    assert f"logged in as {USER} by {name or 'OAUTHBEARER'}" in texts
    shown = "\n".join(said)
    assert "good-token" not in shown
    assert base64.b64encode(b"good-token").decode()[:8] not in shown


@pytest.mark.parametrize("name", ["OAUTHBEARER", "XOAUTH2"])
@pytest.mark.parametrize("protocol", ["imaps", "pop3s"])
def test_a_token_that_is_not_good_is_told(server: Dovecot, protocol: str, name: str) -> None:
    """With the error that the server gives in JSON; the next token may be better."""
    with pytest.raises(ServerError, match="access token") as caught:
        open_source(place(server, protocol, name), Secrets(), token=lambda: "expired")
    assert (caught.value.step, caught.value.permanent) == ("login", False)
    told = {"OAUTHBEARER": "invalid_token", "XOAUTH2": "status 401"}
    assert told[name] in caught.value.technical
    assert name in caught.value.hint


def test_a_token_is_never_said_without_tls(server: Dovecot) -> None:
    """Not even on this machine."""
    for protocol in ("imap", "pop3"):
        said: list[str] = []
        with pytest.raises(ServerError, match="needs TLS") as caught:
            open_source(
                place(server, protocol),
                Secrets(),
                token=lambda: pytest.fail("a token was asked for"),
                dialogue=said.append,
            )
        assert (caught.value.step, caught.value.permanent) == ("login", True)
        assert "AUTHENTICATE" not in "\n".join(said)


def test_a_server_without_oauth(dovecot: Dovecot) -> None:
    """What it offers is told."""
    with pytest.raises(ServerError) as caught:
        open_source(place(dovecot, "imaps"), Secrets(), token=lambda: "x")
    assert "SCRAM-SHA-256" in caught.value.technical
    assert caught.value.permanent

"""Access tokens of accounts: kept while they are good, asked for once, refresh tokens rotated."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import world
from token_server import CLIENT, SECRET, TokenServer

from imapgate.incoming import accounts
from imapgate.incoming.account import Account
from imapgate.incoming.accounts import owner
from imapgate.incoming.token_holder import holder
from imapgate.servers.oauth.tokens import Tokens
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import Secrets, ServerError
from storage import Database, settings_history
from storage.engine import Unavailable


@dataclass
class Desk:
    """An account whose mailbox is opened with tokens."""

    db: Database
    key: SecretKey
    account: Account
    tokens: Tokens
    server: TokenServer
    now: float = 1000.0

    def token(self) -> str:
        return self.tokens.token(holder(self.account, self.key))

    def secrets(self) -> Secrets:
        return self.db.read(lambda tx: accounts.secrets_of(tx, self.account, self.key))

    def keep(self, secrets: Secrets) -> None:
        """As `account authorize` or another process does."""
        self.db.write(lambda tx: accounts.replace_secrets(tx, self.account, secrets, self.key))

    def edit(self, **wanted: Any) -> None:
        self.account = self.db.write(
            lambda tx: accounts.edit_account(tx, self.account, wanted, self.key, "tests")
        )

    def grants(self) -> list[str]:
        return [one["grant_type"] for one in self.server.forms("/tenant/token")]


Make = Callable[..., Desk]


@pytest.fixture
def make(db: Database, tmp_path: Path, token_server: TokenServer) -> Make:
    built = world.build(db)
    key = SecretKey(tmp_path / "secrets.key")

    def made(grant: str, secrets: Secrets) -> Desk:
        wanted = {
            "host": "mail.example",
            "ca": token_server.authority,
            "authentication": "oauth",
            "user": "crm@example.org",
            "authority": token_server.issuer,
            "client_id": CLIENT,
            "scope": "mail",
            "grant": grant,
        }
        account = db.write(
            lambda tx: accounts.add_account(
                tx, built.segment_id, "support", "mailbox", wanted, secrets, key, "tests"
            )
        )
        desk = Desk(db, key, account, Tokens(db), token_server)
        desk.tokens = Tokens(db, lambda: desk.now)
        return desk

    return made


@pytest.fixture
def by_client(make: Make) -> Desk:
    return make("client_credentials", Secrets(client_secret=SECRET))


@pytest.fixture
def by_refresh(make: Make, token_server: TokenServer) -> Desk:
    refresh = token_server.new_refresh()
    return make("refresh_token", Secrets(client_secret=SECRET, refresh_token=refresh))


def test_a_token_is_kept_until_shortly_before_its_end(by_client: Desk) -> None:
    """3,600 seconds of life are 3,540 of use; its endpoints are looked for once."""
    first = by_client.token()
    by_client.now += 3539
    assert by_client.token() == first
    by_client.now += 1
    second = by_client.token()
    assert second != first
    assert by_client.server.active.keys() == {first, second}
    assert by_client.server.paths().count("/tenant/.well-known/openid-configuration") == 1
    assert by_client.server.forms("/tenant/token")[0]["scope"] == "mail"


def test_a_short_life_is_used_for_its_half(by_client: Desk) -> None:
    by_client.server.lifetime = 40
    first = by_client.token()
    by_client.now += 19
    assert by_client.token() == first
    by_client.now += 1
    assert by_client.token() != first


def test_threads_that_ask_at_once_make_one_request(by_client: Desk) -> None:
    """The others wait for its answer."""
    arrived, go = threading.Event(), threading.Event()

    def before(path: str) -> None:
        arrived.set()
        assert go.wait(10)

    by_client.server.before_answer = before
    with ThreadPoolExecutor(5) as threads:
        asked = [threads.submit(by_client.token) for _ in range(5)]
        assert arrived.wait(10)
        go.set()
        assert len({one.result(10) for one in asked}) == 1
    assert by_client.grants() == ["client_credentials"]


def test_a_new_refresh_token_is_stored_before_the_token_is_given(by_refresh: Desk) -> None:
    """The old one is gone at the server, and from the database; no person changed a setting."""
    before = by_refresh.secrets().refresh_token
    by_refresh.token()
    after = by_refresh.secrets()
    assert after.refresh_token != before
    assert after == Secrets(client_secret=SECRET, refresh_token=after.refresh_token)
    assert list(by_refresh.server.refresh) == [after.refresh_token]
    records = by_refresh.db.read(
        lambda tx: settings_history.records(tx, by_refresh.account.segment_id)
    )
    assert len(records) == 1
    by_refresh.token()
    by_refresh.now += 3600
    by_refresh.token()
    assert by_refresh.grants() == ["refresh_token", "refresh_token"]
    assert "scope" not in by_refresh.server.forms("/tenant/token")[0]


def test_a_refresh_token_that_stays_is_kept(by_refresh: Desk) -> None:
    by_refresh.server.rotate = False
    before = by_refresh.secrets()
    by_refresh.token()
    by_refresh.now += 3600
    by_refresh.token()
    assert by_refresh.secrets() == before


def test_a_refresh_token_that_can_t_be_stored_isn_t_forgotten(
    by_refresh: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No token is given; when the database is back, the new one is stored before all else."""
    real = by_refresh.db.write

    def away(work: Callable[..., Any]) -> Any:
        raise Unavailable("it is away")

    monkeypatch.setattr(by_refresh.db, "write", away)
    for _ in range(2):
        with pytest.raises(Unavailable):
            by_refresh.token()
    assert by_refresh.grants() == ["refresh_token"]
    monkeypatch.setattr(by_refresh.db, "write", real)
    assert by_refresh.token() in by_refresh.server.active
    assert by_refresh.grants() == ["refresh_token", "refresh_token"]
    assert list(by_refresh.server.refresh) == [by_refresh.secrets().refresh_token]


def test_a_newer_authorization_isn_t_overwritten(by_refresh: Desk) -> None:
    """Somebody authorized the account while a token was asked for with the old authorization."""
    new = by_refresh.server.new_refresh()

    def before(path: str) -> None:
        if path == "/tenant/token":
            by_refresh.keep(Secrets(refresh_token=new))

    by_refresh.server.before_answer = before
    by_refresh.token()
    assert by_refresh.secrets().refresh_token == new


def test_what_another_process_renewed_is_used(by_refresh: Desk) -> None:
    """Its refresh token came between reading ours and asking with it."""
    mine = by_refresh.secrets().refresh_token
    new = by_refresh.server.new_refresh()

    def before(path: str) -> None:
        if path == "/tenant/token" and by_refresh.secrets().refresh_token == mine:
            by_refresh.server.refresh.pop(mine)
            by_refresh.keep(Secrets(refresh_token=new))

    by_refresh.server.before_answer = before
    assert by_refresh.token() in by_refresh.server.active
    assert by_refresh.grants() == ["refresh_token", "refresh_token"]
    assert list(by_refresh.server.refresh) == [by_refresh.secrets().refresh_token]


def test_a_withdrawn_authorization_says_what_to_do(by_refresh: Desk) -> None:
    """With the server's own words, but never the token."""
    by_refresh.server.refresh.clear()
    with pytest.raises(ServerError, match='account "support" was withdrawn') as caught:
        by_refresh.token()
    assert caught.value.hint == 'Run `imapgate account authorize "support"`.'
    assert caught.value.technical == "invalid_grant: The refresh token *** is unknown"
    assert (caught.value.permanent, caught.value.step) == (True, "token")


def test_an_account_that_was_never_authorized_says_so(make: Make) -> None:
    desk = make("refresh_token", Secrets(client_secret=SECRET))
    with pytest.raises(ServerError, match="isn't authorized yet") as caught:
        desk.token()
    assert caught.value.permanent
    assert 'authorize "support"' in caught.value.hint
    assert desk.grants() == []


def test_changed_settings_and_secrets_are_taken_up(by_client: Desk) -> None:
    """A token that was asked for with others isn't used any more."""
    first = by_client.token()
    by_client.edit(scope="mail other")
    second = by_client.token()
    assert second != first
    assert by_client.server.forms("/tenant/token")[-1]["scope"] == "mail other"
    by_client.keep(Secrets(client_secret="wrong"))
    with pytest.raises(ServerError, match="client id or its secret"):
        by_client.token()
    by_client.keep(Secrets(client_secret=SECRET))
    assert by_client.token() == second, "asked for with the same"


def test_a_token_that_the_mail_server_refused_is_forgotten(by_client: Desk) -> None:
    first = by_client.token()
    by_client.tokens.forget(holder(by_client.account, by_client.key))
    assert by_client.token() != first


def test_an_error_is_told_and_the_next_try_asks_anew(by_client: Desk) -> None:
    by_client.server.scripted["/tenant/token"] = [(503, {}, b"")]
    with pytest.raises(ServerError) as caught:
        by_client.token()
    assert not caught.value.permanent
    assert by_client.token() in by_client.server.active


def test_accounts_don_t_share_tokens(by_client: Desk) -> None:
    """Nor does one wait for another's server."""
    first = by_client.token()
    other = replace(by_client.account, id=by_client.account.id + 1)
    with pytest.raises(ServerError):
        by_client.tokens.token(holder(other, by_client.key))
    assert by_client.token() == first


def test_nothing_of_a_token_shows_in_what_is_printed(by_client: Desk) -> None:
    """Neither of the kept ones, in a traceback's variables, nor of an answer."""
    token = by_client.token()
    kept = by_client.tokens._kept[owner(by_client.account.id)]
    assert token not in repr(kept)
    assert SECRET not in repr(kept)

"""Access tokens of accounts: asked for when needed, kept in memory for as long as they are good."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from imapgate.incoming.account import Account, OAuth, Secrets, Tls
from imapgate.incoming.accounts import replace_secrets, secrets_of
from imapgate.incoming.oauth.grants import (
    WITHDRAWN,
    Endpoints,
    Granted,
    TokenRefused,
    find_endpoints,
    request,
)
from imapgate.incoming.oauth.web import Web
from imapgate.incoming.secrets import SecretKey
from imapgate.incoming.source import SourceError
from storage import Database, Tx

EARLY = 60.0
"""Seconds before its end at which a token isn't used any more; half its life if that is shorter."""
_Made = tuple[OAuth, Tls, Secrets]


@dataclass(slots=True)
class _Kept:
    """What is known of one account; its lock is held while a token is asked for. made_of: what the
    token was asked for with. rotated: the refresh token that was sent and the one that came for it,
    if that couldn't be stored yet."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    made_of: _Made | None = None
    access: str = field(default="", repr=False)
    until: float = 0.0
    found: tuple[OAuth, Tls, Endpoints] | None = None
    rotated: tuple[str | None, str | None] | None = field(default=None, repr=False)


class Tokens:
    """One object for a process. Threads may ask for the same account's token at once: one request
    is made, the others wait for its answer. `partial(tokens.token, account)` is what
    `connecting.open_source` takes; after a SourceError of step login: `forget`."""

    def __init__(
        self, db: Database, key: SecretKey, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._db = db
        self._key = key
        self._clock = clock
        self._lock = threading.Lock()
        self._accounts: dict[int, _Kept] = {}

    def token(self, account: Account) -> str:
        """An access token, from memory or from the account's authority. A new refresh token that
        comes with it is stored before this returns. Raises SourceError (step token), SecretsError,
        Unavailable."""
        oauth = account.place.login.oauth
        if oauth is None:
            raise ValueError(f"account {account.name} signs in otherwise")
        kept = self._of(account.id)
        with kept.lock:
            self._store(account, kept)
            secrets = self._secrets(account)
            if kept.made_of != (oauth, account.place.tls, secrets) or self._clock() >= kept.until:
                self._ask(account, oauth, secrets, kept)
            return kept.access

    def forget(self, account: Account) -> None:
        """The mail server didn't take it: the next one is asked for anew."""
        kept = self._of(account.id)
        with kept.lock:
            kept.made_of = kept.found = None

    def _of(self, account_id: int) -> _Kept:
        with self._lock:
            return self._accounts.setdefault(account_id, _Kept())

    def _secrets(self, account: Account) -> Secrets:
        return self._db.read(lambda tx: secrets_of(tx, account, self._key))

    def _ask(self, account: Account, oauth: OAuth, secrets: Secrets, kept: _Kept) -> None:
        asked_at = self._clock()
        try:
            granted = self._granted(account, oauth, secrets, kept)
        except TokenRefused as error:
            if error.code != WITHDRAWN or oauth.grant != "refresh_token":
                raise
            now = self._secrets(account)
            if now == secrets:
                raise withdrawn(account, error) from error
            # Another process has renewed or replaced the refresh token meanwhile.
            secrets = now
            granted = self._granted(account, oauth, secrets, kept)
        if oauth.grant == "refresh_token" and granted.refresh not in (None, secrets.refresh_token):
            kept.rotated = (secrets.refresh_token, granted.refresh)
            self._store(account, kept)
            secrets = replace(secrets, refresh_token=granted.refresh)
        kept.access = granted.access
        kept.until = asked_at + granted.lifetime - min(EARLY, granted.lifetime / 2)
        kept.made_of = (oauth, account.place.tls, secrets)

    def _granted(self, account: Account, oauth: OAuth, secrets: Secrets, kept: _Kept) -> Granted:
        tls = account.place.tls
        web = Web(tls, account.place.timeout)
        if kept.found is None or kept.found[:2] != (oauth, tls):
            kept.found = (oauth, tls, find_endpoints(web, oauth.authority))
        endpoints = kept.found[2]
        if oauth.grant == "client_credentials":
            scope = {"scope": oauth.scope} if oauth.scope else {}
            return request(web, endpoints, oauth, secrets, "client_credentials", **scope)
        if secrets.refresh_token is None:
            raise SourceError(
                "token",
                f'Account "{account.name}" isn\'t authorized yet.',
                "no refresh token",
                f'Run `imapgate account authorize "{account.name}"`.',
                permanent=True,
            )
        # Without a scope it is what was authorized (RFC 6749 6).
        return request(
            web, endpoints, oauth, secrets, "refresh_token", refresh_token=secrets.refresh_token
        )

    def _store(self, account: Account, kept: _Kept) -> None:
        """The refresh token that came last, unless somebody authorized the account anew."""
        if kept.rotated is None:
            return
        sent, came = kept.rotated

        def work(tx: Tx) -> None:
            now = secrets_of(tx, account, self._key)
            if now.refresh_token == sent:
                replace_secrets(tx, account, Secrets(refresh_token=came), self._key)

        self._db.write(work)
        kept.rotated = None


def withdrawn(account: Account, error: TokenRefused) -> SourceError:
    """What to tell where the refresh token isn't taken any more."""
    return SourceError(
        "token",
        f'The authorization of account "{account.name}" was withdrawn or has expired.',
        error.technical,
        f'Run `imapgate account authorize "{account.name}"`.',
        permanent=True,
    )

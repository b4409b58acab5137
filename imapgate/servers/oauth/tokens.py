"""Access tokens of accounts and mailers: asked for when needed, kept in memory while good."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from imapgate.servers.oauth.grants import (
    WITHDRAWN,
    Endpoints,
    Granted,
    TokenRefused,
    find_endpoints,
    request,
)
from imapgate.servers.oauth.web import Web
from imapgate.servers.server import OAuth, Secrets, Server, ServerError, Tls
from storage import Database, Tx

EARLY = 60.0
"""Seconds before its end at which a token isn't used any more; half its life if that is shorter."""
_Made = tuple[OAuth, Tls, Secrets]


@dataclass(frozen=True, slots=True)
class Holder:
    """Whoever logs in with tokens. owner: `account 3`, as the secrets' (servers.secrets); called:
    for people, `account "support"`; authorize: the command that authorizes it. read: its secrets
    (raises SecretsError); renew: keeps a new refresh token."""

    owner: str
    called: str
    authorize: str
    server: Server
    read: Callable[[Tx], Secrets]
    renew: Callable[[Tx, str], None]


@dataclass(slots=True)
class _Kept:
    """What is known of one holder; its lock is held while a token is asked for. made_of: what the
    token was asked for with. rotated: the refresh token that was sent and the one that came for it,
    if that couldn't be stored yet."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    made_of: _Made | None = None
    access: str = field(default="", repr=False)
    until: float = 0.0
    found: tuple[OAuth, Tls, Endpoints] | None = None
    rotated: tuple[str | None, str | None] | None = field(default=None, repr=False)


class Tokens:
    """One object for a process. Threads may ask for the same holder's token at once: one request
    is made, the others wait for its answer. `partial(tokens.token, holder)` is what
    whoever connects takes; after a ServerError of step login: `forget`."""

    def __init__(self, db: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._db = db
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, _Kept] = {}

    def token(self, holder: Holder) -> str:
        """An access token, from memory or from the holder's authority. A new refresh token that
        comes with it is stored before this returns. Raises ServerError (step token), SecretsError,
        Unavailable."""
        oauth = holder.server.login.oauth
        if oauth is None:
            raise ValueError(f"{holder.called} signs in otherwise")
        kept = self._of(holder.owner)
        with kept.lock:
            self._store(holder, kept)
            secrets = self._secrets(holder)
            if kept.made_of != (oauth, holder.server.tls, secrets) or self._clock() >= kept.until:
                self._ask(holder, oauth, secrets, kept)
            return kept.access

    def forget(self, holder: Holder) -> None:
        """The mail server didn't take it: the next one is asked for anew."""
        kept = self._of(holder.owner)
        with kept.lock:
            kept.made_of = kept.found = None

    def _of(self, owner: str) -> _Kept:
        with self._lock:
            return self._kept.setdefault(owner, _Kept())

    def _secrets(self, holder: Holder) -> Secrets:
        return self._db.read(holder.read)

    def _ask(self, holder: Holder, oauth: OAuth, secrets: Secrets, kept: _Kept) -> None:
        asked_at = self._clock()
        try:
            granted = self._granted(holder, oauth, secrets, kept)
        except TokenRefused as error:
            if error.code != WITHDRAWN or oauth.grant != "refresh_token":
                raise
            now = self._secrets(holder)
            if now == secrets:
                raise withdrawn(holder, error) from error
            # Another process has renewed or replaced the refresh token meanwhile.
            secrets = now
            granted = self._granted(holder, oauth, secrets, kept)
        if oauth.grant == "refresh_token" and granted.refresh not in (None, secrets.refresh_token):
            kept.rotated = (secrets.refresh_token, granted.refresh)
            self._store(holder, kept)
            secrets = replace(secrets, refresh_token=granted.refresh)
        kept.access = granted.access
        kept.until = asked_at + granted.lifetime - min(EARLY, granted.lifetime / 2)
        kept.made_of = (oauth, holder.server.tls, secrets)

    def _granted(self, holder: Holder, oauth: OAuth, secrets: Secrets, kept: _Kept) -> Granted:
        tls = holder.server.tls
        web = Web(tls, holder.server.timeout)
        if kept.found is None or kept.found[:2] != (oauth, tls):
            kept.found = (oauth, tls, find_endpoints(web, oauth.authority))
        endpoints = kept.found[2]
        if oauth.grant == "client_credentials":
            scope = {"scope": oauth.scope} if oauth.scope else {}
            return request(web, endpoints, oauth, secrets, "client_credentials", **scope)
        if secrets.refresh_token is None:
            raise ServerError(
                "token",
                f"{holder.called[0].upper()}{holder.called[1:]} isn't authorized yet.",
                "no refresh token",
                f"Run `{holder.authorize}`.",
                permanent=True,
            )
        # Without a scope it is what was authorized (RFC 6749 6).
        return request(
            web, endpoints, oauth, secrets, "refresh_token", refresh_token=secrets.refresh_token
        )

    def _store(self, holder: Holder, kept: _Kept) -> None:
        """The refresh token that came last, unless somebody authorized it anew."""
        if kept.rotated is None:
            return
        sent, came = kept.rotated

        def work(tx: Tx) -> None:
            if came is not None and holder.read(tx).refresh_token == sent:
                holder.renew(tx, came)

        self._db.write(work)
        kept.rotated = None


def withdrawn(holder: Holder, error: TokenRefused) -> ServerError:
    """What to tell where the refresh token isn't taken any more."""
    return ServerError(
        "token",
        f"The authorization of {holder.called} was withdrawn or has expired.",
        error.technical,
        f"Run `{holder.authorize}`.",
        permanent=True,
    )

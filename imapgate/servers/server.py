"""A server that is connected to, and what may go wrong there, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

AUTHENTICATIONS = ("none", "password", "oauth")
OAUTH_MECHANISMS = ("OAUTHBEARER", "XOAUTH2")
GRANTS = ("client_credentials", "refresh_token")
TLS_VERSIONS = ("1.2", "1.3")


class ServerError(Exception):
    """A server could not be used. step: token (OAuth's), name, connect, tls, greeting, login, and
    those of what was to be done there (folder, read, settle; sender, recipients, data). text: one
    plain sentence; technical: what the server or the system said, secrets masked; hint: what to do,
    may be empty. permanent: trying again changes nothing (a wrong password)."""

    def __init__(
        self, step: str, text: str, technical: str = "", hint: str = "", permanent: bool = False
    ) -> None:
        super().__init__(text)
        self.step = step
        self.text = text
        self.technical = technical
        self.hint = hint
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Step:
    """A step that went well. name: as in ServerError; text: what was found, for people; warning:
    what isn't as it should be (the certificate isn't verified), empty as a rule."""

    name: str
    text: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Tls:
    """starttls: on ports that begin in clear text. lowest: one of TLS_VERSIONS. verify: whether the
    certificate must be good. ca: PEM of an authority beside the system's. pinned: SHA-256
    (hexadecimal) of a certificate that is trusted as it is."""

    starttls: bool = False
    lowest: str = "1.2"
    verify: bool = True
    ca: str | None = None
    pinned: str | None = None


@dataclass(frozen=True, slots=True)
class OAuth:
    """authority: the issuer's URL, or that of its token endpoint. grant: one of GRANTS. The
    client's secret and the refresh token are among the secrets."""

    authority: str
    client_id: str
    scope: str
    grant: str = "client_credentials"


@dataclass(frozen=True, slots=True)
class Secrets:
    """In clear text, for as long as a connection is made; never logged nor shown."""

    password: str | None = field(default=None, repr=False)
    client_secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """authentication: one of AUTHENTICATIONS. user: the principal. mechanism: a SASL mechanism's
    name; None: the best that is offered. oauth: with authentication oauth."""

    authentication: str = "password"
    user: str = ""
    mechanism: str | None = None
    oauth: OAuth | None = None


class Server(Protocol):
    """Where it stands and how to get in: of an account's mailbox, and of a mailer."""

    @property
    def host(self) -> str: ...

    @property
    def port(self) -> int: ...

    @property
    def tls(self) -> Tls: ...

    @property
    def login(self) -> Login: ...

    @property
    def timeout(self) -> float:
        """Seconds that it may be silent, and that each step may take."""
        ...

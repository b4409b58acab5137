"""What a client says in SASL (RFC 4422): the mechanisms that mail servers offer."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Collection
from typing import Protocol

from scramp import ScramClient, ScramException

from imapgate.servers.server import OAUTH_MECHANISMS, Server

CLEAR = ("PLAIN", "LOGIN", "USER")
"""Mechanisms that show the password to whoever listens."""


class SaslError(Exception):
    """The server doesn't keep to the mechanism, or can't prove that it knows the password."""


class Mechanism(Protocol):
    """One log-in. name: as servers offer it."""

    name: str

    def answer(self, challenge: bytes) -> bytes:
        """To the server's next challenge, the first of which is empty for mechanisms in which the
        client begins. Raises SaslError."""
        ...

    def end(self) -> None:
        """Once the server says that all is well. Raises SaslError if it isn't."""
        ...

    @property
    def trouble(self) -> str:
        """What the server told by way of the mechanism about its refusal; may be empty."""
        ...


class _Plain:
    """RFC 4616."""

    name = "PLAIN"
    trouble = ""

    def __init__(self, user: str, password: str) -> None:
        self._all = f"\0{user}\0{password}".encode()

    def answer(self, challenge: bytes) -> bytes:  # noqa: ARG002  # it has none
        return self._all

    def end(self) -> None:
        """Nothing is left to be looked at."""


class _Login:
    """Never specified, offered by many: asks for the user, then for the password."""

    name = "LOGIN"
    trouble = ""

    def __init__(self, user: str, password: str) -> None:
        self._left = [password.encode(), user.encode()]

    def answer(self, challenge: bytes) -> bytes:  # noqa: ARG002  # its words differ by server
        if not self._left:
            raise SaslError("a third question in LOGIN")
        return self._left.pop()

    def end(self) -> None:
        if self._left:
            raise SaslError("no question for the password in LOGIN")


class _CramMd5:
    """RFC 2195."""

    name = "CRAM-MD5"
    trouble = ""

    def __init__(self, user: str, password: str) -> None:
        self._user = user.encode()
        self._password = password.encode()

    def answer(self, challenge: bytes) -> bytes:
        digest = hmac.new(self._password, challenge, hashlib.md5).hexdigest()
        return self._user + b" " + digest.encode("ascii")

    def end(self) -> None:
        """The server proves nothing in it."""


class _Scram:
    """RFC 5802, 7677. Without channel binding. The server's signature is verified."""

    name = "SCRAM-SHA-256"
    trouble = ""

    def __init__(self, user: str, password: str) -> None:
        """Raises ScramException for a password that has no form in SCRAM (SASLprep, RFC 4013)."""
        self._client = ScramClient([self.name], user, password)
        self._at = 0

    def answer(self, challenge: bytes) -> bytes:
        self._at += 1
        try:
            if self._at == 1:
                return str(self._client.get_client_first()).encode()
            if self._at == 2:
                self._client.set_server_first(challenge.decode("utf-8"))
                return str(self._client.get_client_final()).encode()
            if self._at == 3:
                self._client.set_server_final(challenge.decode("utf-8"))
                return b""
        except (ScramException, ValueError) as error:
            raise SaslError(str(error)) from error
        raise SaslError("a fourth challenge in SCRAM")

    def end(self) -> None:
        if self._at < 3:
            raise SaslError("the server didn't prove that it knows the password")


class _OAuth:
    """OAUTHBEARER (RFC 7628) and XOAUTH2 (Google's and Microsoft's)."""

    def __init__(self, name: str, server: Server, token: str) -> None:
        self.name = name
        self.trouble = ""
        user = server.login.user
        self._is_answered = False
        if name == "OAUTHBEARER":
            escaped = user.replace("=", "=3D").replace(",", "=2C")
            where = f"host={server.host}\1port={server.port}\1"
            self._all = f"n,a={escaped},\1{where}auth=Bearer {token}\1\1".encode()
        else:
            self._all = f"user={user}\1auth=Bearer {token}\1\1".encode()

    def answer(self, challenge: bytes) -> bytes:
        if not self._is_answered:
            self._is_answered = True
            return self._all
        self.trouble = _told(challenge)
        return b"\1" if self.name == "OAUTHBEARER" else b""

    def end(self) -> None:
        if self.trouble:
            raise SaslError(self.trouble)


def _told(challenge: bytes) -> str:
    """The server's error, JSON in both mechanisms: `invalid_token, scope ...`."""
    try:
        told = json.loads(challenge)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        return challenge[:200].decode("utf-8", "replace")
    return ", ".join(f"{str(key)[:40]} {str(value)[:200]}" for key, value in list(told.items())[:5])


def by_password(name: str, user: str, password: str) -> Mechanism | None:
    """None: an unknown mechanism, or one that can't carry this user or password."""
    if name == "SCRAM-SHA-256":
        try:
            return _Scram(user, password)
        except ScramException:
            return None
    if name in ("PLAIN", "LOGIN") and "\0" in user + password:
        return None
    made: dict[str, Callable[[str, str], Mechanism]] = {
        "CRAM-MD5": _CramMd5,
        "PLAIN": _Plain,
        "LOGIN": _Login,
    }
    return made[name](user, password) if name in made else None


def by_token(offered: Collection[str], server: Server, token: str) -> Mechanism | None:
    """The one that is named, else the better of those offered; None: neither is."""
    wanted = server.login.mechanism
    for name in OAUTH_MECHANISMS:
        if name in offered and wanted in (None, name):
            return _OAuth(name, server, token)
    return None


def digest(greeting: str, password: str) -> str | None:
    """APOP's (RFC 1939 7), of the greeting's time stamp; None: it has none."""
    start = greeting.find("<")
    end = greeting.find(">", start)
    stamp = greeting[start : end + 1]
    if start < 0 or end < 0 or "@" not in stamp or not stamp.isascii():
        return None
    return hashlib.md5(stamp.encode("ascii") + password.encode()).hexdigest()  # noqa: S324


def encode(answer: bytes) -> bytes:
    """As IMAP and POP3 carry it."""
    return base64.b64encode(answer)


def decode(challenge: bytes) -> bytes:
    """Raises SaslError."""
    try:
        return base64.b64decode(challenge.strip(), validate=True)
    except ValueError as error:
        raise SaslError("a challenge that isn't base64") from error

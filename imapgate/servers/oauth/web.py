"""Asking an authorization server: one request over TLS, a bounded answer in a bounded time."""

from __future__ import annotations

import io
import json
import socket
import ssl
import time
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, cast
from urllib.parse import urlsplit

from imapgate.servers.server import ServerError, Tls
from imapgate.servers.trust import trusting

MOST = 256 * 1024
"""Octets of an answer: a token of a server with many groups in it has 20,000."""
_HEADERS = {"Accept": "application/json", "Connection": "close", "User-Agent": "imapgate"}


@dataclass(frozen=True, slots=True)
class Answer:
    """value: the JSON object that came, None: something else."""

    status: int
    reason: str
    body: bytes = field(repr=False)
    value: dict[str, Any] | None = field(repr=False)


class Web:
    """Requests to https addresses, to nothing else; redirections are not followed, since what is
    sent are secrets."""

    def __init__(self, tls: Tls, timeout: float) -> None:
        """tls: see `trust`. timeout: seconds for a request. Raises ServerError."""
        self._timeout = timeout
        try:
            self._context = trusting(tls)
        except ssl.SSLError as error:
            raise ServerError(
                "token", "The certificate authority's file is no PEM.", str(error), "", True
            ) from error

    def get(self, url: str) -> Answer:
        """Raises ServerError."""
        return self._ask("GET", url, None, {})

    def post(self, url: str, form: str, headers: dict[str, str]) -> Answer:
        """form: as `application/x-www-form-urlencoded`. Raises ServerError."""
        sent = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
        return self._ask("POST", url, form.encode("ascii"), sent)

    def _ask(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        host, port, target = split(url)
        until = time.monotonic() + self._timeout
        connection = HTTPSConnection(host, port, timeout=self._timeout, context=self._context)
        try:
            connection.connect()
            connection.request(method, target, body, {**_HEADERS, **headers})
            with HTTPResponse(cast(socket.socket, _Timed(connection.sock, until))) as answer:
                answer.begin()
                content = answer.read(MOST + 1)
                status, reason = answer.status, answer.reason
        except ssl.SSLCertVerificationError as error:
            raise ServerError(
                "token",
                f"The certificate of the authorization server {host} is not trusted.",
                error.verify_message,
                "Give its authority with --ca, or see that the server sends its whole chain.",
            ) from error
        except TimeoutError as error:
            raise ServerError(
                "token",
                f"The authorization server {host} did not answer within {self._timeout:g} seconds.",
                f"{method} {url}",
            ) from error
        except (OSError, HTTPException, UnicodeError) as error:
            raise ServerError(
                "token",
                f"The authorization server {host} can't be asked.",
                str(error) or type(error).__name__,
                "Look at the authority, and whether this machine may go there.",
            ) from error
        finally:
            connection.close()
        if len(content) > MOST:
            raise ServerError(
                "token",
                f"The authorization server {host} answered with more than {MOST // 1024} KiB.",
                f"{method} {url}",
            )
        return Answer(status, reason, content, _object(content))


def split(url: str) -> tuple[str, int, str]:
    """Host, port and what is asked for. Raises ServerError for what is no https address."""
    try:
        parts = urlsplit(url)
        port = parts.port or 443
        host = parts.hostname
        url.encode("ascii")
    except ValueError:
        host = None
    if not host or parts.scheme != "https" or parts.username is not None or " " in url:
        raise ServerError(
            "token",
            "The authority of an account is an https address: tokens go by TLS alone.",
            url[:200],
            "For example --authority https://login.example.com/tenant.",
            permanent=True,
        )
    target = parts.path or "/"
    return host, port, f"{target}?{parts.query}" if parts.query else target


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


class _Timed(io.RawIOBase):
    """Reads a socket up to one moment, however slowly the server sends."""

    def __init__(self, connected: socket.socket, until: float) -> None:
        self._socket = connected
        self._until = until

    def makefile(self, _mode: str) -> io.BufferedReader:
        """As HTTPResponse asks for it."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)
        return self._socket.recv_into(buffer)

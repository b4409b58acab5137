"""A listener that gives one file over HTTP, to be put behind the mail domain's web server.

twisted.web isn't used: it takes in a request's body, of any size, before it can be refused.
"""

from __future__ import annotations

import re
from email.utils import formatdate
from typing import Any, Protocol

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory
from twisted.internet.protocol import Protocol as TwistedProtocol

from imapgate.limits import Limits

_REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP/1\.[0-9]")
_TARGET = re.compile(rb"(?:https?://[^/?]*)?([^?]*)(?:\?.*)?", re.IGNORECASE)
"""A path, or a whole URL as a proxy sends it (RFC 9112 3.2.2); what stands behind `?` is nothing to
us."""
_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_TEXTS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    431: "Request Header Fields Too Large",
}


class Clock(Protocol):
    """Twisted's reactor, or a clock by hand."""

    def callLater(self, delay: float, work: Any, /) -> Any: ...  # noqa: N802


class FileFactory(Factory):
    """One file under a few paths, for anybody, whatever is asked behind a `?`."""

    noisy = False

    def __init__(self, paths: tuple[str, ...], limits: Limits, clock: Clock) -> None:
        """`content` is to be set before anybody connects."""
        self.content = b""
        self.limits = limits
        self.clock = clock
        self._paths = frozenset(path.encode() for path in paths)
        self._open: set[FileProtocol] = set()

    def buildProtocol(self, addr: IAddress | None) -> FileProtocol | None:  # noqa: N802, ARG002
        """None where there are as many as there may be: the connection is closed."""
        if len(self._open) >= self.limits.http_connections:
            return None
        made = FileProtocol(self)
        self._open.add(made)
        return made

    def close(self) -> None:
        """Cuts off whoever is still connected."""
        for one in tuple(self._open):
            one.abort()

    def lost(self, protocol: FileProtocol) -> None:
        self._open.discard(protocol)

    def answer(self, head: bytes) -> bytes:
        """To a request's line and header fields, without the empty line behind them (RFC 9112)."""
        found = _REQUEST_LINE.fullmatch(_LINE_END.split(head, maxsplit=1)[0])
        if found is None:
            return response(400)
        method, target = found[1], _TARGET.fullmatch(found[2])
        if method not in (b"GET", b"HEAD"):
            return response(405, ("Allow", "GET, HEAD"))
        if target is None or target[1] not in self._paths:
            return response(404, headers_only=method == b"HEAD")
        return response(
            200,
            ("Content-Type", "application/xml; charset=utf-8"),
            ("X-Content-Type-Options", "nosniff"),
            content=self.content,
            headers_only=method == b"HEAD",
        )


class FileProtocol(TwistedProtocol):
    """One request, one answer; what a client sends after it isn't read."""

    transport: Any

    def __init__(self, owner: FileFactory) -> None:
        self._owner = owner
        self._received = b""
        self._answered = False
        self._deadline: Any = None

    def connectionMade(self) -> None:  # noqa: N802
        limits = self._owner.limits
        self._deadline = self._owner.clock.callLater(limits.http_time, self.abort)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self._answered:
            return
        self._received += data
        end = _END.search(self._received)
        if end is not None and end.end() <= self._owner.limits.http_request:
            self._answer(self._owner.answer(self._received[: end.start()]))
        elif len(self._received) > self._owner.limits.http_request:
            self._answer(response(431))

    def abort(self) -> None:
        self.transport.abortConnection()

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802, ARG002
        if self._deadline.active():
            self._deadline.cancel()
        self._owner.lost(self)

    def _answer(self, octets: bytes) -> None:
        self._answered = True
        self._received = b""
        self.transport.write(octets)
        self.transport.loseConnection()


def response(
    status: int, *fields: tuple[str, str], content: bytes | None = None, headers_only: bool = False
) -> bytes:
    """content None: a line with the status' own text. Nothing of the request stands in it."""
    if content is None:
        content = f"{_TEXTS[status]}\n".encode()
        fields = (*fields, ("Content-Type", "text/plain; charset=utf-8"))
    lines = [
        f"HTTP/1.1 {status} {_TEXTS[status]}",
        f"Date: {formatdate(usegmt=True)}",
        f"Content-Length: {len(content)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in fields),
    ]
    head = "\r\n".join(lines).encode() + b"\r\n\r\n"
    return head if headers_only else head + content

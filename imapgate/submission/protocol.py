"""Makes a protocol per connection; ends them all when the server stops."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory

from imapgate.connections.clock import Timer
from imapgate.submission.connection import SubmissionProtocol
from imapgate.submission.server import Server

GRACE = 10.0
"""Seconds in which a mail that is being handed over may come to its end when the server stops."""


class SubmissionFactory(Factory):
    """For plain and TLS listeners alike: a transport says itself whether it is secure."""

    noisy = False

    def __init__(self, server: Server) -> None:
        self._server = server
        self._open: set[SubmissionProtocol] = set()
        self._closed: Deferred[None] | None = None
        self._grace: Timer | None = None

    def buildProtocol(self, addr: IAddress | None) -> SubmissionProtocol | None:  # noqa: N802, ARG002
        """None once `close` was called: the connection is dropped."""
        if self._closed is not None:
            return None
        made = SubmissionProtocol(self._server, self._lost)
        made.factory = self
        self._open.add(made)
        return made

    def close(self) -> Deferred[None]:
        """421 to everybody, after what runs; fires when all are gone, or GRACE is over: what is
        handed over then ends with the process, and its row of the outbox says how far it came. Call
        once."""
        self._closed = Deferred()
        for one in tuple(self._open):
            one.stop()
        if self._open:
            self._grace = self._server.clock.callLater(GRACE, self._cut_off)
        else:
            self._closed.callback(None)
        return self._closed

    def _cut_off(self) -> None:
        self._grace = None
        for one in tuple(self._open):
            one.abort()
        if self._closed is not None and not self._closed.called:
            self._closed.callback(None)

    def _lost(self, protocol: SubmissionProtocol) -> None:
        self._open.discard(protocol)
        if self._closed is not None and not self._open and not self._closed.called:
            if self._grace is not None:
                self._grace.cancel()
            self._closed.callback(None)

"""Makes a protocol per connection; ends them all when the server stops."""

from __future__ import annotations

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory

from imapgate.connections.clock import Timer
from imapgate.session.connection import ImapProtocol
from imapgate.session.server import Server

GRACE = 10.0
"""Seconds that running commands get when the server stops."""


class ImapFactory(Factory):
    """For plain and TLS listeners alike: a transport says itself whether it is secure."""

    noisy = False

    def __init__(self, server: Server) -> None:
        self._server = server
        self._open: set[ImapProtocol] = set()
        self._closed: Deferred[None] | None = None
        self._grace: Timer | None = None

    def buildProtocol(self, addr: IAddress | None) -> ImapProtocol | None:  # noqa: N802, ARG002
        """None once `close` was called: the connection is dropped."""
        if self._closed is not None:
            return None
        made = ImapProtocol(self._server, self._lost)
        made.factory = self
        self._open.add(made)
        return made

    def close(self) -> Deferred[None]:
        """`* BYE` to everybody, after the command that runs; fires when all are gone and no command
        runs any more. Who takes longer than GRACE is cut off. Call once."""
        self._closed = Deferred()
        self._server.hub.close()
        for one in tuple(self._open):
            one.stop("The server stops.")
        if self._open:
            self._grace = self._server.clock.callLater(GRACE, self._cut_off)
        else:
            self._closed.callback(None)
        return self._closed

    def _cut_off(self) -> None:
        self._grace = None
        for one in tuple(self._open):
            one.abort()

    def _lost(self, protocol: ImapProtocol) -> None:
        self._open.discard(protocol)
        if self._closed is not None and not self._open and not self._closed.called:
            if self._grace is not None:
                self._grace.cancel()
            self._closed.callback(None)

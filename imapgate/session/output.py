"""What goes out, no faster than the client reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer
from zope.interface import implementer

from imapgate.connections.clock import Clock, Timer
from imapgate.connections.gone import Gone as Gone
from imapgate.limits import Limits
from imapgate.session.compression import Deflate

PIECE = 64 * 1024
"""Octets written at once; a transport asks for a pause when it holds as much."""
SMALLEST_PIECE = 1024


class Transport(Protocol):
    """What the session uses of Twisted's TCP and TLS transports."""

    def write(self, data: bytes) -> object: ...
    def loseConnection(self) -> object: ...  # noqa: N802
    def abortConnection(self) -> object: ...  # noqa: N802
    def pauseProducing(self) -> object: ...  # noqa: N802
    def resumeProducing(self) -> object: ...  # noqa: N802
    def registerProducer(self, producer: object, streaming: bool) -> object: ...  # noqa: N802
    def unregisterProducer(self) -> object: ...  # noqa: N802
    def getPeer(self) -> object: ...  # noqa: N802
    def startTLS(self, factory: object) -> object: ...  # noqa: N802


@implementer(IPushProducer)
class Output:
    """A push producer: while the transport says pause, `send` and `drained` wait."""

    def __init__(self, transport: Transport, clock: Clock, limits: Limits) -> None:
        self.listener: Callable[[bytes], None] | None = None
        """Hears everything that is written (a trace)."""
        self._transport = transport
        self._deflate: Deflate | None = None
        self._clock = clock
        self._stalled_time = limits.stalled_time
        # Up to a piece may stand in the transport before it asks for a pause, and one more comes.
        self._piece = max(SMALLEST_PIECE, min(PIECE, limits.output_buffer // 4))
        self._paused = False
        self._gone = False
        self._stalled: Timer | None = None
        self._waiting: list[Deferred[None]] = []
        transport.registerProducer(self, True)

    @property
    def paused(self) -> bool:
        """The client doesn't keep up just now."""
        return self._paused

    def write(self, octets: bytes) -> None:
        """A short answer, at once; nothing once the connection is lost."""
        if not self._gone:
            if self.listener is not None:
                self.listener(octets)
            if self._deflate is not None:
                octets = self._deflate.compress(octets)
            self._transport.write(octets)

    def compress(self, deflate: Deflate) -> None:
        """From here on."""
        self._deflate = deflate

    @property
    def compresses(self) -> bool:
        return self._deflate is not None

    def rest(self) -> None:
        """Little will be written for some time."""
        if self._deflate is not None:
            self._deflate.rest()

    async def send(self, pieces: Iterable[bytes]) -> None:
        """Any amount, in pieces, waiting for the client between them. Raises Gone."""
        held: list[bytes] = []
        size = 0
        for octets in filter(None, pieces):
            held.append(octets)
            size += len(octets)
            if size >= self._piece:
                await self._write_pieces(b"".join(held))
                held.clear()
                size = 0
        if held:
            await self._write_pieces(b"".join(held))

    async def drained(self) -> None:
        """Returns when the transport takes more. Raises Gone."""
        if self._paused and not self._gone:
            waiting: Deferred[None] = Deferred()
            self._waiting.append(waiting)
            await waiting
        if self._gone:
            raise Gone

    async def _write_pieces(self, octets: bytes) -> None:
        for start in range(0, len(octets), self._piece):
            await self.drained()
            self.write(octets[start : start + self._piece])
        await self.drained()

    def close(self) -> None:
        """Lets go of the connection once everything is written."""
        if not self._gone:
            self._transport.unregisterProducer()
            self._transport.loseConnection()
            self.lost()

    def abort(self) -> None:
        """Lets go of the connection at once: what is written of an answer can't be finished."""
        if not self._gone:
            self._gone = True
            self._transport.abortConnection()

    def lost(self) -> None:
        """Nothing can be written any more. Idempotent."""
        self._gone = True
        self._moving()

    def pauseProducing(self) -> None:  # noqa: N802
        if not self._paused and not self._gone:
            self._paused = True
            self._stalled = self._clock.callLater(self._stalled_time, self.abort)

    def resumeProducing(self) -> None:  # noqa: N802
        self._moving()

    def stopProducing(self) -> None:  # noqa: N802
        self.lost()

    def _moving(self) -> None:
        self._paused = False
        if self._stalled is not None and self._stalled.active():
            self._stalled.cancel()
        self._stalled = None
        waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.callback(None)

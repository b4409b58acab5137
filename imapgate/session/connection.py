"""One IMAP connection on Twisted: octets in, one command at a time, in order, answers out."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import ISSLTransport
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure

from imapgate.connections.promptness import acknowledge, send_at_once
from imapgate.connections.timers import Pump, Timers
from imapgate.folders import incidents
from imapgate.session.capabilities import capabilities
from imapgate.session.commands import EXTENSIONS
from imapgate.session.compression import Deflate, NotDeflated
from imapgate.session.output import Gone, Output, Transport
from imapgate.session.receiver import Ending, Received, Receiver, Refused, Text, Upload, Whole
from imapgate.session.road import Road
from imapgate.session.server import Server
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Farewell, Reply, State
from imapgate.wire.responses import status

if TYPE_CHECKING:
    from imapgate.session.tracing import Dialogue

LINGER = 10.0
"""Seconds in which a client must have read our last words."""
LINGER_AT_STOP = 1.0
"""The same when the server stops: under TLS a client that says nothing would hold it up."""


class ImapProtocol(Protocol):
    """Reads on only while it keeps up: what is pipelined waits in the network."""

    def __init__(self, server: Server, gone: Callable[[ImapProtocol], None]) -> None:
        """gone: called once the connection is lost and no command of it runs any more."""
        self._server = server
        self._gone = gone
        self._counted = False
        self._busy = False
        self._ended = False
        self._lost = False
        self._farewell: str | None = None
        self._linger = LINGER
        self._line: Deferred[bytes | None] | None = None
        self._timers = Timers(server.clock)
        self._dialogue: Dialogue | None = None
        self._deflate: Deflate | None = None

    def connectionMade(self) -> None:  # noqa: N802
        server, transport = self._server, self.transport
        self._transport = cast(Transport, transport)
        send_at_once(transport)
        self._pump = Pump(
            self._transport, server.clock, self._timers, self._may_go_on, self._take_next
        )
        self._address = str(getattr(self._transport.getPeer(), "host", ""))
        self._output = Output(self._transport, server.clock, server.limits)
        secure = ISSLTransport.providedBy(transport)
        self._session = Session(server, self._output, self, self._address, secure, EXTENSIONS)
        self._receiver = Receiver(server.limits, server.budget, self._go_on, self._is_signed_in)
        self._road = Road(self._session, self._receiver)
        reason = server.sessions.open(self._address)
        if reason is not None:
            self.end(reason)
            return
        self._counted = True
        code = f"CAPABILITY {capabilities(self._session)}"
        self._output.write(status(None, b"OK", f"{server.name} {server.version} is ready.", code))
        self._listen()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self._ended:
            return
        if self._deflate is None:
            self._receiver.feed(data)
        else:
            self._deflate.feed(data)
        if self._pump.is_due:
            if self._is_signed_in():
                self._listen()
            self._pump.run()
            if self._receiver.midway and not self._ended:
                acknowledge(self._transport)
        else:
            self._pump.pause()

    def connectionLost(self, reason: Failure | None = None) -> None:  # noqa: N802, ARG002
        """What runs goes to its end: a drop that has begun is filed."""
        self._lost = True
        self._finish()
        self._output.lost()
        self._timers.cancel_all()
        if self._counted:
            self._server.sessions.close(self._address)
        if not self._busy:
            self._gone(self)

    def next_line(self) -> Deferred[bytes | None]:
        """See session.Connection."""
        line = self._line = Deferred()
        self._receiver.take_line_mode()
        if self._ended:
            self._line = None
            line.errback(Gone())
            return line
        self._listen()
        self._pump.run()
        return line

    def start_tls(self) -> None:
        """See session.Connection."""
        self._receiver.discard()
        self._transport.startTLS(self._server.tls)
        self._session.secure = True

    def start_compression(self) -> None:
        """See session.Connection."""
        self._receiver.discard()
        self._deflate = Deflate()
        self._output.compress(self._deflate)

    def push(self) -> None:
        """See session.Connection. Runs as a command does: none begins meanwhile."""
        if not self._busy and not self._ended and self._session.news.due:
            self._start(self._tell_news())

    def end(self, text: str) -> None:
        """`* BYE`, and no more is read. Only where a response may stand."""
        if not self._ended:
            self._output.write(status(None, b"BYE", text))
            self._hang_up()

    def stop(self, text: str) -> None:
        """As end, but a command that runs is answered first."""
        self._linger = LINGER_AT_STOP
        if self._waits_for_client:
            self.end(text)
        else:
            self._farewell = text

    def dismiss(self, text: str) -> None:
        """See session.Connection."""
        if self._output.paused:
            self.abort()
        elif self._waits_for_client:
            self.end(text)

    def abort(self) -> None:
        """At once."""
        self._output.abort()

    @property
    def _waits_for_client(self) -> bool:
        return not self._busy or self._line is not None

    @property
    def _traced(self) -> bool:
        traces = self._server.traces
        return traces is not None and (bool(traces.running) or self._dialogue is not None)

    def _is_signed_in(self) -> bool:
        return self._session.state in SIGNED_IN

    def _go_on(self) -> None:
        self._output.write(b"+ go on\r\n")

    def _may_go_on(self) -> bool:
        return self._waits_for_client and not self._ended

    def _take_next(self) -> bool:
        """False: more must arrive."""
        received = self._receiver.next()
        if received is None:
            return self._inflate()
        self._take(received)
        return True

    def _inflate(self) -> bool:
        """Hands on some of what came compressed; False if more must arrive."""
        if self._deflate is None:
            return False
        try:
            octets = self._deflate.take()
        except NotDeflated:
            self.end("What came isn't compressed as it should be.")
            return False
        self._receiver.feed(octets)
        return bool(octets)

    def _tell_trace(self, received: Received) -> None:
        """Into the trace that runs of this user; one begins with a command, where the answers to
        the one before are whole."""
        dialogue, traces = self._dialogue, self._server.traces
        if dialogue is not None and not dialogue.ended:
            dialogue.client(received)
        elif traces is not None and isinstance(received, Whole | Upload):
            dialogue = self._dialogue = traces.heard(self._session, received)
            self._output.listener = None if dialogue is None else dialogue.server

    def _take(self, received: Received) -> None:
        if self._traced:
            self._tell_trace(received)
        match received:
            case Whole():
                self._start(self._run(received))
            case Upload():
                self._start(self._road.judge(received))
            case Text(text):
                line, self._line = self._line, None
                if line is not None:
                    self._stop_listening()
                    line.callback(text)
            case Refused(not_taken=(_, *_)):
                self._start(self._not_taken(received))
            case Refused(tag, condition, text, code, None):
                self._answer(tag, Reply(condition, text, code))
                if self._road.is_hopeless(condition):
                    self.end("Too many commands that can't be understood.")
            case Refused(cut_short=Whole() as begun):
                self._start(self._cut_short(received, begun))
            case Ending(text):
                self.end(text)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        self._busy = True
        self._stop_listening()
        Deferred.fromCoroutine(work).addErrback(self._broken).addCallback(self._done)

    async def _run(self, whole: Whole) -> None:
        try:
            await self._output.drained()
            tag, reply = await self._road.run(whole.parts)
            self._answer(tag, reply)
            if self._road.is_hopeless(reply.condition):
                self.end("Too many commands that can't be understood.")
        except Farewell as farewell:
            self.end(farewell.text)
        except Gone:
            self._finish()
        finally:
            whole.free()

    async def _tell_news(self) -> None:
        try:
            await self._output.drained()
            await self._session.news.tell_between()
        except Farewell as farewell:
            self.end(farewell.text)
        except Gone:
            self._finish()

    async def _cut_short(self, refused: Refused, begun: Whole) -> None:
        try:
            self._answer(refused.tag, await self._road.cut_short(refused, begun))
            if self._road.is_hopeless(refused.condition):
                self.end("Too many commands that can't be understood.")
        finally:
            begun.free()

    async def _not_taken(self, refused: Refused) -> None:
        await self._road.not_taken(refused.not_taken, refused.text, refused.code or "LIMIT")
        self._answer(refused.tag, Reply(refused.condition, refused.text, refused.code))

    def _answer(self, tag: bytes | None, reply: Reply) -> None:
        self._output.write(status(tag, reply.condition, reply.text, reply.code))
        if reply.after is not None:
            reply.after()
        if self._session.state is State.LOGOUT and not self._ended:
            self._hang_up()

    def _broken(self, failure: Failure) -> None:
        """An error of ours outside of any command's own answer."""
        error = failure.value
        if isinstance(error, Gone):
            self._finish()
            return
        if not isinstance(error, Exception):
            failure.raiseException()
        else:
            incidents.report(error, "the session")
        self.end("The session can't go on: an error of ours.")

    def _done(self, _: None) -> None:
        self._busy = False
        if self._lost:
            self._gone(self)
            return
        if self._farewell is not None:
            self.end(self._farewell)
        if not self._ended:
            self._listen()
            self._pump.run()
            self.push()

    def _listen(self) -> None:
        """From here on silence counts."""
        limits = self._server.limits
        if not self._is_signed_in():
            seconds = limits.login_time
        elif self._receiver.midway:
            seconds = min(limits.stalled_time, limits.idle_time)
        else:
            seconds = limits.idle_time
        self._timers.set("silence", seconds, lambda: self.end("Too long without a word."))

    def _stop_listening(self) -> None:
        self._timers.cancel("silence")

    def _finish(self) -> None:
        """Nothing more is read; what the session holds is given back."""
        self._ended = True
        self._stop_listening()
        if self._dialogue is not None:
            self._dialogue.gone()
            self._dialogue = None
        self._session.close()
        self._receiver.close()
        line, self._line = self._line, None
        if line is not None:
            line.errback(Gone())

    def _hang_up(self) -> None:
        self._finish()
        if not self._lost:
            self._output.close()
            self._timers.set("linger", self._linger, self._transport.abortConnection)

"""One connection of a mail client that submits mail, on Twisted: octets in, one command or mail at
a time, in order, answers out."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, Protocol, cast

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer, ISSLTransport
from twisted.internet.protocol import Protocol as TwistedProtocol
from twisted.python.failure import Failure
from zope.interface import implementer

from imapgate.connections.gone import Gone
from imapgate.connections.promptness import acknowledge, send_at_once
from imapgate.connections.timers import Pump, Timers
from imapgate.folders import incidents
from imapgate.submission.arriving import Arriving
from imapgate.submission.commands import BadCommand
from imapgate.submission.framing import Framing, Overlong
from imapgate.submission.replies import Reply
from imapgate.submission.server import Server
from imapgate.submission.session import BEGIN, BEGIN_TLS, Session

LINGER = 10.0
"""Seconds in which a client must have read our last words."""


class Transport(Protocol):
    """What is used of Twisted's TCP and TLS transports."""

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
class SubmissionProtocol(TwistedProtocol):
    """Reads on only while it keeps up and the client reads its answers: what is pipelined waits in
    the network."""

    def __init__(self, server: Server, gone: Callable[[SubmissionProtocol], None]) -> None:
        """gone: called once the connection is lost and nothing of it runs any more."""
        self._server = server
        self._gone = gone
        self._counted = False
        self._busy = False
        self._stalled = False
        self._ended = False
        self._stopping = False
        self.is_gone = False
        self._line: Deferred[bytes] | None = None
        self._mail: Arriving | None = None
        self._timers = Timers(server.clock)

    def connectionMade(self) -> None:  # noqa: N802
        server, transport = self._server, self.transport
        self._transport = cast(Transport, transport)
        send_at_once(transport)
        self._pump = Pump(
            self._transport, server.clock, self._timers, self._may_go_on, self._take_next
        )
        self._transport.registerProducer(self, True)
        self._address = str(getattr(self._transport.getPeer(), "host", ""))
        secure = ISSLTransport.providedBy(transport)
        self._framing = Framing(server.limits.submission_line)
        self._session = Session(server, self, self._address, secure)
        reason = server.sessions.open(self._address)
        if reason is not None:
            self._say(Reply(421, "4.7.0", reason, ends=True))
            return
        self._counted = True
        self._say(self._session.greeting())
        self._listen()

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self._ended:
            return
        self._framing.feed(data)
        if self._pump.is_due:
            if self._session.who is not None:
                self._listen()
            self._pump.run()
            if self._mail is not None:
                acknowledge(self._transport)
        else:
            self._pump.pause()

    def connectionLost(self, reason: Failure | None = None) -> None:  # noqa: N802, ARG002
        """What runs goes to its end: a mail that is being handed over is."""
        self.is_gone = True
        self._finish()
        self._timers.cancel_all()
        if self._counted:
            self._server.sessions.close(self._address)
        if not self._busy:
            self._gone(self)

    def next_line(self, challenge: Reply) -> Deferred[bytes]:
        """See session.Connection."""
        line = self._line = Deferred()
        if self._ended:
            self._line = None
            line.errback(Gone())
            return line
        self._say(challenge)
        self._listen()
        self._pump.run()
        return line

    def stop(self) -> None:
        """421 (RFC 5321 3.8) after what runs."""
        self._stopping = True
        if not self._busy or self._line is not None:
            self._say_stop()

    def abort(self) -> None:
        """At once."""
        self._transport.abortConnection()

    def pauseProducing(self) -> None:  # noqa: N802
        """The client doesn't read its answers."""
        self._stalled = True
        self._timers.set("stalled", self._server.limits.stalled_time, self.abort)

    def resumeProducing(self) -> None:  # noqa: N802
        self._stalled = False
        self._timers.cancel("stalled")
        self._pump.run()

    def stopProducing(self) -> None:  # noqa: N802
        """connectionLost comes."""

    @property
    def _waits_for_client(self) -> bool:
        return (not self._busy or self._line is not None) and not self._stalled

    def _may_go_on(self) -> bool:
        return self._waits_for_client and not self._ended

    def _take_next(self) -> bool:
        """False: more must arrive."""
        return self._take_line() if self._mail is None else self._take_mail()

    def _take_line(self) -> bool:
        """False: none has arrived whole."""
        line = self._framing.line()
        if line is None:
            return False
        waiting, self._line = self._line, None
        if isinstance(line, Overlong):
            reply = self._session.too_long()
            if line.hopeless:
                self._say(Reply(reply.code, reply.status, reply.text, ends=True))
            elif waiting is not None:
                waiting.errback(BadCommand(500, "5.5.6", "The answer is too long."))
            else:
                self._say(reply)
        elif waiting is not None:
            self._timers.cancel("silence")
            waiting.callback(line)
        else:
            self._start(self._run(line))
        return True

    def _take_mail(self) -> bool:
        """False: more must arrive."""
        mail = self._mail
        assert mail is not None
        piece, is_over = self._framing.mail()
        mail.add(piece)
        if mail.is_hopeless:
            self._say(Reply(552, "5.3.4", "That mail is beyond all bounds.", ends=True))
            return False
        if not is_over:
            return False
        self._mail = None
        self._start(self._send(mail, self._framing.is_stray))
        return True

    def _start(self, work: Coroutine[Any, Any, Reply]) -> None:
        self._busy = True
        self._timers.cancel("silence")
        Deferred.fromCoroutine(work).addCallback(self._say).addErrback(self._broken).addCallback(
            self._done
        )

    async def _run(self, line: bytes) -> Reply:
        return await self._session.run(line)

    async def _send(self, mail: Arriving, is_stray: bool) -> Reply:
        with mail:
            refusal = mail.refusal(is_stray)
            if refusal is not None:
                self._session.reset()
                return refusal
            return await self._session.send(mail.content())

    def _say(self, reply: Reply) -> None:
        if self._ended or self.is_gone:
            return
        self._transport.write(reply.octets())
        if reply is BEGIN:
            self._mail = Arriving(self._server.limits, self._server.budget)
            self._framing.begin_mail()
        elif reply is BEGIN_TLS:
            self._framing.discard()
            self._transport.startTLS(self._server.tls)
            self._session.secured()
        if reply.ends:
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
            incidents.report(error, "a connection that submits mail")
        self._say(Reply(421, "4.3.0", "The session can't go on: an error of ours.", ends=True))

    def _done(self, _: object) -> None:
        self._busy = False
        if self.is_gone:
            self._gone(self)
            return
        if self._stopping:
            self._say_stop()
        if not self._ended:
            self._listen()
            self._pump.run()

    def _say_stop(self) -> None:
        self._say(Reply(421, "4.3.2", "The server stops.", ends=True))

    def _listen(self) -> None:
        """From here on silence counts; before sign-in it is counted from command to command."""
        limits = self._server.limits
        signed_in = self._session.who is not None
        seconds = limits.submission_time if signed_in else limits.login_time
        silent = Reply(421, "4.4.2", "Too long without a word.", ends=True)
        self._timers.set("silence", seconds, lambda: self._say(silent))

    def _finish(self) -> None:
        """Nothing more is read; what the connection holds is given back."""
        self._ended = True
        self._timers.cancel("silence")
        self._session.close()
        mail, self._mail = self._mail, None
        if mail is not None:
            mail.free()
        line, self._line = self._line, None
        if line is not None:
            line.errback(Gone())

    def _hang_up(self) -> None:
        self._finish()
        if not self.is_gone:
            self._transport.unregisterProducer()
            self._transport.loseConnection()
            self._timers.set("linger", LINGER, self._transport.abortConnection)

"""Puts the parts together: database, TLS, listeners, threads; starts and stops them in order."""

from __future__ import annotations

import errno
import gc
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThreadPool
from zope.interface import directlyProvides

from certs import CertificateError, ServerTls
from imapgate import __version__, log, supervisor
from imapgate.activities.names import Mistake
from imapgate.client_setup import autoconfig
from imapgate.client_setup.listener import FileFactory
from imapgate.folders import incidents, spool
from imapgate.folders.revisions.work import Work as Revisions
from imapgate.folders.spool import Spool
from imapgate.incoming.opening import Opener
from imapgate.incoming.work import Work
from imapgate.outgoing.opening import Opener as MailerOpener
from imapgate.outgoing.work import Work as Outgoing
from imapgate.session.protocol import ImapFactory
from imapgate.session.server import Server
from imapgate.session.tracing import Traces
from imapgate.settings import Settings
from imapgate.submission.listener import Listener
from imapgate.tls import server_tls
from storage import Database

T = TypeVar("T")

WORKERS = 16
"""Threads for commands: one that waits for its commit holds one, and what waits together is
committed together."""
OF_ONE_USER = 10
"""Of them, what the sessions of one user may take: beside the passwords that are being checked,
reading finds a free one."""
WRITING = 10
"""Of them, what all users together may take for what waits for a commit: while three users' waited
in all sixteen, a fourth one's STATUS waited with them."""
SWITCH = 0.001
"""Seconds after which a worker that computes lets the reactor go on (Python's own 5 ms add up when
several messages are read at a time)."""
LOOK = 5.0
"""Seconds between looks whether the certificate's files changed or its age asks for a new one."""
TAKE_IN = 5.0
"""Seconds between tries to take in what waits in the spool."""
BACKLOG = 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ports:
    """What is listened on. http, submission, submission_tls: None where it isn't served."""

    plain: int
    tls: int
    http: int | None
    submission: int | None = None
    submission_tls: int | None = None


def serve(settings: Settings, db: Database, told: Callable[[Ports], None]) -> None:
    """Serve until SIGTERM or SIGINT, then end the sessions and return; the caller closes db.

    told: called with the ports once all listen. Raises Mistake for what a person can put right: a
    port that is taken, a certificate that can't be used.
    """
    tls = server_tls(settings)
    sys.setswitchinterval(SWITCH)
    reactor = _reactor()
    log.begin(settings.log, directory=settings.log_directory)
    service = Service(reactor, settings, db, tls)
    signals = _Signals(reactor, service.reload)
    signals.listen()
    try:
        ports = service.listen()
        told(ports)
        _log.info(
            "listening on %s, ports %d and %d (TLS)",
            settings.host,
            ports.plain,
            ports.tls,
            extra={
                "event": "listening",
                "fields": {"host": settings.host, "port": ports.plain, "tls_port": ports.tls},
            },
        )
        if ports.http is not None:
            _log.info(
                "serving clients' configuration on %s, port %d (HTTP)",
                settings.host,
                ports.http,
                extra={
                    "event": "listening_http",
                    "fields": {"host": settings.host, "port": ports.http},
                },
            )
        for port in (ports.submission, ports.submission_tls):
            if port is not None:
                _log.info(
                    "taking mail to be sent on %s, port %d",
                    settings.host,
                    port,
                    extra={
                        "event": "listening_submission",
                        "fields": {"host": settings.host, "port": port},
                    },
                )
        reactor.addSystemEventTrigger("before", "shutdown", service.stop)
        reactor.callWhenRunning(partial(supervisor.tell, supervisor.READY))
        # The reactor's own answer to a second signal is a traceback.
        reactor.callWhenRunning(signals.listen)
        # What is loaded by now stays, so a full collection, which stops every thread for as long as
        # it looks, needn't look at it.
        gc.collect()
        gc.freeze()
        reactor.run()
    finally:
        signals.restore()
    _log.info("stopped", extra={"event": "stopped"})


class Service:
    """The listeners of one process and what their sessions share."""

    def __init__(self, reactor: Any, settings: Settings, db: Database, tls: ServerTls) -> None:
        """reactor: Twisted's. db stays open as long as the service runs."""
        self._reactor = reactor
        self._settings = settings
        self._db = db
        self._tls = tls
        directlyProvides(tls, IOpenSSLServerConnectionCreator)
        self._ports: list[Any] = []
        self._looks = LoopingCall(self._look)
        self._looks.clock = reactor
        reactor.suggestThreadPoolSize(WORKERS)
        self._spool = Spool(settings.data / spool.NAME, settings.limits)
        self._taking_in = LoopingCall(self._take_in)
        self._taking_in.clock = reactor
        mailers = MailerOpener(db, settings.secrets_key_file, settings.data)
        self._workers = (
            Work(db, settings.limits, Opener(db, settings.secrets_key_file)),
            Outgoing(db, mailers),
            Revisions(db, settings.limits),
        )
        self._traces = Traces(db, self._in_thread, reactor)
        server = Server(
            db=db,
            limits=settings.limits,
            call=self._in_thread,
            to_reactor=reactor.callFromThread,
            clock=reactor,
            tls=tls,
            version=__version__,
            hops=OF_ONE_USER,
            writing=WRITING,
            traces=self._traces,
            spool=self._spool,
            compress=settings.compress,
            workarounds=settings.workarounds,
        )
        server.hub.join(self._traces)
        self._factory = ImapFactory(server)
        self._submission: Listener | None = None
        if (settings.submission_port, settings.submission_tls_port) != (None, None):
            self._submission = Listener(
                reactor,
                db,
                settings.limits,
                self._in_thread,
                server.entrance,
                server.budget,
                mailers,
                tls,
                next(iter(settings.names), socket.gethostname()),
            )
        self._autoconfig = FileFactory(autoconfig.PATHS, settings.limits, reactor)

    def listen(self) -> Ports:
        """What it listens on now; from here on commits of other processes are told too. Raises
        Mistake."""
        settings, factory = self._settings, self._factory
        ports = {
            "--port": self._listen("--port", settings.port, factory),
            "--tls-port": self._listen("--tls-port", settings.tls_port, factory, secure=True),
            "--http-port": self._listen("--http-port", settings.http_port, self._autoconfig),
        }
        if self._submission is not None:
            sending, option = self._submission.factory, "--submission-port"
            ports[option] = self._listen(option, settings.submission_port, sending)
            option = "--submission-tls-port"
            ports[option] = self._listen(option, settings.submission_tls_port, sending, secure=True)
            self._submission.start()
        self._db.changes.watch()
        self._looks.start(LOOK, now=False)
        self._reactor.callWhenRunning(self._traces.people_changed)
        self._reactor.callWhenRunning(self._taking_in.start, TAKE_IN)
        for worker in self._workers:
            self._reactor.callWhenRunning(worker.start)
        plain, secure = ports["--port"], ports["--tls-port"]
        assert plain is not None
        assert secure is not None
        listening = Ports(
            plain,
            secure,
            ports["--http-port"],
            ports.get("--submission-port"),
            ports.get("--submission-tls-port"),
        )
        if listening.http is not None:
            told = replace(
                settings,
                port=plain,
                tls_port=secure,
                submission_port=listening.submission,
                submission_tls_port=listening.submission_tls,
            )
            self._autoconfig.content = autoconfig.for_everybody(told)
        return listening

    def _listen(
        self, option: str, port: int | None, factory: Any, secure: bool = False
    ) -> int | None:
        """The port; None where none is wanted. Raises Mistake."""
        if port is None:
            return None
        more = {"contextFactory": self._tls} if secure else {}
        listen = self._reactor.listenSSL if secure else self._reactor.listenTCP
        try:
            made = listen(
                port, factory=factory, backlog=BACKLOG, interface=self._settings.host, **more
            )
        except CannotListenError as error:
            raise Mistake(_cannot_listen(error, option)) from error
        self._ports.append(made)
        return int(made.getHost().port)

    def stop(self) -> Deferred[None]:
        """Stops listening, ends each session after its running command; fires when all are gone."""
        for repeated in (self._looks, self._taking_in):
            if repeated.running:
                repeated.stop()
        closing = [maybeDeferred(port.stopListening) for port in self._ports]
        closing.append(self._factory.close())
        if self._submission is not None:
            closing.append(self._submission.close())
        closing += [self._in_thread(one.stop) for one in self._workers]
        self._autoconfig.close()
        ended = DeferredList(closing, consumeErrors=True)
        return ended.addCallback(lambda _: self._traces.close())

    def _in_thread(self, work: Callable[[], T]) -> Deferred[T]:
        return deferToThreadPool(self._reactor, self._reactor.getThreadPool(), work)

    def reload(self) -> Deferred[None]:
        """Load the certificate anew, at once; sessions go on with the one that they began with."""
        return self._in_thread(self._tls.renew).addCallbacks(self._reloaded, _not_renewed)

    def _take_in(self) -> Deferred[Any] | None:
        """What waits in the spool, if anything."""
        if not self._spool.waiting:
            return None
        return self._in_thread(lambda: self._spool.take_in(self._db)).addErrback(_not_taken_in)

    def _look(self) -> Deferred[None]:
        return self._in_thread(self._tls.look).addCallbacks(self._renewed, _not_renewed)

    def _reloaded(self, changed: bool) -> None:
        if not changed:
            _log.info("the certificate is as it was", extra={"event": "certificate_unchanged"})
        self._renewed(changed)

    def _renewed(self, changed: bool) -> None:
        if changed:
            until = f"{self._tls.material.expires:%Y-%m-%d}"
            _log.info(
                "new connections get a new certificate, good until %s",
                until,
                extra={"event": "certificate_renewed", "fields": {"until": until}},
            )


def _cannot_listen(error: CannotListenError, option: str) -> str:
    cause = error.socketError.errno
    place = f"port {error.port} on {error.interface}"
    if cause == errno.EADDRINUSE:
        return f"Can't listen: {place} is taken; choose another with {option}."
    if cause == errno.EACCES:
        return f"Can't listen: {place} is not for ordinary users; choose another with {option}."
    if cause == errno.EADDRNOTAVAIL:
        return f"Can't listen: {error.interface} is no address of this machine; see --host."
    if isinstance(error.socketError, socket.gaierror):
        return f"Can't listen: {error.interface} is no name that this machine knows; see --host."
    return f"Can't listen on {place}: {error.socketError.strerror}; see --host and {option}."


def _not_taken_in(failure: Any) -> None:
    """The next try comes by itself."""
    incidents.report(failure.value, "taking in what is in the spool")


def _not_renewed(failure: Any) -> None:
    """The old certificate serves on; the next change of its files, or tomorrow's look, tries
    again."""
    extra = {"event": "certificate_not_renewed"}
    if failure.check(CertificateError):
        text = "the certificate can't be renewed, the old one serves on: %s"
        _log.error(text, failure.getErrorMessage(), extra=extra)
    elif failure.check(OSError):
        text = "the certificate can't be renewed, the old one serves on: %s: %s"
        _log.error(text, failure.value.filename, failure.value.strerror, extra=extra)
    else:
        text = "the certificate can't be renewed, the old one serves on"
        _log.error(text, exc_info=failure.value, extra=extra)


class _Signals:
    """Stops the reactor at the first signal that asks for it; what comes after changes nothing.
    SIGHUP, where there is one, loads the certificate anew."""

    def __init__(self, reactor: Any, reload: Callable[[], object]) -> None:
        self._reactor = reactor
        self._reload = reload
        self._stopping = False
        self._in_terminal = _in_terminal()
        self._answers = {signal.SIGTERM: self._stop, signal.SIGINT: self._stop}
        if hasattr(signal, "SIGHUP"):
            self._answers[signal.SIGHUP] = self._hang_up
        self._before = {one: signal.getsignal(one) for one in self._answers}

    def listen(self) -> None:
        for one, answer in self._answers.items():
            signal.signal(one, partial(self._to_reactor, answer))

    def restore(self) -> None:
        """But once it was told to stop, the process is to close the database and end: a signal that
        comes meanwhile must not kill it."""
        for one, before in self._before.items():
            signal.signal(one, signal.SIG_IGN if self._stopping else before)

    def _to_reactor(self, answer: Callable[[], None], *_: object) -> None:
        self._reactor.callFromThread(answer)

    def _stop(self) -> None:
        if not self._stopping:
            self._stopping = True
            _log.info("stopping", extra={"event": "stopping"})
            supervisor.tell(supervisor.STOPPING)
            self._reactor.stop()

    def _hang_up(self) -> None:
        """SIGHUP is also what the system sends when somebody closes the terminal."""
        if self._in_terminal and not _in_terminal():
            self._stop()
        elif not self._stopping:
            self._reload()


def _in_terminal() -> bool:
    """Whether the standard input is a terminal that is still there."""
    try:
        return os.isatty(0)
    except OSError:
        return False


def _reactor() -> Any:
    """Twisted's: with epoll where there is one; one that is installed already stays. Its timers go
    by a clock that nobody sets back: by the wall clock, an hour back is an hour's standstill."""
    if "twisted.internet.reactor" not in sys.modules:
        try:
            from twisted.internet import epollreactor
        except ImportError:
            _log.debug("no epoll on this system")
        else:
            epollreactor.install()  # type: ignore[no-untyped-call]
    from twisted.internet import reactor

    reactor.seconds = time.monotonic  # type: ignore[method-assign, misc]
    return reactor

"""Puts the parts together: database, TLS, listeners, threads; starts and stops them in order."""

from __future__ import annotations

import errno
import gc
import logging
import signal
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, DeferredList, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator
from twisted.internet.task import LoopingCall
from twisted.internet.threads import deferToThreadPool
from zope.interface import directlyProvides

import certs
from certs import CertificateError, Material, ServerTls
from imapgate import __version__, log
from imapgate.activities.names import Mistake
from imapgate.session.protocol import ImapFactory
from imapgate.session.server import Server
from imapgate.settings import Settings
from storage import Database

T = TypeVar("T")

WORKERS = 16
"""Threads for commands: one that waits for its commit holds one, and what waits together is
committed together."""
OF_ONE_USER = 10
"""Of them, what the sessions of one user may take: beside the passwords that are being checked,
reading finds a free one."""
SWITCH = 0.001
"""Seconds after which a worker that computes lets the reactor go on (Python's own 5 ms add up when
several messages are read at a time)."""
RENEWAL = 24 * 60 * 60.0
"""Seconds between looks at the certificate's age."""
BACKLOG = 1024

_log = logging.getLogger(__name__)


def serve(settings: Settings, db: Database, told: Callable[[tuple[int, int]], None]) -> None:
    """Serve until SIGTERM or SIGINT, then end the sessions and return; the caller closes db.

    told: called with the plain and the TLS port once both listen. Raises Mistake for what a person
    can put right: a port that is taken, a certificate that can't be used.
    """
    tls = server_tls(settings)
    sys.setswitchinterval(SWITCH)
    reactor = _reactor()
    log.begin()
    service = Service(reactor, settings, db, tls)
    stop = _Stop(reactor)
    stop.listen_to_signals()
    try:
        ports = service.listen()
        told(ports)
        _log.info("listening on %s, ports %d and %d (TLS)", settings.host, *ports)
        reactor.addSystemEventTrigger("before", "shutdown", service.stop)
        # The reactor's own answer to a second signal is a traceback.
        reactor.callWhenRunning(stop.listen_to_signals)
        # What is loaded by now stays, so a full collection, which stops every thread for as long as
        # it looks, needn't look at it.
        gc.collect()
        gc.freeze()
        reactor.run()
    finally:
        stop.restore()
    _log.info("stopped")


class Service:
    """The listeners of one process and what their sessions share."""

    def __init__(self, reactor: Any, settings: Settings, db: Database, tls: ServerTls) -> None:
        """reactor: Twisted's. db stays open as long as the service runs."""
        self._reactor = reactor
        self._settings = settings
        self._db = db
        self._tls = tls
        self._ports: list[Any] = []
        self._renewal = LoopingCall(self._renew)
        self._renewal.clock = reactor
        reactor.suggestThreadPoolSize(WORKERS)
        self._factory = ImapFactory(
            Server(
                db=db,
                limits=settings.limits,
                call=self._in_thread,
                to_reactor=reactor.callFromThread,
                clock=reactor,
                tls=tls,
                version=__version__,
                hops=OF_ONE_USER,
            )
        )

    def listen(self) -> tuple[int, int]:
        """(plain port, TLS port) that it listens on now; from here on commits of other processes
        are told too. Raises Mistake."""
        host, factory = self._settings.host, self._factory
        listeners = (
            (
                "--port",
                self._settings.port,
                partial(self._reactor.listenTCP, factory=factory),
            ),
            (
                "--tls-port",
                self._settings.tls_port,
                partial(self._reactor.listenSSL, factory=factory, contextFactory=self._tls),
            ),
        )
        for option, port, listen in listeners:
            try:
                self._ports.append(listen(port, backlog=BACKLOG, interface=host))
            except CannotListenError as error:
                raise Mistake(_cannot_listen(error, option)) from error
        self._db.changes.watch()
        self._renewal.start(RENEWAL, now=False)
        plain, secure = (port.getHost().port for port in self._ports)
        return plain, secure

    def stop(self) -> Deferred[None]:
        """Stops listening, ends each session after its running command; fires when all are gone."""
        if self._renewal.running:
            self._renewal.stop()
        closing = [maybeDeferred(port.stopListening) for port in self._ports]
        closing.append(self._factory.close())
        return DeferredList(closing, consumeErrors=True).addCallback(_nothing)

    def _in_thread(self, work: Callable[[], T]) -> Deferred[T]:
        return deferToThreadPool(self._reactor, self._reactor.getThreadPool(), work)

    def _renew(self) -> Deferred[None]:
        return self._in_thread(self._tls.renew).addCallbacks(_renewed, _not_renewed)


def server_tls(settings: Settings) -> ServerTls:
    """From the settings' own PEM files, else of the local authority, made at first start.

    Raises Mistake.
    """

    def load() -> Material:
        if settings.certificate is not None and settings.key is not None:
            return certs.own(settings.certificate, settings.key)
        return certs.local(settings.certs, _names(settings))

    try:
        tls = ServerTls(load)
    except CertificateError as error:
        raise Mistake(f"TLS can't be set up: {error}.") from error
    except OSError as error:
        raise Mistake(f"TLS can't be set up: {error.filename}: {error.strerror}.") from error
    directlyProvides(tls, IOpenSSLServerConnectionCreator)
    return tls


def _names(settings: Settings) -> tuple[str, ...]:
    """What a made certificate is for besides this machine: the address unless it means all."""
    every = settings.host in ("", "0.0.0.0", "::")  # noqa: S104  # compared, not listened on
    return settings.names if every else (*settings.names, settings.host)


def _cannot_listen(error: CannotListenError, option: str) -> str:
    cause = error.socketError.errno
    place = f"port {error.port} on {error.interface}"
    if cause == errno.EADDRINUSE:
        return f"Can't listen: {place} is taken; choose another with {option}."
    if cause == errno.EACCES:
        return f"Can't listen: {place} is not for ordinary users; choose another with {option}."
    if cause == errno.EADDRNOTAVAIL:
        return f"Can't listen: {error.interface} is no address of this machine; see --host."
    return f"Can't listen on {place}: {error.socketError}; see --host and {option}."


def _renewed(changed: bool) -> None:
    if changed:
        _log.info("the certificate was renewed")


def _not_renewed(failure: Any) -> None:
    """The old certificate serves on, the next look tries again."""
    if failure.check(CertificateError, OSError):
        _log.error("the certificate can't be renewed: %s", failure.getErrorMessage())
    else:
        _log.error("the certificate can't be renewed", exc_info=failure.value)


def _nothing(_: object) -> None:
    return None


class _Stop:
    """Stops the reactor at the first signal; what comes after it changes nothing."""

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._stopping = False
        self._before = {one: signal.getsignal(one) for one in (signal.SIGTERM, signal.SIGINT)}

    def listen_to_signals(self) -> None:
        for one in self._before:
            signal.signal(one, lambda *_: self._reactor.callFromThread(self._stop))

    def restore(self) -> None:
        for one, before in self._before.items():
            signal.signal(one, before)

    def _stop(self) -> None:
        if not self._stopping:
            self._stopping = True
            _log.info("stopping")
            self._reactor.stop()


def _reactor() -> Any:
    """Twisted's: with epoll where there is one; one that is installed already stays."""
    if "twisted.internet.reactor" not in sys.modules:
        try:
            from twisted.internet import epollreactor
        except ImportError:
            _log.debug("no epoll on this system")
        else:
            epollreactor.install()  # type: ignore[no-untyped-call]
    from twisted.internet import reactor

    return reactor

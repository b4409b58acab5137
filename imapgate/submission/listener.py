"""The submission listener as `service` starts and stops it: its connections, and the threads in
which mail is handed over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.threads import deferToThreadPool
from twisted.python.failure import Failure
from twisted.python.threadpool import ThreadPool

from imapgate.connections.budget import Budget
from imapgate.connections.entrance import Entrance
from imapgate.connections.turns import Call
from imapgate.folders import incidents
from imapgate.incoming import filing
from imapgate.limits import Limits
from imapgate.outgoing.sending import OpenMailer
from imapgate.submission.protocol import SubmissionFactory
from imapgate.submission.server import SENDING, Server
from storage import Database
from storage.engine import Unavailable

T = TypeVar("T")


class Listener:
    """factory: for listenTCP and listenSSL."""

    def __init__(
        self,
        reactor: Any,
        db: Database,
        limits: Limits,
        call: Call,
        entrance: Entrance,
        budget: Budget,
        open_mailer: OpenMailer,
        tls: object,
        name: str,
    ) -> None:
        """See server.Server. Nothing runs before something listens."""
        self._reactor = reactor
        self._db = db
        self._limits = limits
        self._call = call
        self._threads = ThreadPool(0, SENDING, "submission")
        # What another server takes minutes for doesn't keep the process from ending: the row in the
        # outbox says how far it came.
        self._threads.threadFactory = partial(threading.Thread, daemon=True)  # type: ignore[assignment]
        server = Server(
            db=db,
            limits=limits,
            call=call,
            send=self._send,
            clock=reactor,
            entrance=entrance,
            budget=budget,
            open_mailer=open_mailer,
            file=self._file,
            tls=tls,
            name=name,
        )
        self.factory = SubmissionFactory(server)

    def start(self) -> None:
        """Once."""
        self._threads.start()

    def close(self) -> Deferred[None]:
        """Ends each connection after what runs; fires when all are gone, or after some seconds."""
        return self.factory.close().addCallback(lambda _: self._stop())

    def _stop(self) -> None:
        if not self._threads.working:
            self._threads.stop()

    def _send(self, work: Callable[[], T]) -> Deferred[T]:
        return deferToThreadPool(self._reactor, self._threads, work)

    def _file(self, row_id: int) -> None:
        """Beside the answer; what doesn't come to it is filed by incoming.work."""
        filed = self._call(lambda: filing.file_one(self._db, row_id, self._limits))
        filed.addErrback(_not_filed)


def _not_filed(failure: Failure) -> None:
    error = failure.value
    if isinstance(error, Exception) and not isinstance(error, Unavailable):
        incidents.report(error, "filing a mail that was sent")

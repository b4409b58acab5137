"""The server's thread that makes revisions: after each change of an activity, and when it is
time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from imapgate.folders import incidents
from imapgate.folders.revisions import keeping, making
from imapgate.limits import Limits
from storage import Database, revisions
from storage.changes import Change
from storage.engine import Unavailable
from storage.transactions import REVISIONS

PAUSE = 0.25
"""Seconds between two looks: what changes many times in a row is looked at once."""
LOOK = 60.0
"""Seconds between looks where nobody tells of something new."""
AWAY = 1.0
"""Seconds until the next look while the database is away, or after an error of ours."""
FORGET = 60 * 60.0
"""Seconds between looks for octets of old revisions that nobody can see any more."""
MOST = 20
"""Activities of one pass; between two of them it can be stopped."""

_log = logging.getLogger(__name__)


class Work:
    """One for a database: the server's. Its methods but `start` and `stop` are its thread's."""

    def __init__(
        self, db: Database, limits: Limits, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """clock: seconds that nobody sets back."""
        self._db = db
        self._limits = limits
        self._clock = clock
        self._ending = threading.Event()
        self._wake = threading.Event()
        self._forget = clock()
        self._away = False
        self._thread = threading.Thread(target=self._serve, name="imapgate-revisions", daemon=True)
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Once."""
        self._unsubscribe = self._db.changes.subscribe(self._heard)
        self._thread.start()

    def stop(self) -> None:
        """Waits for the transaction that is running. Idempotent, and nothing if it never
        started."""
        self._ending.set()
        self._wake.set()
        if self._unsubscribe is None:
            return
        self._unsubscribe()
        self._thread.join()

    def _heard(self, change: Change) -> None:
        if REVISIONS in change.folders:
            self._wake.set()

    def _serve(self) -> None:
        while not self._ending.is_set():
            pause = LOOK
            try:
                pause = self._look()
            except Unavailable as error:
                if not self._away:
                    _log.error("activities' messages aren't brought up to date: %s", error)
                self._away = True
                pause = AWAY
            except Exception as error:  # noqa: BLE001 (reported with its traceback)
                incidents.report(error, "bringing activities' messages up to date")
                pause = AWAY
            else:
                self._away = False
            self._wake.wait(pause)
            self._wake.clear()
            self._ending.wait(PAUSE)

    def _look(self) -> float:
        """What is due; seconds until the next look."""
        while not self._ending.is_set() and making.make_due(self._db, self._limits, MOST) == MOST:
            pass
        if self._ending.is_set():
            return 0.0
        now = self._clock()
        if now >= self._forget:
            self._forget = now + FORGET
            keeping.forget(self._db, self._ending)
        next_due = self._db.read(revisions.next_due)
        if next_due is None:
            return LOOK
        return min(max(next_due - time.time(), 0.0), LOOK)

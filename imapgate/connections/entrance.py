"""The door of every listener: passwords are checked the same way wherever somebody comes in."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from twisted.internet.defer import DeferredSemaphore

from imapgate.connections.attempts import Attempts
from imapgate.connections.clock import Clock, pause
from imapgate.connections.gone import Gone
from imapgate.folders import sign_in
from imapgate.folders.sign_in import Admission
from storage import Database

SIGN_INS = 4
"""Passwords that are checked at a time: each takes 64 MiB and a worker thread."""

Hop = Callable[[Callable[[], Admission | None]], Awaitable[Admission | None]]
"""Runs the check off the reactor."""


class TooManyFailures(Exception):
    """Of this login or address lately: the password wasn't looked at."""


class Entrance:
    """One for a process, so that failures count wherever they happen (docs/rules.md 22)."""

    def __init__(self, db: Database, clock: Clock, delay: float) -> None:
        """delay: seconds between attempts on a login that has failed, and before a failed one is
        answered."""
        self.attempts = Attempts(delay)
        self.sign_ins = DeferredSemaphore(SIGN_INS)
        self._db = db
        self._clock = clock
        self._delay = delay

    async def admit(
        self,
        login: str,
        password: bytes,
        address: str,
        call: Hop,
        is_gone: Callable[[], bool],
        log: logging.Logger,
    ) -> Admission | None:
        """Slow for whoever tries passwords; nobody else waits meanwhile. None: the login or the
        password is wrong. address: the client's. log: the listener's, which hears of a failure.
        Raises
        TooManyFailures, Gone (nothing was looked at), Unavailable."""
        seconds = self.attempts.pause(login, address, self._clock.seconds())
        if seconds is None:
            raise TooManyFailures
        if seconds:
            await pause(self._clock, seconds)
        admission = None
        try:
            known = password.decode("utf-8")
        except UnicodeDecodeError:
            known = None  # No password here is anything but UTF-8.
        if known is not None:
            await self.sign_ins.acquire()
            if is_gone():
                # It hung up while it waited: no password is checked for nobody. The next one's turn
                # comes from the reactor, since a row of such would be as many calls deep.
                self._clock.callLater(0, self.sign_ins.release)
                raise Gone
            try:
                admission = await call(lambda: sign_in.sign_in(self._db, login, known))
            finally:
                self.sign_ins.release()
        if admission is None:
            await self._failed(login, address, log)
        else:
            self.attempts.succeeded(login, address)
        return admission

    async def _failed(self, login: str, address: str, log: logging.Logger) -> None:
        fields = {"login": login[:100], "address": address}
        extra = {"event": "sign_in_failed", "fields": fields}
        log.warning("a sign-in as %.100r from %s failed", login, address, extra=extra)
        self.attempts.failed(login, address, self._clock.seconds())
        await pause(self._clock, self._delay)

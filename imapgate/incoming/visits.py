"""A visit to one account's mailbox: connected, read in rounds, and waited at for new mail as long
as the server tells of it."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from imapgate.folders import incidents
from imapgate.incoming import reports
from imapgate.incoming.account import Account, Reading
from imapgate.incoming.opening import Open, warn
from imapgate.incoming.rounds import Round, run_round
from imapgate.incoming.source import Source
from imapgate.limits import Limits
from imapgate.servers.secrets import SecretsError
from imapgate.servers.server import ServerError
from storage import Database
from storage.engine import Unavailable

AWAY = 5.0
"""Seconds until the next try when the database is away."""
CUT = 30.0
"""Seconds until the next visit when the line broke while nothing was going on."""
TURN = 30.0
"""Seconds after which a full mailbox gives way to other accounts that are due."""
LONGEST_PAUSE = 60 * 60.0
"""Seconds between tries of an account that keeps failing, unless its interval is longer."""

_log = logging.getLogger(__name__)


class Visit:
    """`run` in a thread of its own; `end` from any other."""

    def __init__(
        self,
        db: Database,
        account: Account,
        reading: Reading,
        limits: Limits,
        open_mailbox: Open,
        rounds: threading.Semaphore,
        idlers: threading.Semaphore,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """reading: with the defaults filled in. rounds, idlers: how many may read and wait at a
        time; the caller has taken one of rounds, which `run` gives back."""
        assert reading.interval is not None
        self._db = db
        self._account = account
        self._reading = reading
        self._interval = float(reading.interval)
        self._limits = limits
        self._open = open_mailbox
        self._rounds = rounds
        self._idlers = idlers
        self._clock = clock
        self._ending = threading.Event()
        self._source: Source | None = None
        self._waiting = False

    def end(self) -> None:
        """What was taken is filed and settled, no further message begun; waiting ends at once."""
        self._ending.set()
        source = self._source
        if source is not None and self._waiting:
            source.interrupt()

    def cut(self) -> None:
        """The same without the server's answers being waited for: what isn't settled by then is
        settled by the next round."""
        self._ending.set()
        source = self._source
        if source is not None:
            source.interrupt()

    def run(self) -> float:
        """Seconds until the next visit is due. Never raises."""
        try:
            return self._visit()
        except Exception as error:  # noqa: BLE001 (else the account is never read again)
            incidents.report(error, "telling how a mail account was read")
            return self._interval
        finally:
            self._rounds.release()

    def _visit(self) -> float:
        try:
            try:
                return self._read()
            finally:
                if self._source is not None:
                    self._source.close()
        except Unavailable:
            return AWAY
        except ServerError as error:
            return self._failed(error)
        except SecretsError as error:
            return self._failed(ServerError("login", str(error), permanent=True))
        except OSError as error:
            text = f"This machine can't take the mail: {error.strerror}."
            return self._failed(ServerError("read", text))
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            if self._ending.is_set():  # the account was removed
                return self._interval
            incident = incidents.report(error, "reading a mail account")
            return self._failed(ServerError("read", f"An error of ours, incident {incident}."))

    def _read(self) -> float:
        source = self._source = self._open(self._account, self._reading)
        warned = len(source.warnings)
        turn = self._clock() + TURN
        while not self._ending.is_set():
            round = run_round(
                self._db,
                self._account,
                self._reading,
                source,
                self._limits,
                self._ending.is_set,
            )
            self._went_well(round)
            warned = self._warn(source, warned)
            if round.more:
                # A POP3 server deletes, and lists anew, between two connections.
                if self._account.place.protocol.startswith("pop3") or self._clock() >= turn:
                    return 0.0
            elif self._wait(source):
                turn = self._clock() + TURN
            else:
                break
        return self._interval

    def _warn(self, source: Source, known: int) -> int:
        """What a source has come to warn of since it was opened; how many that are now."""
        for warning in source.warnings[known:]:
            warn(self._account, warning)
        return len(source.warnings)

    def _wait(self, source: Source) -> bool:
        """Whether another round is due on this connection: new mail came, or it is time."""
        if not self._idlers.acquire(blocking=False):
            return False
        self._rounds.release()
        began = self._clock()
        self._waiting = True
        try:
            heard = not self._ending.is_set() and source.wait(self._interval)
        except ServerError:
            if not self._ending.is_set():
                self._interval = min(self._interval, CUT)
            return False
        finally:
            self._waiting = False
            self._idlers.release()
            self._rounds.acquire()
        return heard or self._clock() - began >= self._interval / 2

    def _went_well(self, round: Round) -> None:
        self._db.write(lambda tx: reports.succeeded(tx, self._account))
        if round.took or round.failed:
            _log.info(
                "account %s: %d came, %d filed, %d failed, %d held",
                self._account.name,
                round.took,
                round.filed,
                round.failed,
                round.held,
                extra={
                    "event": "incoming_round",
                    "fields": {
                        "account": self._account.name,
                        "took": round.took,
                        "filed": round.filed,
                        "failed": round.failed,
                        "held": round.held,
                    },
                },
            )
        if round.failed or round.held:
            reports.tell_waiting(self._db, self._account.segment_id)

    def _failed(self, error: ServerError) -> float:
        if self._ending.is_set():
            return self._interval
        try:
            failures = self._db.write(lambda tx: reports.failed(tx, self._account, error))
        except Unavailable:
            return AWAY
        _log.warning(
            "account %s can't be read (%s): %s",
            self._account.name,
            error.step,
            error.technical or error.text,
            extra={
                "event": "incoming_failed",
                "fields": {
                    "account": self._account.name,
                    "protocol": self._account.place.protocol,
                    "user": self._account.place.login.user,
                    "step": error.step,
                    "failures": failures,
                },
            },
        )
        longest = max(self._interval, LONGEST_PAUSE)
        if error.permanent:
            return longest
        return float(min(self._interval * 2 ** min(failures - 1, 20), longest))

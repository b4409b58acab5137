"""What the server does by itself: each account's rounds when they are due, what is left in the
queue, and what the administrator is to be told. In threads of its own, a few at a time."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from imapgate.folders import incidents
from imapgate.incoming import filing, reports
from imapgate.incoming.account import Account, Reading
from imapgate.incoming.accounts import effective, list_accounts
from imapgate.incoming.opening import Open
from imapgate.incoming.visits import Visit
from imapgate.limits import Limits
from storage import Database, Tx, accounts, incoming
from storage.changes import Change
from storage.engine import Unavailable

ROUNDS = 4
"""Accounts that are read at a time."""
IDLERS = 64
"""Connections that wait for new mail at a time (IDLE); further accounts are looked at once in their
interval."""
LOOK = 1.0
"""Seconds between looks at what is due."""
LOOK_AT_QUEUE = 5.0
"""Seconds between looks at the queue."""
LOOK_AT_ACCOUNTS = 60.0
"""Seconds after which the accounts are read anew though nobody told of a change."""
LEFT_FOR = 60
"""Seconds after which a fetched message is taken for left over by whoever fetched it."""
TELL = 60.0
"""Seconds between looks whether there is something to be told."""
GRACE = 5.0
"""Seconds in which a round may come to its end when the server stops."""
AT_MOST = 5.0
"""Seconds more for connections that are cut."""
MOST_DUE = 100

_log = logging.getLogger(__name__)


UnderWay = tuple[Visit, threading.Thread]


@dataclass(frozen=True, slots=True)
class _Read:
    """What a visit goes by; another value: another visit. secrets: encrypted."""

    account: Account
    reading: Reading
    secrets: bytes | None


@dataclass(slots=True)
class _Known:
    """An active account. due: by the clock."""

    read: _Read
    due: float
    under_way: UnderWay | None = None


class Work:
    """One for a database: the server's. Its methods but `start` and `stop` are its thread's."""

    def __init__(
        self,
        db: Database,
        limits: Limits,
        open_mailbox: Open,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """clock: seconds that nobody sets back."""
        self._db = db
        self._limits = limits
        self._open = open_mailbox
        self._clock = clock
        self._rounds = threading.Semaphore(ROUNDS)
        self._idlers = threading.Semaphore(IDLERS)
        self._known: dict[int, _Known] = {}
        self._parting: list[UnderWay] = []
        """Visits to accounts that are gone or changed."""
        self._filing: threading.Thread | None = None
        self._ending = threading.Event()
        self._wake = threading.Event()
        self._news = True
        self._first = True
        self._look_at_accounts = self._look_at_queue = self._tell = clock()
        self._away = False
        self._thread = threading.Thread(target=self._serve, name="imapgate-incoming", daemon=True)
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Once."""
        self._unsubscribe = self._db.changes.subscribe(self._heard)
        self._thread.start()

    def stop(self) -> None:
        """Waits until nothing is under way any more: up to 10 s, then what still hangs in the net
        is left to end with the process; it takes nothing. Idempotent, and nothing if it never
        started."""
        self._ending.set()
        self._wake.set()
        if self._unsubscribe is None:
            return
        self._unsubscribe()
        self._thread.join()
        under_way = [one.under_way for one in self._known.values()]
        visits = [*self._parting, *(one for one in under_way if one is not None)]
        threads = [thread for _, thread in visits]
        if self._filing is not None:
            threads.append(self._filing)
        for visit, _ in visits:
            visit.end()
        _join(threads, GRACE)
        for visit, _ in visits:
            visit.cut()
        _join(threads, AT_MOST)

    def _heard(self, change: Change) -> None:
        if change.people:
            self._news = True
            self._wake.set()

    def _serve(self) -> None:
        while not self._ending.is_set():
            try:
                self._look()
            except Unavailable as error:
                if not self._away:
                    _log.error("mail accounts aren't read: %s; trying on", error)
                self._away = True
            except Exception as error:  # noqa: BLE001 (reported with its traceback)
                incidents.report(error, "looking at the mail accounts")
            else:
                self._away = False
            self._wake.wait(LOOK)
            self._wake.clear()

    def _look(self) -> None:
        now = self._clock()
        if self._news or now >= self._look_at_accounts:
            self._news = False
            try:
                self._learn(self._db.read(_active))
            except BaseException:
                self._news = True
                raise
            self._look_at_accounts = now + LOOK_AT_ACCOUNTS
        self._start_due()
        if now >= self._look_at_queue:
            self._look_at_queue = now + LOOK_AT_QUEUE
            self._start_filing()
        if now >= self._tell:
            self._tell = now + TELL
            reports.tell_all(self._db)

    def _learn(self, active: dict[int, _Read]) -> None:
        """Visits to what is gone or changed end; what is new or changed is due."""
        self._parting = [one for one in self._parting if one[1].is_alive()]
        for account_id, known in list(self._known.items()):
            if active.get(account_id) == known.read:
                continue
            del self._known[account_id]
            under_way = known.under_way
            if under_way is not None:
                under_way[0].end()
                self._parting.append(under_way)
        for account_id, read in active.items():
            self._known.setdefault(account_id, _Known(read, self._clock()))

    def _start_due(self) -> None:
        """Those that wait longest first; of one account never two at a time."""
        busy = {thread.name for _, thread in self._parting if thread.is_alive()}
        due = sorted(self._known.values(), key=lambda one: one.due)
        for known in due:
            account = known.read.account
            name = f"imapgate-account-{account.id}"
            if known.due > self._clock():
                return
            if known.under_way is not None or name in busy:
                continue
            if not self._rounds.acquire(blocking=False):
                return
            visit = Visit(
                self._db,
                account,
                known.read.reading,
                self._limits,
                self._open,
                self._rounds,
                self._idlers,
                self._clock,
            )
            thread = threading.Thread(
                target=self._visit, args=(known, visit), name=name, daemon=True
            )
            known.under_way = visit, thread
            thread.start()

    def _visit(self, known: _Known, visit: Visit) -> None:
        pause = visit.run()
        known.due = self._clock() + pause
        known.under_way = None
        self._wake.set()

    def _start_filing(self) -> None:
        if self._filing is not None and self._filing.is_alive():
            return
        since = 0 if self._first else LEFT_FOR
        if self._db.read(lambda tx: incoming.due(tx, 0, 1, since)):
            self._filing = threading.Thread(
                target=self._file_due, args=(since,), name="imapgate-filing", daemon=True
            )
            self._filing.start()
        self._first = False

    def _file_due(self, since: int) -> None:
        try:
            file_due(self._db, self._limits, since, self._ending.is_set)
        except Unavailable:
            _log.warning("what is in the queue isn't filed: the database is away")
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            incidents.report(error, "filing what is in the queue")


def file_due(
    db: Database, limits: Limits, since: int, stopping: Callable[[], bool] = lambda: False
) -> int:
    """Files what was fetched `since` seconds ago or earlier and wasn't filed, and tries again what
    failed and is due; how many rows that were. Raises Unavailable."""
    after = count = 0
    while found := db.read(partial(incoming.due, after=after, most=MOST_DUE, since=since)):
        for row_id in found:
            if stopping():
                return count
            filing.file_left_over(db, row_id, limits)
            count += 1
        after = found[-1]
    return count


def _active(tx: Tx) -> dict[int, _Read]:
    return {
        one.id: _Read(one, effective(tx, one), accounts.secrets(tx, one.id))
        for one in list_accounts(tx)
        if one.active
    }


def _join(threads: list[threading.Thread], seconds: float) -> None:
    until = time.monotonic() + seconds
    for one in threads:
        one.join(max(0.0, until - time.monotonic()))

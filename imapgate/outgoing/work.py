"""What the server sends by itself: mails of the outbox when they are due, in threads, a few at a
time; before that, what happened to activities is carried out and told."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from imapgate.folders import incidents
from imapgate.outgoing import carrying, left_over, notifying, requests, sending
from imapgate.outgoing.mailer import Mailer
from imapgate.outgoing.outcome import PERMANENT_PAUSE, Attempt
from imapgate.outgoing.sending import NotRecorded, OpenMailer
from storage import Database, Tx
from storage import outbox as rows
from storage.changes import Change
from storage.engine import Unavailable
from storage.outbox import OutboxRow
from storage.transactions import OUTGOING

SENDERS = 4
"""Mails that are sent at a time."""
OF_ONE_MAILER = 2
"""Of them, those by one mailer: its server may allow no more, and another's mails aren't to wait
for it."""
LOOK = 1.0
"""Seconds between looks whether a thread has ended."""
LOOK_AT_OUTBOX = 5.0
"""Seconds between looks at what is due, where nobody tells of something new."""
TIDY = 60.0
"""Seconds between looks for what was left over by whoever died."""
FORGET = 60 * 60.0
"""Seconds between looks for what was kept long enough."""
REST = 30.0
"""Seconds for which a mailer that can't be used isn't tried; doubled each time, up to LONGEST_REST;
an error that no waiting mends: PERMANENT_PAUSE."""
LONGEST_REST = 15 * 60.0
GRACE = 8.0
"""Seconds in which what is being sent may come to its end when the server stops."""
PAGE = 200
MOST_DUE = 5_000
"""Mails that one look goes through, to find some that may be sent."""

Chore = Callable[[Database], int]
"""Something that is to be done before mails are sent; how much was done."""

CHORES: tuple[Chore, ...] = (carrying.carry_out, notifying.tell_due, requests.expire)

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Rest:
    """Of a mailer. until: by the clock."""

    failures: int
    until: float


class Work:
    """One for a database: the server's. Its methods but `start`, `stop` and `keep` are its
    thread's."""

    def __init__(
        self,
        db: Database,
        open_mailer: OpenMailer,
        clock: Callable[[], float] = time.monotonic,
        chores: Sequence[Chore] = CHORES,
    ) -> None:
        """clock: seconds that nobody sets back."""
        self._db = db
        self._open = open_mailer
        self._clock = clock
        self._chores = chores
        self._lock = threading.Lock()
        """Over the next four."""
        self._threads: dict[int, tuple[threading.Thread, int | None]] = {}
        """Mail -> who sends it, by which mailer."""
        self._rests: dict[int | None, _Rest] = {}
        self._unrecorded: dict[int, NotRecorded] = {}
        self._news = True
        self._chore: threading.Thread | None = None
        self._ending = threading.Event()
        self._wake = threading.Event()
        self._first = True
        self._beyond: OutboxRow | None = None
        self._look_at_outbox = self._tidy = self._forget = clock()
        self._away = False
        self._thread = threading.Thread(target=self._serve, name="imapgate-outgoing", daemon=True)
        self._unsubscribe: Callable[[], None] | None = None

    def start(self) -> None:
        """Once."""
        self._unsubscribe = self._db.changes.subscribe(self._heard)
        self._thread.start()

    def stop(self) -> None:
        """Begins nothing more, and waits until what is being sent has ended: up to 8 s. What still
        hangs in the net then ends with the process: what wasn't handed over is sent after the next
        start, else it may have been sent. Idempotent, and nothing if it never started."""
        self._ending.set()
        self._wake.set()
        if self._unsubscribe is None:
            return
        self._unsubscribe()
        self._thread.join()
        with self._lock:
            threads = [thread for thread, _ in self._threads.values()]
        if self._chore is not None:
            threads.append(self._chore)
        until = time.monotonic() + GRACE
        for one in threads:
            one.join(max(0.0, until - time.monotonic()))
        try:
            self._record_late()
        except Unavailable:
            _log.error("what came of mails that were sent isn't kept: the database is away")

    def keep(self, error: NotRecorded) -> None:
        """What came of an attempt is committed as soon as the database is back. From any thread."""
        with self._lock:
            self._unrecorded[error.attempt.row.id] = error

    def _heard(self, change: Change) -> None:
        if OUTGOING in change.folders or change.people:
            with self._lock:
                self._news = True
                if change.people:
                    # A mailer may be another one now, or somebody wants it tried.
                    self._rests.clear()
            self._wake.set()

    def _serve(self) -> None:
        while not self._ending.is_set():
            try:
                self._look()
            except Unavailable as error:
                if not self._away:
                    _log.error("no mail is sent: %s; trying on", error)
                self._away = True
            except Exception as error:  # noqa: BLE001 (reported with its traceback)
                incidents.report(error, "looking at the outbox")
            else:
                self._away = False
            self._wake.wait(LOOK)
            self._wake.clear()

    def _look(self) -> None:
        now = self._clock()
        self._record_late()
        self._tidy_up(now)
        if not self._is_due(now):
            return
        try:
            self._start_chores()
            self._start_due()
        except BaseException:
            self._news = True
            raise
        self._look_at_outbox = now + LOOK_AT_OUTBOX

    def _tidy_up(self, now: float) -> None:
        """Whatever keeps it from its end, mails are sent with the next look; it is tried again when
        it is time."""
        if now >= self._tidy:
            self._tidy = now + TIDY
            try:
                left_over.tidy(self._db, self._busy(), everything=self._first)
            except Unavailable:
                self._tidy = now
                raise
            self._first = False
        if now >= self._forget:
            self._forget = now + FORGET
            left_over.forget(self._db)

    def _is_due(self, now: float) -> bool:
        with self._lock:
            news, self._news = self._news, False
        return news or now >= self._look_at_outbox

    def _busy(self) -> frozenset[int]:
        with self._lock:
            return frozenset((*self._threads, *self._unrecorded))

    def _record_late(self) -> None:
        with self._lock:
            late = list(self._unrecorded.items())
        for row_id, error in late:
            try:
                error.record(self._db)
            except Unavailable:
                raise
            except Exception as fault:  # noqa: BLE001 (reported with its traceback)
                incidents.report(fault, "keeping what came of a mail")
            with self._lock:
                del self._unrecorded[row_id]

    def _start_chores(self) -> None:
        if self._chores and (self._chore is None or not self._chore.is_alive()):
            self._chore = threading.Thread(
                target=self._do_chores, name="imapgate-carrying-out", daemon=True
            )
            self._chore.start()

    def _do_chores(self) -> None:
        for chore in self._chores:
            try:
                while chore(self._db) and not self._ending.is_set():
                    pass
            except Unavailable:
                return
            except Exception as error:  # noqa: BLE001 (reported with its traceback)
                incidents.report(error, "carrying out what happened to activities")

    def _start_due(self) -> None:
        """The longest due first, as far as threads and mailers are free."""
        with self._lock:
            busy = Counter(mailer_id for _, mailer_id in self._threads.values())
            skipped = {*self._threads, *self._unrecorded}
            now = self._clock()
            resting = {one for one, rest in self._rests.items() if now < rest.until}
        free = SENDERS - busy.total()
        if free <= 0:
            return
        chosen, self._beyond = self._db.read(
            lambda tx: _choose(tx, free, busy, skipped, resting, self._beyond)
        )
        for row_id, mailer_id in chosen:
            thread = threading.Thread(
                target=self._send,
                args=(row_id, mailer_id),
                name=f"imapgate-mail-{row_id}",
                daemon=True,
            )
            with self._lock:
                self._threads[row_id] = thread, mailer_id
            thread.start()

    def _send(self, row_id: int, mailer_id: int | None) -> None:
        went_well = False
        try:
            attempt = sending.attempt_one(self._db, row_id, self._open)
            if attempt is not None:
                self._learn(mailer_id, attempt)
            went_well = True
        except NotRecorded as error:
            _log.error("what came of mail %d can't be kept yet: %s; trying on", row_id, error)
            self.keep(error)
        except Unavailable:
            _log.debug("mail %d isn't sent: the database is away", row_id)
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            incidents.report(error, "sending a mail")
        finally:
            with self._lock:
                del self._threads[row_id]
                # Otherwise the same would be tried again and again without a pause.
                self._news = self._news or went_well
            self._wake.set()

    def _learn(self, mailer_id: int | None, attempt: Attempt) -> None:
        """A mailer that can't be used is given a rest."""
        with self._lock:
            if not attempt.is_down:
                self._rests.pop(mailer_id, None)
                return
            known = self._rests.get(mailer_id)
            failures = 0 if known is None else known.failures
            seconds = min(REST * 2 ** min(failures, 20), LONGEST_REST)
            if attempt.permanent:
                seconds = PERMANENT_PAUSE
            self._rests[mailer_id] = _Rest(failures + 1, self._clock() + seconds)


def _choose(
    tx: Tx,
    free: int,
    busy: Counter[int | None],
    skipped: set[int],
    resting: set[int | None],
    beyond: OutboxRow | None = None,
) -> tuple[list[tuple[int, int | None]], OutboxRow | None]:
    """(mail, its mailer) of what may be sent now, at most `free`; and beyond which mail the next
    look goes on, None: from the first one. However much waits for one mailer, others' mails get
    their look. What goes out by a mailer that is switched off waits, and loses no attempt."""
    known: dict[tuple[int | None, int, int | None, str], Mailer | None] = {}
    busy = busy.copy()
    chosen: list[tuple[int, int | None]] = []
    for _ in range(0, MOST_DUE, PAGE):
        page = rows.due(tx, PAGE, beyond)
        for row in page:
            if row.id in skipped:
                continue
            way = (row.mailer_id, row.segment_id, row.principal_id, row.sender)
            if way not in known:
                known[way] = sending.mailer_of(tx, row)
            mailer = known[way]
            mailer_id = None if mailer is None else mailer.id
            is_off = mailer is not None and not mailer.active
            if is_off or mailer_id in resting or busy[mailer_id] >= OF_ONE_MAILER:
                continue
            busy[mailer_id] += 1
            chosen.append((row.id, mailer_id))
            if len(chosen) == free:
                return chosen, None
        if len(page) < PAGE:
            return chosen, None
        beyond = page[-1]
    return chosen, beyond


def send_due(db: Database, open_mailer: OpenMailer, most: int) -> list[int]:
    """One pass without a server, in this thread: what is due, each once, and what comes of that;
    the mails that were tried. Raises Unavailable."""
    left_over.tidy(db, frozenset(), everything=False)
    tried: list[int] = []
    down: set[int | None] = set()
    beyond: OutboxRow | None = None
    while len(tried) < most:
        look = partial(_choose, free=1, busy=Counter(), skipped=set(tried), resting=down)
        found, beyond = db.read(partial(look, beyond=beyond))
        if not found and beyond is None:
            break
        if not found:
            continue
        ((row_id, mailer_id),) = found
        tried.append(row_id)
        attempt = sending.attempt_one(db, row_id, open_mailer)
        if attempt is not None and attempt.is_down:
            down.add(mailer_id)
    return tried

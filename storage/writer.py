"""The one thread that writes: what has gathered is committed together (docs/rules.md 19)."""

from __future__ import annotations

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, delete, func, insert, select
from sqlalchemy.exc import DBAPIError

from storage.changes import Change, ChangeFeed
from storage.faults import Unavailable, unavailable
from storage.schema import change
from storage.transactions import Tx

T = TypeVar("T")
_log = logging.getLogger(__name__)

BATCH_REQUESTS = 128
"""Requests that one COMMIT takes at most."""
BATCH_SECONDS = 0.05
"""After this long a batch takes no further request."""
CHANGE_ROWS_KEPT = 24 * 60 * 60
"""Seconds after which a change row is trimmed."""
TRIM_EVERY = 60 * 60.0
"""Seconds between two trimmings."""


_INSERT_CHANGES = insert(change)


class _Unsure(Exception):
    """The COMMIT is done, but the file isn't where it was: nothing may be run once more."""


class _RolledBackWhole(Exception):
    """SQLite gave up the transaction, and with it what the batch's earlier requests had done."""


@dataclass(frozen=True, slots=True)
class _Request:
    work: Callable[[Tx], Any]
    answer: Future[Any]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a request came to inside a transaction that isn't committed yet."""

    request: _Request
    tx: Tx | None
    value: Any = None
    error: BaseException | None = None


class Writer:
    """Takes requests from any thread and answers each after the COMMIT that holds it."""

    def __init__(
        self,
        engine: Engine,
        feed: ChangeFeed,
        origin: str,
        check: Callable[[], None],
        after_commit: Callable[[], None],
    ) -> None:
        """check: raises Unavailable where the database isn't in its place. after_commit: called on
        the writer's thread after each COMMIT, before the answers."""
        self._engine = engine
        self._feed = feed
        self._origin = origin
        self._check = check
        self._after_commit = after_commit
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._closed = False
        self._ending = False
        self._trim_at = 0.0
        self._thread = threading.Thread(target=self._serve, name="imapgate-writer", daemon=True)
        self._thread.start()

    def write(self, work: Callable[[Tx], T]) -> T:
        """See Database.write."""
        if threading.current_thread() is self._thread:
            raise RuntimeError("write called inside a write: use the transaction that is open")
        answer: Future[T] = Future()
        with self._door:
            if self._closed:
                raise Unavailable("the database is closed")
            self._requests.put(_Request(work, answer))
        return answer.result()

    def close(self) -> None:
        """Commit what was asked for, then end the thread. Idempotent."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._requests.put(None)
        self._thread.join()

    def _serve(self) -> None:
        while not self._ending:
            first = self._requests.get()
            if first is None:
                return
            taken = [first]
            try:
                self._together(taken)
            except Exception as error:  # noqa: BLE001 - logged; nobody may wait for ever
                _log.exception("the writer met an error of ours; it goes on")
                _fail([one for one in taken if not one.answer.done()], error)

    def _together(self, taken: list[_Request]) -> None:
        """One batch, begun by the request in `taken`, to which the others are added; afterwards
        each is answered."""
        try:
            connection = self._begin()
        except Exception as error:  # noqa: BLE001 - told to the callers
            # Nothing has run. Whoever waits would meet the same lock or the same missing file, one
            # time-out after the other.
            while (waiting := self._gathered()) is not None:
                taken.append(waiting)
            _fail(taken, error)
            return
        try:
            with _discarded_on_failure(connection):
                outcomes = self._run_gathered(connection, taken)
                self._finish(connection, outcomes)
        except _Unsure as unsure:
            _fail(taken, unsure.__cause__)
            return
        except Exception:  # noqa: BLE001 - logged; each request gets its second try
            _log.warning(
                "a commit of %d requests failed; each is run alone", len(taken), exc_info=True
            )
            for number, request in enumerate(taken):
                if not self._alone(request):
                    _fail(taken[number + 1 :], Unavailable("the database can't be reached"))
                    return
            return
        self._answer(outcomes)

    def _run_gathered(self, connection: Connection, taken: list[_Request]) -> list[_Outcome]:
        until = time.monotonic() + BATCH_SECONDS
        outcomes = [_run(connection, taken[0])]
        while len(taken) < BATCH_REQUESTS and time.monotonic() < until:
            request = self._gathered()
            if request is None:
                break
            taken.append(request)
            outcomes.append(_run(connection, request))
        return outcomes

    def _alone(self, request: _Request) -> bool:
        """The second and last try of one request. False if not even a transaction could begin."""
        try:
            connection = self._begin()
        except Exception as error:  # noqa: BLE001 - told to the caller
            _fail([request], error)
            return False
        try:
            with _discarded_on_failure(connection):
                outcome = _run(connection, request)
                self._finish(connection, [outcome])
        except (_RolledBackWhole, _Unsure) as error:
            _fail([request], error.__cause__)
        except Exception as error:  # noqa: BLE001 - told to the caller
            _fail([request], error)
        else:
            self._answer([outcome])
        return True

    def _begin(self) -> Connection:
        try:
            return self._opened()
        except DBAPIError as error:
            # A cursor that a failed request left open holds the snapshot of its time, and whoever
            # else has committed since then would shut us out until it is collected.
            if getattr(error.orig, "sqlite_errorcode", 0) != sqlite3.SQLITE_BUSY_SNAPSHOT:
                raise
            return self._opened()

    def _opened(self) -> Connection:
        connection = self._engine.connect()
        try:
            connection.begin()
        except BaseException as error:
            connection.invalidate(error)
            connection.close()
            raise
        return connection

    def _gathered(self) -> _Request | None:
        """The next request that waits already, if any."""
        try:
            request = self._requests.get_nowait()
        except queue.Empty:
            return None
        if request is None:
            self._ending = True
        return request

    def _finish(self, connection: Connection, outcomes: Sequence[_Outcome]) -> None:
        """COMMIT, unless nothing of the batch stands."""
        if all(outcome.error is not None for outcome in outcomes):
            connection.rollback()
            return
        news = _news(outcomes)
        now = int(time.time())
        rows: list[dict[str, object]] = [
            {"origin": self._origin, "folder_id": one, "at": now} for one in sorted(news.folders)
        ]
        if news.people:
            rows.append({"origin": self._origin, "folder_id": None, "at": now})
        if rows:
            connection.execute(_INSERT_CHANGES, rows)
            self._trim(connection, now)
        self._check()
        connection.commit()
        # A file that is moved away meanwhile takes the commit along.
        try:
            self._check()
        except Unavailable as away:
            raise _Unsure from away

    def _trim(self, connection: Connection, now: int) -> None:
        if time.monotonic() >= self._trim_at:
            # The newest row stays, so that readers see a gap in the numbers and nothing else.
            connection.execute(
                delete(change).where(
                    change.c.at < now - CHANGE_ROWS_KEPT,
                    change.c.id < select(func.max(change.c.id)).scalar_subquery(),
                )
            )
            self._trim_at = time.monotonic() + TRIM_EVERY

    def _answer(self, outcomes: Sequence[_Outcome]) -> None:
        """What was committed is told, then each caller has its answer."""
        try:
            self._after_commit()
        except Exception:  # noqa: BLE001 - logged; what is committed is answered
            _log.exception("after a commit")
        news = _news(outcomes)
        if news.folders or news.people:
            self._feed.publish(news)
        for outcome in outcomes:
            if outcome.error is None:
                outcome.request.answer.set_result(outcome.value)
            else:
                _fail([outcome.request], outcome.error)


@contextmanager
def _discarded_on_failure(connection: Connection) -> Iterator[None]:
    """Gives the connection back, or closes it for good after a failure: a COMMIT that fails may
    leave SQLite inside the transaction while SQLAlchemy takes it for ended."""
    with connection:
        try:
            yield
        except BaseException as error:
            connection.invalidate(error)
            raise


def _run(connection: Connection, request: _Request) -> _Outcome:
    """One request in its SAVEPOINT. Raises _RolledBackWhole if the transaction is gone."""
    # The driver's own SAVEPOINT: SQLAlchemy's costs as much as two statements of the request.
    connection.exec_driver_sql("SAVEPOINT request")
    tx = Tx(connection, int(time.time()), writes=True)
    try:
        value = request.work(tx)
        connection.exec_driver_sql("RELEASE request")
    except BaseException as error:
        try:
            connection.exec_driver_sql("ROLLBACK TO request")
            connection.exec_driver_sql("RELEASE request")
        except Exception:  # noqa: BLE001 - why the request failed says more
            raise _RolledBackWhole from error
        if not _in_transaction(connection):
            raise _RolledBackWhole from error
        return _Outcome(request, None, error=error)
    return _Outcome(request, tx, value)


def _in_transaction(connection: Connection) -> bool:
    return bool(getattr(connection.connection.driver_connection, "in_transaction", True))


def _news(outcomes: Sequence[_Outcome]) -> Change:
    committed = [outcome.tx for outcome in outcomes if outcome.tx is not None]
    return Change(
        frozenset().union(*(tx.touched_folders for tx in committed)),
        any(tx.touched_people for tx in committed),
    )


def _fail(requests: Sequence[_Request], error: BaseException | None) -> None:
    for request in requests:
        told = error or Unavailable("the database rolled the transaction back")
        plain = unavailable(told)
        if plain is not None:
            plain.__cause__ = told
        request.answer.set_exception(plain or told)

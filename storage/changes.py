"""News of commits: of this process at once, of others by change rows and PRAGMA data_version."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, func, select

from storage.faults import Unavailable, told_plainly
from storage.schema import change, folder

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Change:
    """What one or more commits touched."""

    folders: frozenset[int]
    people: bool


Listener = Callable[[Change], None]


class ChangeFeed:
    """Calls listeners after a commit, on whichever thread saw it (a listener only hands on)."""

    def __init__(self, engine: Engine, origin: str, check: Callable[[], None]) -> None:
        """engine: statements outside transactions. origin: this Database's mark in its rows. check:
        raises Unavailable where the database isn't in its place."""
        self._engine = engine
        self._origin = origin
        self._check = check
        self._listeners: dict[object, Listener] = {}
        self._complained: set[object] = set()
        self._looking = threading.Lock()
        self._connection: Connection | None = None
        self._version = -1
        self._failed = False
        self._ended = threading.Event()
        self._watcher: threading.Thread | None = None
        self._away = False
        with told_plainly(), engine.connect() as connection:
            self._seen = connection.execute(select(func.max(change.c.id))).scalar() or 0

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Returns the function that ends the subscription."""
        token = object()
        self._listeners[token] = listener

        def end() -> None:
            self._listeners.pop(token, None)
            self._complained.discard(token)

        return end

    def publish(self, news: Change) -> None:
        """Tell every listener. One that raises is logged once, and the others still hear."""
        for token, listener in list(self._listeners.items()):
            try:
                listener(news)
            except Exception:  # noqa: BLE001 - logged; others must still hear
                if token not in self._complained:
                    self._complained.add(token)
                    _log.exception("a listener for changes failed")

    def watch(self, interval: float = 0.1) -> None:
        """Look for other processes' commits every `interval` seconds, until `close`."""
        if self._watcher is None:
            self._watcher = threading.Thread(
                target=self._watch, args=(interval,), name="imapgate-changes", daemon=True
            )
            self._watcher.start()

    def check(self) -> None:
        """One look now: tells what other Database objects committed since the last look; after a
        look that failed, that anything may have changed: whoever waits for news reads anew.
        Raises Unavailable."""
        with self._looking, told_plainly():
            if self._ended.is_set():
                return
            try:
                self._check()
            except Unavailable:
                self._failed = True
                self._bring_home()
                raise
            try:
                news = self._look()
            except BaseException:
                self._failed = True
                self._disconnect()
                raise
        if news.folders or news.people:
            self.publish(news)

    def close(self) -> None:
        """End the watcher and give the connection back. Idempotent."""
        self._ended.set()
        if self._watcher is not None and self._watcher is not threading.current_thread():
            self._watcher.join()
        with self._looking:
            self._disconnect()

    def _bring_home(self) -> None:
        """The file was moved away, and its log stayed: what was committed goes into the file,
        wherever that is, and the log is emptied. Otherwise both would be lost: the file would be
        without its last commits, and another one in its place would have them played into it."""
        if self._connection is None:
            return
        done = self._connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        # Somebody still reads or writes: the next look tries again.
        if not done[0]:
            self._disconnect()

    def _look(self) -> Change:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(
                isolation_level="AUTOCOMMIT"
            )
        version = self._connection.exec_driver_sql("PRAGMA data_version").scalar_one()
        if version == self._version and not self._failed:
            return Change(frozenset(), False)
        news = self._read(self._connection)
        if self._failed:
            news = self._anything(self._connection)
        self._version, self._failed = version, False
        return news

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _anything(self, connection: Connection) -> Change:
        return Change(frozenset(connection.execute(select(folder.c.id)).scalars()), True)

    def _read(self, connection: Connection) -> Change:
        rows = connection.execute(
            select(change.c.id, change.c.origin, change.c.folder_id)
            .where(change.c.id > self._seen)
            .order_by(change.c.id)
        ).all()
        if not rows:
            return Change(frozenset(), False)
        missed = rows[0].id > self._seen + 1
        self._seen = rows[-1].id
        if missed:
            # This process stood still for so long that rows were trimmed meanwhile: anything may
            # have changed, so everybody looks.
            return self._anything(connection)
        others = [row.folder_id for row in rows if row.origin != self._origin]
        return Change(frozenset(one for one in others if one is not None), None in others)

    def _watch(self, interval: float) -> None:
        while not self._ended.wait(interval):
            try:
                self.check()
            except Unavailable as error:
                if not self._away:
                    self._away = True
                    _log.error("can't see what other processes change: %s; trying on", error)
            except Exception:  # noqa: BLE001 - logged; the next look may succeed
                if not self._away:
                    self._away = True
                    _log.exception("can't see what other processes change; trying on")
            else:
                self._away = False

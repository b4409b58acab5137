"""Brings the write-ahead log home into the database file, apart from the writer (rule 19)."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from sqlalchemy import Engine

from storage.faults import Unavailable
from storage.sqlite import wal_size

_log = logging.getLogger(__name__)

START = 4 * 1024 * 1024
"""Octets of write-ahead log from which a commit is followed by a checkpoint."""
PAUSE = 1.0
"""Seconds from one checkpoint to the next: the log's file keeps its size when it starts over, so
that from START on every commit asks for one, and each costs as much as a drop."""
LONGEST = 128 * 1024 * 1024
"""Octets from which the writer waits for one: only while nobody writes can the log start over."""


class Checkpointer:
    """A thread of its own that checkpoints after commits; passive, so that nobody is blocked."""

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._wanted = threading.Event()
        self._ending = threading.Event()
        self._unfinished = False
        self._complained = False
        self._thread = threading.Thread(
            target=self._serve, name="imapgate-checkpoints", daemon=True
        )
        self._thread.start()

    def committed(self) -> None:
        """Called by the writer after each COMMIT."""
        self._unfinished = True
        size = wal_size(self._path)
        if size >= LONGEST:
            self._checkpoint()
        elif size >= START:
            self._wanted.set()

    def close(self) -> None:
        """A last checkpoint if anything was written: the log must not grow from one process to
        the next. Idempotent."""
        self._ending.set()
        self._wanted.set()
        self._thread.join()
        if self._unfinished:
            self._checkpoint()

    def _serve(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            if self._ending.is_set():
                return
            self._checkpoint()
            self._ending.wait(PAUSE)

    def _checkpoint(self) -> None:
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").close()
        except Unavailable as away:
            if not self._complained:
                self._complained = True
                _log.error("the write-ahead log can't be checkpointed: %s; trying on", away)
        except Exception:  # noqa: BLE001 - logged; the log is whole without a checkpoint
            if not self._complained:
                self._complained = True
                _log.exception("the write-ahead log could not be checkpointed; trying on")
        else:
            self._complained = False

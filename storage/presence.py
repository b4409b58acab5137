"""Whether the database's path still leads to the file that was opened.

SQLite doesn't ask: when the file is moved away, connections go on writing to it under its new name
and into a log that stays behind; and whoever opens another file in its place has that log played
into it. So nothing is read, opened or told as committed unless the path leads to the same file.
"""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError

from storage.faults import Unavailable

_log = logging.getLogger(__name__)


class Presence:
    """The file as it was when this was made. May be asked from any thread."""

    def __init__(self, path: Path) -> None:
        """Raises FileNotFoundError."""
        self._path = str(path)
        self._file = _identity(self._path)
        self._changing = threading.Lock()
        self._told: str | None = None
        self._losses = 0

    def check(self) -> None:
        """Raises Unavailable while the path leads nowhere, or to another file: then only a new
        start helps, or the old file back in its place."""
        try:
            found = _identity(self._path)
        except OSError:
            self._lost("the database file is gone; put it back, and the server goes on")
            raise Unavailable("the database file is gone") from None
        if found != self._file:
            self._lost("another file stands in the database's place; start the server anew")
            raise Unavailable("another file stands in the database's place")
        if self._told is not None:
            with self._changing:
                self._told = None
            _log.warning("the database file is back")

    def guard(self, engine: Engine) -> None:
        """From here on the engine gives out no connection while the file is away, and none that
        was made before it was: its log may be another one by now."""

        @event.listens_for(engine, "connect")
        def connected(_connection: Any, record: Any) -> None:
            record.info["losses"] = self._losses

        @event.listens_for(engine, "checkout")
        def taken(_connection: Any, record: Any, _proxy: Any) -> None:
            self.check()
            if record.info["losses"] != self._losses:
                raise DisconnectionError("made before the file was away")

    def _lost(self, told: str) -> None:
        with self._changing:
            if self._told == told:
                return
            self._told = told
            self._losses += 1
        _log.error("%s", told)


def _identity(path: str) -> tuple[int, int]:
    # Asked for with each transaction: pathlib takes five times as long.
    found = os.stat(path)
    return found.st_dev, found.st_ino

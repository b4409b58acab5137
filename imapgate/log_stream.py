"""Writes the log's lines from a thread of its own: nobody waits for a terminal or a pipe."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import threading
import time
from typing import Protocol, TextIO

MOST_WAITING = 10_000
"""Lines; beyond that they are left out, and counted."""
LAST_WORDS = 2.0
"""Seconds that the end of the process waits for lines to be written."""


class Stream(Protocol):
    """Where lines go; both raise OSError."""

    def write(self, text: str, /) -> object: ...

    def flush(self) -> object: ...


class Unbuffered:
    """A standard stream past Python's own buffer: what that holds back of a reader that is gone, or
    doesn't read, is written once more at the process's end, which then fails or never comes."""

    def __init__(self, stream: TextIO) -> None:
        """Raises OSError where there is no file behind it."""
        self._file = stream.fileno()
        self._encoding = stream.encoding

    def write(self, text: str) -> None:
        """Raises OSError."""
        octets = text.encode(self._encoding, "backslashreplace")
        while octets:
            octets = octets[os.write(self._file, octets) :]

    def flush(self) -> None:
        """Nothing waits here."""


class LogStream(logging.Handler):
    """A stopped terminal, or a pipe that nobody reads, would else stop the reactor and with it
    every session. Lines go out in their order; `close` writes what still waits."""

    def __init__(self, stream: Stream, pause: float = 0.0) -> None:
        """pause: seconds after each flush, so that what comes meanwhile is written at one go."""
        super().__init__()
        self._pause = pause
        self._stream = stream
        self._lines: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self._left_out = 0
        self._thread = threading.Thread(target=self._write, name="imapgate-log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            self._left_out += 1
            return
        except Exception:  # noqa: BLE001 (what logging does with a line that can't be formatted)
            self.handleError(record)
            return
        if self._left_out:
            left_out, self._left_out = self._left_out, 0
            text = "%d lines were left out of the log: it was written too slowly"
            told = logging.LogRecord(
                __name__, logging.WARNING, __file__, 0, text, (left_out,), None
            )
            self.emit(told)

    def close(self) -> None:
        """Called at the process's end by `logging` itself. Idempotent."""
        if self._thread.is_alive():
            with contextlib.suppress(queue.Full):
                self._lines.put(None, timeout=LAST_WORDS)
            self._thread.join(LAST_WORDS)
        super().close()

    def _write(self) -> None:
        while (line := self._lines.get()) is not None:
            # A full disk, or a reader that is gone: there is nowhere to tell it.
            with contextlib.suppress(OSError, ValueError):
                self._stream.write(line + "\n")
                if self._lines.empty():
                    self._stream.flush()
                    time.sleep(self._pause)
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()

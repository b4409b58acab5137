"""The log: one line per event on the standard error, safe to read in a terminal.

Rooms write with `logging`; nobody logs passwords, message text or subjects.
"""

from __future__ import annotations

import logging
import sys
import unicodedata
from typing import TextIO

from twisted.logger import STDLibLogObserver, globalLogBeginner

LONGEST = 2000
"""Characters of one line."""


class OneLine(logging.Formatter):
    """`2025-01-06T09:12:00+0100 WARNING imapgate.session text`: no client makes lines of its own.

    A traceback follows in lines of its own, indented.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")

    def format(self, record: logging.LogRecord) -> str:
        record.message = record.getMessage()
        record.asctime = self.formatTime(record, self.datefmt)
        lines = [one_line(self.formatMessage(record))]
        if record.exc_info:
            told = self.formatException(record.exc_info)
            lines.extend("    " + one_line(line) for line in told.splitlines())
        return "\n".join(lines)


def one_line(text: str) -> str:
    """Control characters and line ends written as escapes, the rest cut at LONGEST."""
    safe = "".join(
        one.encode("unicode_escape").decode("ascii")
        if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp")
        else one
        for one in text[:LONGEST]
    )
    return safe + " ..." if len(text) > LONGEST else safe


def begin(stream: TextIO | None = None) -> None:
    """From here on events go to the stream (the standard error), Twisted's own included."""
    out = logging.StreamHandler(stream or sys.stderr)
    out.setFormatter(OneLine())
    root = logging.getLogger()
    root.handlers[:] = [out]
    root.setLevel(logging.INFO)
    to_logging = STDLibLogObserver("twisted")
    # Twisted tells at INFO of each factory and port; what it warns of counts.
    logging.getLogger("twisted").setLevel(logging.WARNING)
    globalLogBeginner.beginLoggingTo(
        [to_logging],  # type: ignore[list-item]  # zope interfaces are no types
        redirectStandardIO=False,
        discardBuffer=True,
    )

"""The log: one line per event on the standard error, safe to read in a terminal, and in files that
`imapgate log` reads (log_files).

Rooms write with `logging`; nobody logs passwords, message text or subjects. What a program should
find again goes along as `extra={"event": "sign_in", "fields": {"user": "anna@Acme"}}`: the event's
name, and values that are text, numbers or None. docs/service.md lists them.
"""

from __future__ import annotations

import datetime
import json
import logging
import sys
import threading
import traceback
import unicodedata
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from twisted.logger import LogLevel, formatEvent, globalLogBeginner

from certs import CertificateError
from imapgate.log_files import PAUSE, REST, SERVER, SIGN_INS, LogFiles, Of, make, source
from imapgate.log_stream import LogStream, Unbuffered
from storage.engine import SchemaMismatch, Unavailable

LONGEST = 2000
"""Characters of one line, or of one value in JSON."""
LONGEST_TRACEBACK = 200
"""Lines."""
MOST_CAUSES = 10
"""Exceptions that one traceback shows, each caused by the one before."""
OURS = (CertificateError, SchemaMismatch, Unavailable)
"""Exceptions whose text is our own and quotes nothing that a client sent."""


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
        lines.extend("    " + one_line(line) for line in _traceback(record))
        return "\n".join(lines)


class OneObject(logging.Formatter):
    """One JSON object per line, in ASCII: time (UTC), level, logger, message, and where there are
    any event, its fields, and traceback (a list of lines).

    Where it is kept for `imapgate log`, also its source (log_files.SOURCES) and who made it.
    """

    def __init__(self, by: str | None = None) -> None:
        """by: `server`, or the user of the command line."""
        super().__init__()
        self._by = by

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.datetime.fromtimestamp(record.created, datetime.UTC)
        said: dict[str, Any] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname.lower(),
        }
        if self._by is not None:
            said.update(source=source(record), by=self._by)
        said["logger"] = record.name
        event = getattr(record, "event", None)
        if event is not None:
            said["event"] = event
        said["message"] = _cut(record.getMessage())
        fields: Mapping[str, Any] = getattr(record, "fields", {})
        for name, value in fields.items():
            if name not in said:
                said[name] = _cut(value) if isinstance(value, str) else value
        told = [_cut(line) for line in _traceback(record)]
        if told:
            said["traceback"] = told
        return json.dumps(said, default=str)


_log = logging.getLogger(__name__)

FORMATS = {"text": OneLine, "json": OneObject}
"""By the names that the settings know."""


def one_line(text: str) -> str:
    """Control characters and line ends written as escapes, the rest cut at LONGEST."""
    safe = "".join(
        one.encode("unicode_escape").decode("ascii")
        if unicodedata.category(one) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else one
        for one in text[:LONGEST]
    )
    return safe + " ..." if len(text) > LONGEST else safe


def begin(form: str = "text", stream: TextIO | None = None, directory: Path | None = None) -> None:
    """From here on events go to the stream (the standard error), Twisted's own included, and into
    files of the directory, where they are kept.

    form: one of FORMATS.
    """
    # There is no standard error under pythonw.exe.
    out: logging.Handler = logging.NullHandler()
    if stream is not None:
        out = LogStream(stream)
    elif sys.stderr is not None:
        out = LogStream(Unbuffered(sys.stderr))
    out.setFormatter(FORMATS[form]())
    root = logging.getLogger()
    root.handlers[:] = [out]
    if directory is not None:
        for row in (SIGN_INS, REST):
            kept = LogStream(LogFiles(directory, row), PAUSE)
            kept.addFilter(Of(row))
            kept.setFormatter(OneObject(SERVER))
            root.addHandler(kept)
    root.setLevel(logging.INFO)
    # What else Python writes to the standard error tells what an exception says, and a line that
    # can't be logged with all its values.
    logging.raiseExceptions = False
    sys.excepthook = partial(_uncaught, "the process ends")
    threading.excepthook = lambda args: _uncaught(
        "a thread has ended", args.exc_type, args.exc_value, args.exc_traceback
    )
    sys.unraisablehook = lambda args: _uncaught(
        "an object could not be freed", args.exc_type, args.exc_value, args.exc_traceback
    )
    if directory is not None:
        try:
            make(directory)
        except OSError as error:
            _log.warning("the log isn't kept in %s: %s", directory, error.strerror)
    globalLogBeginner.beginLoggingTo(
        [_from_twisted],  # type: ignore[list-item]  # zope interfaces are no types
        redirectStandardIO=False,
        discardBuffer=True,
    )


def _uncaught(
    what: str,
    kind: type[BaseException],
    error: BaseException | None,
    trace: TracebackType | None,
) -> None:
    """An error that nobody caught."""
    value = kind() if error is None else error
    _log.critical("%s by an error of ours", what, exc_info=(kind, value, trace))


def _from_twisted(event: dict[str, Any]) -> None:
    """What Twisted warns of counts; at INFO it tells of each factory and port."""
    level = event.get("log_level", LogLevel.info)
    if level < LogLevel.warn:
        return
    out = logging.getLogger("twisted")
    number = logging.getLevelName(level.name.upper().replace("WARN", "WARNING"))
    failure = event.get("log_failure")
    if failure is None:
        out.log(number, "%s", formatEvent(event))
    else:
        # Twisted's own text for it would tell what the exception says.
        error = (failure.type, failure.value, failure.getTracebackObject())
        out.log(number, "an error that nobody took", exc_info=error)


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[:LONGEST] + " ..."


def _traceback(record: logging.LogRecord) -> list[str]:
    """Where it happened and what kind of error it is. What an exception says is left out: it may
    quote a message, a subject or a password (a database's error tells its parameters)."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return []
    lines = [line for one in _causes(error) for line in _told(one)]
    if len(lines) > LONGEST_TRACEBACK:
        half = LONGEST_TRACEBACK // 2
        lines = [*lines[:half], "...", *lines[-half:]]
    return lines


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what led to it, first cause first."""
    found = [error]
    while len(found) < MOST_CAUSES:
        last = found[-1]
        before = last.__cause__ or (None if last.__suppress_context__ else last.__context__)
        if before is None or before in found:
            break
        found.append(before)
    return found[::-1]


def _told(error: BaseException) -> Iterator[str]:
    yield "Traceback (most recent call last):"
    for block in traceback.format_tb(error.__traceback__):
        yield from block.rstrip("\n").split("\n")
    kind = type(error)
    name = kind.__qualname__
    if kind.__module__ != "builtins":
        name = f"{kind.__module__}.{name}"
    if isinstance(error, OURS):
        name += f": {error}"
    elif isinstance(error, OSError) and error.strerror:
        name += f": {error.strerror}"
    elif hasattr(error, "sqlite_errorname"):
        name += f": {error.sqlite_errorname}"
    yield name

"""The log that is kept: JSON lines in DATA/log, of the server and of commands, for `imapgate log`.

Two rows of files, each bounded: what concerns signing in has its own, so that whoever tries
passwords by the thousand pushes nothing else out.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path

from storage.files import owned_like
from storage.locks import locked

DIRECTORY = "log"
SIGN_INS, REST = "sign-ins", "imapgate"
"""The two rows: `imapgate.log` is written, `imapgate.log.1` is the newest that is full."""
LARGEST = 4 * 1024 * 1024
"""Octets of one file."""
FULL = 5
"""Full ones that are kept of each row."""
AT_ONCE = 64 * 1024
"""Octets that are written at a time, with one look at the file."""
PAUSE = 0.05
"""Seconds in which a server's lines gather: to write each by itself would cost much more."""
LOCK = "lock"
PATIENCE = 1.0
"""Seconds for which another process's writing is waited for; then lines are added all the same, and
no file is put aside."""

SERVER = "server"
"""Source of what belongs nowhere else: starting, stopping, the database, certificates."""
AUTHENTICATION = ("imap-auth", "pop3-auth", "smtp-auth")
"""Sources: signing in at one of our own listeners."""
SOURCES = (*AUTHENTICATION, "incoming", "outgoing", "imap", SERVER)
_SIGN_IN = ("sign_in", "sign_in_failed")
_BY_EVENT = {"incident": SERVER}
_BY_LOGGER = {
    "imapgate.incoming": "incoming",
    "imapgate.outgoing": "outgoing",
    "imapgate.session": "imap",
    "imapgate.folders": "imap",
    "imapgate.submission": "outgoing",
}


def source(record: logging.LogRecord) -> str:
    """Which of SOURCES an event comes from."""
    event = getattr(record, "event", None)
    if event in _BY_EVENT:
        return _BY_EVENT[event]
    room = ".".join(record.name.split(".")[:2])
    if event in _SIGN_IN:
        return "smtp-auth" if room == "imapgate.submission" else "imap-auth"
    return _BY_LOGGER.get(room, SERVER)


_ADDING = os.O_WRONLY | os.O_APPEND | os.O_CREAT
for _name in ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW"):
    _ADDING |= getattr(os, _name, 0)


class Of(logging.Filter):
    """What goes into one of the two rows."""

    def __init__(self, row: str) -> None:
        super().__init__()
        self._sign_ins = row == SIGN_INS

    def filter(self, record: logging.LogRecord) -> bool:
        return (source(record) in AUTHENTICATION) is self._sign_ins


class LogFiles:
    """One row, as a stream of lines; for one thread. Several processes may write at the same
    time."""

    def __init__(self, directory: Path, row: str) -> None:
        """directory: made with the first line, in a data directory that is there."""
        self._directory = directory
        self._path = current(directory, row)
        self._waiting: list[bytes] = []
        self._octets = 0
        self._cut = False

    def write(self, text: str) -> None:
        """Whole lines; on the disk after `flush`. Raises OSError."""
        octets = text.encode("ascii", "backslashreplace")
        self._waiting.append(octets)
        self._octets += len(octets)
        if self._octets >= AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Raises OSError: the lines are lost."""
        octets = b"".join(self._waiting)
        self._waiting.clear()
        self._octets = 0
        if not octets:
            return
        make(self._directory)
        with alone(self._directory) as is_alone:
            self._append(octets, is_alone)

    def _append(self, octets: bytes, is_alone: bool) -> None:
        size = self._path.stat().st_size if self._path.exists() else 0
        if size + len(octets) > LARGEST and size:
            if is_alone:
                self._put_aside()
            elif size > 2 * LARGEST:
                return
        file = os.open(self._path, _ADDING, 0o600)
        try:
            if not size:
                owned_like(self._path, self._directory)
            if self._cut:
                octets = b"\n" + octets
            self._cut = True
            self._cut = os.write(file, octets) < len(octets)
        finally:
            os.close(file)

    def _put_aside(self) -> None:
        """Where somebody holds the file open (Windows), it grows on until that has ended."""
        with contextlib.suppress(OSError):
            for n in range(FULL, 0, -1):
                older = _full(self._path, n)
                newer = _full(self._path, n - 1) if n > 1 else self._path
                if newer.exists():
                    os.replace(newer, older)


def make(directory: Path) -> None:
    """In a data directory that is there. Raises OSError."""
    if directory.is_dir():
        return
    try:
        directory.mkdir(mode=0o700)
        owned_like(directory, directory.parent)
    except FileExistsError:
        # Somebody else may have made it at the same moment.
        if not directory.is_dir():
            raise


def current(directory: Path, row: str) -> Path:
    """The file of a row that is written."""
    return directory / f"{row}.log"


def files(directory: Path, row: str) -> list[Path]:
    """Those of a row that are there, oldest first."""
    path = current(directory, row)
    found = [*(_full(path, n) for n in range(FULL, 0, -1)), path]
    return [one for one in found if one.exists()]


def _full(path: Path, n: int) -> Path:
    return path.with_name(f"{path.name}.{n}")


@contextlib.contextmanager
def alone(directory: Path) -> Iterator[bool]:
    """Whether no other process writes meanwhile."""
    with locked(directory / LOCK, PATIENCE) as held:
        yield held

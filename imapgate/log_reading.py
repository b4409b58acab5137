"""Reads the log that is kept, while servers and commands write it."""

from __future__ import annotations

import contextlib
import datetime
import heapq
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from imapgate.log_files import REST, SIGN_INS, alone, files

LEVELS = ("debug", "info", "warning", "error")
_RANKS = {**{level: rank for rank, level in enumerate(LEVELS)}, "critical": 3}
_WHO = ("user", "login", "account", "mailer")
"""Fields that tell whom an event concerns."""


@dataclass(frozen=True, slots=True)
class Event:
    """at: seconds since 1970. said: all that the line holds (docs/service.md)."""

    at: float
    said: dict[str, Any]

    @property
    def whom(self) -> str:
        """The user, the login that was tried, the account or mailer; empty: nobody."""
        return next((str(self.said[one]) for one in _WHO if self.said.get(one)), "")


@dataclass(frozen=True, slots=True)
class Query:
    """What is wanted; None: all. sources: of log_files.SOURCES. level: the least of LEVELS. user:
    a login, or its part before the @; an account's or mailer's name. since: seconds since 1970."""

    sources: frozenset[str] | None = None
    level: str = "debug"
    user: str | None = None
    since: float | None = None

    def wants(self, event: Event) -> bool:
        said = event.said
        if self.sources is not None and said.get("source") not in self.sources:
            return False
        if _RANKS.get(str(said.get("level")), 0) < _RANKS[self.level]:
            return False
        if self.since is not None and event.at < self.since:
            return False
        if self.user is None:
            return True
        user = self.user.casefold()
        whom = {str(said[one]).casefold() for one in _WHO if said.get(one)}
        return user in whom or user in {one.partition("@")[0] for one in whom}


class Reader:
    """What is in the log's files, and with each further call what has come since."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._rows = [_Row(directory, row) for row in (SIGN_INS, REST)]

    def new(self, query: Query) -> Iterator[Event]:
        """Oldest first. Raises OSError; that there is no log yet is no error."""
        if not self._directory.is_dir():
            return
        with contextlib.ExitStack() as opened:
            # Nothing is put aside between the looks at two files.
            with alone(self._directory):
                found = [(row, row.open(opened)) for row in self._rows]
            reading = [_wanted(row.read(some), query) for row, some in found]
            yield from heapq.merge(*reading, key=lambda event: event.at)


class _Row:
    """One of the log's rows of files, read up to a place in one of them."""

    def __init__(self, directory: Path, row: str) -> None:
        self._directory = directory
        self._row = row
        self._inode: int | None = None
        self._at = 0

    def open(self, opened: contextlib.ExitStack) -> list[tuple[int, IO[bytes]]]:
        """(inode, file) of what isn't read yet, oldest first."""
        found: list[tuple[int, IO[bytes]]] = []
        for path in files(self._directory, self._row):
            file = opened.enter_context(path.open("rb"))
            found.append((os.fstat(file.fileno()).st_ino, file))
        known = [inode for inode, _ in found]
        return found[known.index(self._inode) :] if self._inode in known else found

    def read(self, found: list[tuple[int, IO[bytes]]]) -> Iterator[bytes]:
        """Whole lines."""
        for inode, file in found:
            if inode != self._inode:
                self._inode, self._at = inode, 0
            file.seek(self._at)
            for line in file:
                if line.endswith(b"\n"):
                    self._at += len(line)
                    yield line


def _wanted(lines: Iterator[bytes], query: Query) -> Iterator[Event]:
    for line in lines:
        event = _event(line)
        if event is not None and query.wants(event):
            yield event


def _event(line: bytes) -> Event | None:
    """None: a line that was cut, when the disk was full."""
    try:
        said = json.loads(line)
        at = datetime.datetime.fromisoformat(said["time"]).timestamp()
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
    return Event(at, said)

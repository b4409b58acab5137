"""Something fails at the n-th step of what the database, or imapgate's own code, does."""

from __future__ import annotations

import inspect
import sqlite3
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, event

import imapgate
import storage
from imapgate.session.server import Server
from storage import Database, Tx

T = TypeVar("T")


class Broken(Exception):
    """An error that nobody expects."""


def _sqlite(code: int, text: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


def unreadable(_connection: sqlite3.Connection) -> None:
    """The disk fails under one statement; the transaction stays open."""
    raise _sqlite(sqlite3.SQLITE_IOERR, "disk I/O error")


def full(connection: sqlite3.Connection) -> None:
    """SQLite gives up the whole transaction, as it may where the disk is full."""
    if connection.in_transaction:
        connection.execute("ROLLBACK").close()
    raise _sqlite(sqlite3.SQLITE_FULL, "database or disk is full")


def broken(_connection: sqlite3.Connection | None = None) -> None:
    raise Broken("of ours")


Fault = Callable[[sqlite3.Connection], None]


class Steps:
    """The statements of a database and its COMMITs, counted; see `armed`."""

    def __init__(self) -> None:
        self.count = 0
        self.sprung = 0
        self._faults: list[tuple[Fault, int, int]] = []

    def arm(self, fault: Fault, first: int, last: int | None = None) -> None:
        """fault happens at the steps first to last (None: at first alone), from 1."""
        self.count, self.sprung = 0, 0
        self._faults = [(fault, first, first if last is None else last)]

    def arm_second(self, fault: Fault, at: int) -> None:
        """Beside what is armed already."""
        self._faults.append((fault, at, at))

    def disarm(self) -> None:
        self._faults = []

    def step(self, connection: Any) -> None:
        self.count += 1
        for fault, first, last in self._faults:
            if first <= self.count <= last:
                self.sprung += 1
                fault(connection)

    def statement(self, cursor: sqlite3.Cursor, *_: object) -> None:
        self.step(cursor.connection)

    def commit(self, connection: Connection) -> None:
        self.step(connection.connection.driver_connection)


@contextmanager
def statements(db: Database) -> Iterator[Steps]:
    """Every statement of the writer and of the readers, BEGIN and SAVEPOINT among them, and every
    COMMIT just before it."""
    steps = Steps()
    kinds = ("do_execute", "do_executemany")
    engines = (db._writing, db._readers)
    for engine in engines:
        for kind in kinds:
            event.listen(engine, kind, steps.statement)
        event.listen(engine, "commit", steps.commit)
    try:
        yield steps
    finally:
        for engine in engines:
            for kind in kinds:
                event.remove(engine, kind, steps.statement)
            event.remove(engine, "commit", steps.commit)


class Calls:
    """Calls of imapgate's functions, by name; at one of them it fails."""

    def __init__(self, rooms: Sequence[Path], reading: bool = False) -> None:
        """rooms: whose functions. reading: calls within `folders.ready.prepare`, where a message is
        read, and no others; False: all but those."""
        self._rooms = rooms
        self.seen: list[tuple[str, str]] = []
        self.at: int | None = None
        self.sprung = 0
        self._reading = reading
        self._within = 0
        self._ours: dict[CodeType, str | None] = {}

    def arm(self, at: int | None) -> None:
        """at: the call, from 0, counted with the returns; None: only look."""
        self.seen, self.at, self.sprung, self._within = [], at, 0, 0

    def around(self, work: Callable[..., T]) -> Callable[..., T]:
        """work, watched on whatever thread it runs."""

        def watched(*args: object) -> T:
            before = sys.getprofile()
            sys.setprofile(self._look)
            try:
                return work(*args)
            finally:
                sys.setprofile(before)

        return watched

    def _look(self, frame: FrameType, kind: str, _arg: object) -> None:
        if kind not in ("call", "return"):
            return
        name = self._name(frame.f_code)
        if name is None:
            return
        if name == READING:
            self._within += 1 if kind == "call" else -1
            return
        if bool(self._within) is not self._reading:
            return
        at = len(self.seen)
        self.seen.append((kind, name))
        if at == self.at:
            self.sprung += 1
            raise Broken(f"{kind} of {name}")

    def _name(self, code: CodeType) -> str | None:
        if code not in self._ours:
            self._ours[code] = self._ours_in(code)
        return self._ours[code]

    def _ours_in(self, code: CodeType) -> str | None:
        """The function's name, of one of the rooms; None for everybody else's."""
        if code.co_flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR):
            return None  # Each step of it is a call and a return, its end at any time too.
        path = Path(code.co_filename)
        if path.name in NOT_THEIRS or not any(path.is_relative_to(room) for room in self._rooms):
            return None
        return f"{path.stem}.{code.co_qualname}"


HOUSE, STORAGE = (Path(str(package.__file__)).parent for package in (imapgate, storage))
BELOW = (HOUSE / "folders", HOUSE / "activities", HOUSE / "mime", STORAGE)
ABOVE = (HOUSE / "session", HOUSE / "wire")
"""Above it: the grammar, and the session's part of a command."""
NOT_THEIRS = (
    *("writer.py", "engine.py", "changes.py", "checkpoints.py", "presence.py"),
    *("drops.py", "uploads.py", "verdict.py", "incidents.py"),
    *("connection.py", "receiver.py", "framing.py", "literals.py", "output.py", "turns.py"),
    *("counting.py", "protocol.py"),
)
"""What a request doesn't call, what turns a failure into an answer, and what carries octets."""
READING = "ready.prepare"


@contextmanager
def calls(db: Database, server: Server, reading: bool = False) -> Iterator[Calls]:
    """Calls and returns below the session, in the command's thread and in the writer's."""
    found = Calls(BELOW, reading)
    write, call = db.write, server.call

    def writing(work: Callable[[Tx], T]) -> T:
        return write(found.around(work))

    def calling(work: Callable[[], T]) -> object:
        return call(found.around(work))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "write", writing)
        patch.setattr(server, "call", calling)
        yield found

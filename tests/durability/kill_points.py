"""What is put into a server before it serves, so that it dies at a given point, or so that its
clock is wrong. Only ever used in a process that was forked or started for one test."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.pool import Pool
from twisted.internet import tcp

from imapgate.folders.revisions import work as revisions
from storage import checkpoints, sqlite, writer

LONGEST_WAIT = 20.0
"""Seconds for which a batch waits for the sessions that are to be in it."""
OF_A_DROP = b" OK [APPENDUID"


def install(wanted: dict[str, Any]) -> None:
    """wanted: any of

    point: where to die, a key of POINTS; armed: a file, without which no point counts yet;
    gather: so many requests go into the first batch once it is armed; at: which of the batch's
    requests, or which tagged OK, is the one (from 1); octets: so many get into the log.
    still: activities' messages are left alone.
    clock: [seconds that the clock is off, seconds once the file `jump` is there], jump.
    checkpoint_from: octets of log from which it is checkpointed, without a pause; from three times
    as many the writer waits for it, so that the log starts over.
    busy_seconds: how long a statement waits for another process's lock.
    synchronous: SQLite's pragma, to see what would happen with another one.
    """
    armed = Path(wanted.get("armed", "/nonexistent"))
    if "gather" in wanted:
        _gather(armed, int(wanted["gather"]))
    if wanted.get("still"):
        revisions.Work.start = lambda self: None  # type: ignore[method-assign]
    if "point" in wanted:
        POINTS[wanted["point"]](armed, wanted)
    if "clock" in wanted:
        _set_clock(wanted["clock"], Path(wanted["jump"]))
    if "checkpoint_from" in wanted:
        checkpoints.START = int(wanted["checkpoint_from"])
        checkpoints.PAUSE = 0.0
        checkpoints.LONGEST = 3 * checkpoints.START
    if "busy_seconds" in wanted:
        sqlite.BUSY_SECONDS = wanted["busy_seconds"]
    if "synchronous" in wanted:
        _flush(wanted["synchronous"])


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    threading.Event().wait()  # the signal is on its way: nothing more happens in this thread


def _gather(armed: Path, sessions: int) -> None:
    """The writer begins once so many requests wait, and takes all of them on any machine."""
    together, first_batch = writer.Writer._together, count(1)
    writer.BATCH_SECONDS = LONGEST_WAIT

    def wait(self: Any, first: Any) -> None:
        if armed.exists() and next(first_batch) == 1:
            until = time.monotonic() + LONGEST_WAIT
            while self._requests.qsize() < sessions - 1 and time.monotonic() < until:
                time.sleep(0.001)
        together(self, first)

    writer.Writer._together = wait  # type: ignore[method-assign]


def _while_running(armed: Path, wanted: dict[str, Any]) -> None:
    """A request of the batch has done its work; neither the others nor COMMIT have begun."""
    run, done = writer._run, count(1)

    def killed(connection: Connection, request: Any) -> Any:
        outcome = run(connection, request)
        if armed.exists() and next(done) == wanted["at"]:
            _die()
        return outcome

    writer._run = killed


def _before_commit(armed: Path, wanted: dict[str, Any]) -> None:
    """All requests of the batch have done their work."""

    def killed(_: Connection) -> None:
        if armed.exists() and _is_writer():
            _die()

    event.listen(Engine, "commit", killed)


def _inside_commit(armed: Path, wanted: dict[str, Any]) -> None:
    """COMMIT has written so many octets to the log: the system kills a process that writes beyond
    its file size limit, as SIGKILL would. A COMMIT that is smaller is left at its end."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    log = Path(wanted["log_file"])

    def limited(_: Connection) -> None:
        if armed.exists() and _is_writer():
            room = log.stat().st_size + int(wanted["octets"])
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    event.listen(Engine, "commit", limited)
    _after_commit(armed, wanted)


def _after_commit(armed: Path, wanted: dict[str, Any]) -> None:
    """COMMIT has returned; nobody knows."""
    answer = writer.Writer._answer

    def killed(self: Any, outcomes: Any) -> None:
        if armed.exists():
            _die()
        answer(self, outcomes)

    writer.Writer._answer = killed  # type: ignore[method-assign]


def _before_ok(armed: Path, wanted: dict[str, Any]) -> None:
    """The first so many OKs have gone out, the next one is ready to be sent."""
    send, sent = tcp.Connection.writeSomeData, count(1)

    def killed(self: Any, data: bytes) -> Any:
        if armed.exists() and OF_A_DROP in bytes(data) and next(sent) == wanted["at"]:
            _die()
        return send(self, data)

    tcp.Connection.writeSomeData = killed


def _is_writer() -> bool:
    return threading.current_thread().name == "imapgate-writer"


def _set_clock(offsets: list[float], jump: Path) -> None:
    right = time.time
    before, after = offsets
    time.time = lambda: right() + (after if jump.exists() else before)


def _flush(synchronous: str) -> None:
    def prepare(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA synchronous={synchronous}").close()

    event.listen(Pool, "checkout", prepare)


POINTS: dict[str, Callable[[Path, dict[str, Any]], None]] = {
    "while running": _while_running,
    "before commit": _before_commit,
    "inside commit": _inside_commit,
    "after commit": _after_commit,
    "before ok": _before_ok,
}

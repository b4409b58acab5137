"""Those who wait for commits leave threads to those who read."""

from __future__ import annotations

import select
import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from running import Running

WRITERS = ("alice", "bob", "admin")
SESSIONS_EACH = 6
"""Together more than the server has threads."""
PATIENCE = 60.0
"""Seconds in which an event must have come."""


@contextmanager
def locked(server: Running) -> Iterator[None]:
    """Nobody can commit: another process is at it."""
    with closing(sqlite3.connect(server.data / "imapgate.db", isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        yield
        db.execute("ROLLBACK")


def threads(server: Running) -> int:
    return len(list(Path(f"/proc/{server.process.pid}/task").iterdir()))


def wait_until_taken_up(server: Running) -> None:
    """The server starts a thread for what finds none free: no more of them come."""
    last, same = threads(server), 0
    until = time.monotonic() + PATIENCE
    while same < 5 and time.monotonic() < until:
        time.sleep(0.1)
        now = threads(server)
        last, same = now, same + 1 if now == last else 0


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/PID/task (Linux)")
def test_reading_goes_on_while_three_users_wait_for_commits(demo: Running) -> None:
    """Whoever reads is answered before any of them."""
    reader = demo.imap("carol@Standard")
    waiting: list[socket.socket] = []
    try:
        for name in WRITERS:
            for _ in range(SESSIONS_EACH):
                client = demo.imap(f"{name}@Standard")
                waiting.append(client.sock)
        with locked(demo):
            for n, one in enumerate(waiting):
                one.sendall(b"x CREATE Waiting-%d\r\n" % n)
            wait_until_taken_up(demo)
            for _ in range(5):
                assert reader.status("INBOX", "(MESSAGES)")[0] == "OK"
                assert reader.select("INBOX")[0] == "OK"
                assert reader.list()[0] == "OK"
            answered, _, _ = select.select(waiting, [], [], 0)
            assert not answered, "they were to wait meanwhile"
        for one in waiting:
            one.settimeout(PATIENCE)
            assert one.recv(1000).startswith(b"x OK")
    finally:
        for one in waiting:
            one.close()
        reader.logout()

"""SIGTERM: what is being committed is finished and answered, everybody hears BYE."""

from __future__ import annotations

import contextlib
import imaplib
import re
import signal
import socket
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from running import HOST, Running, start

PATIENCE = 40.0
LARGE = b"Subject: kept\r\n\r\n" + b"x" * (2 * 1024 * 1024)
"""Above what literals hold in memory: it waits in a temporary file."""

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="there SIGTERM ends a process without asking it"
)


def _until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def _rest(client: imaplib.IMAP4) -> bytes:
    """All that still comes, up to the connection's end."""
    told = b""
    client.sock.settimeout(PATIENCE)
    with contextlib.suppress(ConnectionResetError):
        while piece := client.sock.recv(65536):
            told += piece
    client.shutdown()
    return told


def _upload(running: Running) -> imaplib.IMAP4:
    """A session whose drop waits for its commit: another process holds the database's lock."""
    client = running.imap()
    client.sock.sendall(b"a APPEND Trackers/Support {%d+}\r\n" % len(LARGE) + LARGE + b"\r\n")
    return client


def test_a_drop_that_is_being_committed_is_answered_and_everybody_hears_bye(
    tmp_path: Path,
) -> None:
    """Exit code 0, no temporary file, the mail there; a second SIGTERM changes nothing."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    running = start(tmp_path / "demo", "demo", TMPDIR=str(temporary))
    idle = running.imap("bob@Standard")
    idle.sock.sendall(b"i IDLE\r\n")
    assert idle.sock.recv(100) == b"+ idling\r\n"
    with contextlib.closing(sqlite3.connect(running.data / "imapgate.db")) as lock:
        lock.isolation_level = None
        lock.execute("BEGIN IMMEDIATE")
        client = _upload(running)
        # The reactor has everything once it answers a session that came after it.
        running.imap("carol@Standard").logout()
        running.process.send_signal(signal.SIGTERM)
        _until(lambda: "stopping" in running.log.read_text())
        running.process.send_signal(signal.SIGTERM)
        assert _rest(idle) == b"* BYE The server stops.\r\n"
        lock.execute("ROLLBACK")
    told = _rest(client).decode()
    assert re.search(
        r"^a OK \[APPENDUID \d+ \d+\] .*\r\n\* BYE The server stops\.\r\n\Z", told, re.M
    )
    # Another one, while the database is being closed or just after.
    code, log = running.stop()
    assert code == 0, log
    assert log.count("imapgate.service stopping") == 1
    assert log.rstrip().endswith("imapgate.service stopped")
    assert "Traceback" not in log
    assert list(temporary.iterdir()) == []
    assert running.json("activity", "list")[-1]["name"] == "kept"


def test_nobody_new_comes_in_while_the_server_stops(tmp_path: Path) -> None:
    """The ports are closed at once, not after the last session."""
    running = start(tmp_path / "demo", "demo")
    with contextlib.closing(sqlite3.connect(running.data / "imapgate.db")) as lock:
        lock.isolation_level = None
        lock.execute("BEGIN IMMEDIATE")
        client = _upload(running)
        running.imap("carol@Standard").logout()
        running.process.send_signal(signal.SIGTERM)

        def refused() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex((HOST, running.port)) != 0

        _until(refused)
        lock.execute("ROLLBACK")
    assert b"a OK [APPENDUID " in _rest(client)
    code, log = running.stop()
    assert code == 0, log

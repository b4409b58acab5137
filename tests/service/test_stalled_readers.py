"""Clients that ask for tens of megabytes and don't read, or read slowly, on real sockets."""

from __future__ import annotations

import contextlib
import re
import select
import socket
import sqlite3
import ssl
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from running import HOST, Running, start

from imapgate.limits import KIB, MIB, Limits

LINE = b"0123456789abcdef" * 4 + b"\r\n"
BODY = b"Subject: big\r\n\r\n" + LINE * (2 * MIB // len(LINE))
COPIES = 16
WHOLE = COPIES * len(BODY)
STALLED = 12
"""More sessions of one user than she has threads."""
STALLED_TIME = 6
"""Seconds."""
CHUNK = 256 * KIB
"""Octets of a body that are read at once, beyond what a batch holds already."""
RECEIVED = 64 * KIB
"""Octets that the system takes for a client that doesn't read; with much less the loopback, whose
packets are as large, drops them and waits ever longer before it tries again."""
PATIENCE = 60.0
"""Seconds in which an event must have come."""

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/PID/status (Linux)")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    """With 32 MiB in Alice's INBOX, and little patience."""
    data = tmp_path / "demo"
    data.mkdir(mode=0o700)
    (data / "imapgate.toml").write_text(f"[limits]\nstalled_time = {STALLED_TIME}\n")
    running = start(data, "demo")
    try:
        client = running.imap()
        client.append("INBOX", "", "", BODY)
        client.select("INBOX")
        have = 1
        while have < COPIES:
            assert client.copy(f"1:{have}", "INBOX")[0] == "OK"
            have *= 2
        client.logout()
        yield running
    finally:
        code, log = running.stop()
    assert code == 0, log
    assert "Traceback" not in log, log


class Reader:
    """A session with INBOX selected, on a socket that holds little, whose answers wait for us."""

    def __init__(self, server: Running, secure: bool) -> None:
        connection = socket.socket()
        connection.settimeout(PATIENCE)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVED)
        connection.connect((HOST, server.tls_port if secure else server.port))
        if secure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection = context.wrap_socket(connection)
        self.socket = connection
        self.command(b"a LOGIN alice@Standard demo")
        self.command(b"a EXAMINE INBOX")

    def command(self, line: bytes) -> None:
        self.socket.sendall(line + b"\r\n")
        said = b""
        while not re.search(rb"^a OK[^\n]*\n\Z", said, re.MULTILINE):
            said += self.socket.recv(4096)

    def ask(self, messages: bytes = b"1:*") -> None:
        self.socket.sendall(b"b FETCH %b BODY.PEEK[]\r\n" % messages)

    def is_cut_off(self) -> bool:
        """Whether the server has reset the connection, seen without reading."""
        watched = select.poll()
        watched.register(self.socket, 0)  # Errors and the end are told without being asked for.
        return bool(watched.poll(PATIENCE * 1000))

    def rest(self, at_once: int = 1 * MIB, pause: float = 0.0) -> bytes:
        """What comes up to the tagged answer, or until the server has had enough."""
        got = bytearray()
        with contextlib.suppress(ConnectionError, ssl.SSLError):
            while not got.endswith(b"b OK Fetched.\r\n"):
                octets = self.socket.recv(at_once)
                if not octets:
                    break
                got += octets
                time.sleep(pause)
        return bytes(got)


@pytest.fixture
def readers() -> Iterator[list[Reader]]:
    made: list[Reader] = []
    yield made
    for one in made:
        one.socket.close()


def resident(server: Running) -> int:
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return 1024 * sum(map(int, re.findall(r"Vm(?:RSS|Swap):\s+(\d+) kB", status)))


def settled(server: Running) -> int:
    """Resident octets when they have stopped to move for half a second."""
    last, same = resident(server), 0
    until = time.monotonic() + PATIENCE
    while same < 5 and time.monotonic() < until:
        time.sleep(0.1)
        now = resident(server)
        last, same = now, same + 1 if now == last else 0
    return last


def is_checkpointed(server: Running) -> bool:
    """Whether the whole log could be copied into the database and cut: nobody reads an older
    state of it."""
    until = time.monotonic() + PATIENCE
    with closing(sqlite3.connect(server.data / "imapgate.db", isolation_level=None)) as db:
        while time.monotonic() < until:
            busy, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not busy:
                return True
            time.sleep(0.1)
    return False


@linux
@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
def test_clients_that_do_not_read_hold_a_fixed_buffer_and_nothing_else(
    server: Running, readers: list[Reader], secure: bool
) -> None:
    """No memory beyond output_buffer and the batch behind it, no thread, no read transaction; after
    stalled_time they are cut off."""
    readers += [Reader(server, secure) for _ in range(STALLED)]
    # What the database's connections keep in their caches isn't the readers'.
    for one in readers:
        one.ask(b"1:2")
    with ThreadPoolExecutor(STALLED) as pool:
        assert all(len(one) > 2 * len(BODY) for one in pool.map(Reader.rest, readers))
    before = settled(server)
    for one in readers:
        one.ask()
    grown = settled(server) - before
    assert grown < STALLED * (Limits().output_buffer + CHUNK) + 8 * MIB
    other = server.imap()
    other.select("INBOX")
    assert other.store("1", "+FLAGS", r"(\Flagged)")[0] == "OK"
    other.logout()
    assert is_checkpointed(server)
    for one in readers:
        assert one.is_cut_off()
        assert len(one.rest()) < WHOLE // 4
    other = server.imap()
    assert other.select("INBOX")[1] == [str(COPIES).encode()]
    other.logout()


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])
def test_a_slow_reader_gets_every_octet(
    server: Running, readers: list[Reader], secure: bool
) -> None:
    """A kilobyte at a time."""
    reader = Reader(server, secure)
    readers.append(reader)
    reader.ask(b"1:2")
    got = reader.rest(1024, 0.0015)
    assert got.count(BODY) == 2
    assert got.endswith(b"b OK Fetched.\r\n")

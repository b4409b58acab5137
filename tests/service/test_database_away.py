"""The database goes away below a real server with open sessions, and comes back (rule 17)."""

from __future__ import annotations

import imaplib
import shutil
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from running import HOST, Running, start

AWAY = b"[UNAVAILABLE] Not filed: the database is away. Your mail stays where it was"
SPOOLED = AWAY + b"; a copy is kept and comes to Recovered Messages."
PATIENCE = 60.0
"""Seconds that an event may take to come, on a busy machine."""


def mail(subject: str) -> bytes:
    return f"From: erika@example.net\r\nSubject: {subject}\r\n\r\nText\r\n".encode()


class Line:
    """A client that speaks lines: pipelining, `{n+}` and IDLE as Thunderbird has them."""

    def __init__(self, running: Running, user: str = "alice@Standard") -> None:
        self.socket = socket.create_connection((HOST, running.port), timeout=PATIENCE)
        self.file = self.socket.makefile("rb")
        assert self.file.readline().startswith(b"* OK")
        assert self.ask(f"LOGIN {user} demo".encode())[-1].startswith(b"a OK")

    def send(self, octets: bytes) -> None:
        self.socket.sendall(octets)

    def until(self, *starts: bytes) -> list[bytes]:
        """Lines up to the one that begins with one of these."""
        found = [self.file.readline()]
        while not found[-1].startswith(starts):
            assert found[-1], f"the connection was closed behind {found}"
            found.append(self.file.readline())
        return [one.rstrip(b"\r\n") for one in found]

    def ask(self, command: bytes) -> list[bytes]:
        self.send(b"a " + command + b"\r\n")
        return self.until(b"a ")

    def upload(self, folder: bytes, content: bytes) -> bytes:
        """By a literal that doesn't wait; the answer."""
        self.send(b"a APPEND %b {%d+}\r\n%b\r\n" % (folder, len(content), content))
        return self.until(b"a ")[-1]

    def close(self) -> None:
        self.file.close()
        self.socket.close()


def wait_for(told: Callable[[], object]) -> None:
    """Until it says yes; asked again and again, since nothing tells when."""
    until = time.monotonic() + PATIENCE
    while not told():
        assert time.monotonic() < until, "it didn't come"
        time.sleep(0.05)


@contextmanager
def elsewhere(running: Running, *, log: bool = False) -> Iterator[Path]:
    """The database file is moved away; log: with what SQLite keeps beside it."""
    path = running.data / "imapgate.db"
    moved = []
    for suffix in ("", "-wal", "-shm") if log else ("",):
        beside = path.with_name(path.name + suffix)
        if beside.exists():
            moved.append((beside.rename(beside.with_name("moved" + suffix)), beside))
    try:
        yield path
    finally:
        for now, before in moved:
            now.rename(before)


def recovered(client: imaplib.IMAP4) -> int:
    status, lines = client.status('"Recovered Messages"', "(MESSAGES)")
    assert status == "OK"
    return int(lines[0].split()[-1].rstrip(b")"))


def listed(client: imaplib.IMAP4) -> list[bytes]:
    status, lines = client.list()
    assert status == "OK"
    return lines


@pytest.fixture
def idle(demo: Running) -> Iterator[Line]:
    line = Line(demo)
    assert line.ask(b"SELECT INBOX")[-1].startswith(b"a OK")
    line.send(b"a IDLE\r\n")
    line.until(b"+ ")
    yield line
    line.close()


@pytest.mark.parametrize("log", [False, True])
def test_the_database_file_is_moved_away_and_back(demo: Running, idle: Line, log: bool) -> None:
    """Open sessions hear NO [UNAVAILABLE] and stay; what is uploaded all the same is kept, and
    nothing that was acknowledged is lost. All goes on by itself when the file is back."""
    with demo.imap() as client, closing(Line(demo)) as line:
        folders = listed(client)
        assert client.append("Trackers/Support", "", "", mail("before"))[0] == "OK"
        with elsewhere(demo, log=log):
            for answer in (
                client.list(),
                client.lsub(),
                client.status("INBOX", "(MESSAGES)"),
                client.create("New"),
                client.select("INBOX"),
            ):
                assert answer[0] == "NO"
                assert b"[UNAVAILABLE]" in answer[1][0]
            status, text = client.append("Trackers/Support", "", "", mail("waits"))
            assert (status, text[0].startswith(AWAY + b", no copy was kept")) == ("NO", True)
            assert line.upload(b"Trackers/Support", mail("comes")) == b"a NO " + SPOOLED
            with (
                imaplib.IMAP4(HOST, demo.port, timeout=PATIENCE) as stranger,
                pytest.raises(imaplib.IMAP4.error, match="UNAVAILABLE"),
            ):
                stranger.login("alice@Standard", "demo")
            assert client.noop()[0] == "OK"
        wait_for(lambda: client.list()[0] == "OK")
        assert listed(client) == folders
        demo.imap().logout()
        wait_for(lambda: recovered(client) == 1)
        assert client.append("INBOX", "", "", mail("after"))[0] == "OK"
        assert idle.until(b"* ")[0].endswith(b" EXISTS")
        idle.send(b"DONE\r\n")
        idle.until(b"a OK")
        client.select("Trackers/Support")
        assert len(client.search(None, "SUBJECT", "before")[1][0].split()) == 1
        client.select('"Recovered Messages"')
        assert client.fetch("1", "(BODY.PEEK[] FLAGS)")[1][0][1] == mail("comes")
        assert not list((demo.data / "spool").iterdir())


def test_the_database_is_locked_by_another_process(demo: Running, idle: Line) -> None:
    """Reading goes on; what is written says NO after a while and is kept."""
    with demo.imap() as client:
        folders = listed(client)
        with closing(sqlite3.connect(demo.data / "imapgate.db", isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            status, text = client.append("Trackers/Support", "", "", mail("locked"))
            assert (status, text[0]) == ("NO", SPOOLED)
            assert listed(client) == folders
            assert client.select('"Try me"')[0] == "OK"
            status, text = client.copy("1", "Trackers/Support")
            assert (status, text[0].split(b":")[0]) == ("NO", b"[UNAVAILABLE] Not copied")
            assert b"Your mail stays where it was" in text[0]
            other.execute("ROLLBACK")
        wait_for(lambda: recovered(client) == 1)
        assert client.append("INBOX", "", "", mail("after"))[0] == "OK"
        assert idle.until(b"* ")[0].endswith(b" EXISTS")


def test_another_file_in_the_databases_place_is_neither_read_nor_written(
    demo: Running, tmp_path: Path
) -> None:
    """As when a backup is put there by hand: SQLite would play the old log into it, and sessions
    would take its UIDs for those that they know. The log says what to do."""
    with demo.imap() as client, closing(Line(demo)) as line:
        assert client.append("Trackers/Support", "", "", mail("ours"))[0] == "OK"
        backup = tmp_path / "backup.db"
        demo.command("backup", str(backup))
        before = backup.read_bytes()
        with elsewhere(demo) as path:
            shutil.copy(backup, path)
            assert client.list()[0] == "NO"
            assert line.upload(b"INBOX", mail("meanwhile")) == b"a NO " + SPOOLED
            wait_for(lambda: "another file stands" in demo.log.read_text())
            assert path.read_bytes() == before
            path.unlink()
        wait_for(lambda: recovered(client) == 1)
        told = demo.log.read_text()
        assert told.count("start the server anew") == 1


def test_what_is_in_the_spool_outlives_a_killed_server(tmp_path: Path) -> None:
    """SIGKILL while the database is away; the next start takes it in."""
    data = tmp_path / "demo"
    running = start(data, "demo")
    try:
        with closing(Line(running)) as line, elsewhere(running, log=True):
            assert line.upload(b"Trackers/Support", mail("kept")) == b"a NO " + SPOOLED
            running.process.kill()
            running.process.wait(timeout=PATIENCE)
    finally:
        running.stop()
    again = start(data, "demo")
    try:
        with again.imap() as client:
            wait_for(lambda: recovered(client) == 1)
            client.select('"Recovered Messages"')
            assert client.fetch("1", "(BODY.PEEK[])")[1][0][1] == mail("kept")
    finally:
        code, log = again.stop()
    assert code == 0, log
    assert "Traceback" not in log, log


def test_a_server_that_stops_while_the_file_is_away_leaves_it_whole(tmp_path: Path) -> None:
    """What it had acknowledged stood in the log that stayed behind: it goes into the file, wherever
    that is by now, and the log is empty for another file in its place."""
    data = tmp_path / "demo"
    running = start(data, "demo")
    try:
        with running.imap() as client:
            assert client.append("Trackers/Support", "", "", mail("acknowledged"))[0] == "OK"
        with elsewhere(running) as path:
            wait_for(lambda: "the database file is gone" in running.log.read_text())
            wait_for(lambda: path.with_name("imapgate.db-wal").stat().st_size == 0)
            code, log = running.stop()
            with closing(sqlite3.connect(path.with_name("moved"))) as moved:
                found = moved.execute("SELECT count(*) FROM activity WHERE name = 'acknowledged'")
                assert found.fetchone() == (1,)
    finally:
        running.stop()
    assert code == 0, log
    assert "Traceback" not in log, log
    again = start(data, "demo")
    try:
        with again.imap() as client:
            client.select("Trackers/Support")
            assert len(client.search(None, "SUBJECT", "acknowledged")[1][0].split()) == 1
    finally:
        assert again.stop()[0] == 0

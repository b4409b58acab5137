"""A mail client before and after a restore, and the command line beside a server."""

from __future__ import annotations

import imaplib
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from running import Running, environment, start, words

from imapgate.activities.people import person
from imapgate.cli.demo_content import PASSWORD
from imapgate.folders.drops import Arrival
from imapgate.folders.spool import NAME, Spool
from imapgate.limits import Limits
from storage import Database

FOLDER = "Trackers/Sales"


def _uidvalidity(client: imaplib.IMAP4, folder: str) -> int:
    client.select(folder)
    found = client.response("UIDVALIDITY")[1][0]
    assert found is not None
    return int(found)


def _append(client: imaplib.IMAP4, subject: str) -> bytes:
    content = f"Subject: {subject}\r\nMessage-ID: <{subject}@x>\r\n\r\nbody\r\n".encode()
    status, answer = client.append(FOLDER, "", "", content)
    assert status == "OK", answer
    return answer[0]


def _refused(data: Path, *rest: str) -> str:
    done = subprocess.run(
        words(data, *rest), capture_output=True, text=True, timeout=60, env=environment()
    )
    assert done.returncode == 1, (done.stdout, done.stderr)
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


def test_clients_synchronise_anew_after_a_restore_and_numbers_go_on(tmp_path: Path) -> None:
    """A backup beside the running server; what came later is gone, its UID and number stay so; what
    waited in the spool comes to its owner."""
    data, file = tmp_path / "demo", tmp_path / "backup.db"
    running = start(data, "demo")
    try:
        client = running.imap(password=PASSWORD)
        _append(client, "kept")
        running.command("backup", str(file))
        _append(client, "lost")
        before = {name: _uidvalidity(client, name) for name in ("INBOX", FOLDER)}
        newest = max(row["number"] for row in running.json("activity", "list"))
        client.logout()
        assert "A server is running" in _refused(data, "restore", str(file), "--yes")
        assert "A server is running" in _refused(data, "upgrade")
        second = ("demo", "--port", "0", "--tls-port", "0")
        assert "A server is running" in _refused(data, *second)
    finally:
        code, log = running.stop()
    assert code == 0, log
    _wait_in_the_spool(data)
    done = subprocess.run(
        words(data, "restore", str(file), "--yes"),
        capture_output=True,
        text=True,
        timeout=60,
        env=environment(),
    )
    assert done.returncode == 0, done.stderr
    assert "before-restore" in done.stdout
    running = start(data, "demo")
    try:
        client = running.imap(password=PASSWORD)
        after = {name: _uidvalidity(client, name) for name in before}
        assert min(after.values()) > max(before.values())
        assert len(set(after.values())) == len(after)
        subjects = _subjects(client)
        assert subjects == ["kept"]
        _expect_recovered(client)
        answer = _append(client, "new")
        assert b"[APPENDUID %d " % after[FOLDER] in answer
        assert max(row["number"] for row in running.json("activity", "list")) == newest + 1
        client.logout()
    finally:
        code, log = running.stop()
    assert code == 0, log
    assert "Traceback" not in log


def _wait_in_the_spool(data: Path) -> None:
    """A drop that came while the database was away."""
    with closing(Database.open(data / "imapgate.db")) as db:
        alice = db.read(lambda tx: person(tx, "alice@Standard"))
    arrival = Arrival(b"Subject: waited\r\n\r\nx\r\n", (), None, 0)
    answer = ("tests", "UNAVAILABLE", "The database is away.", int(time.time()))
    assert Spool(data / NAME, Limits()).keep(alice, FOLDER, [arrival], *answer)


def _expect_recovered(client: imaplib.IMAP4) -> None:
    """What waited while the database was restored comes to its owner."""
    end = time.monotonic() + 60
    while client.select('"Recovered Messages"')[1] != [b"1"]:
        assert time.monotonic() < end
        time.sleep(0.1)
    client.select(FOLDER)


def _subjects(client: imaplib.IMAP4) -> list[str]:
    client.select(FOLDER)
    _, found = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
    lines = [part[1] for part in found if isinstance(part, tuple)]
    return [line.decode().strip().removeprefix("Subject: ") for line in lines]


def test_a_server_is_told_what_stands_before_it(tmp_path: Path) -> None:
    """An older or newer database, named with the command that helps, in a process of its own."""
    running: Running = start(tmp_path / "demo", "demo")
    running.stop()
    database = tmp_path / "demo" / "imapgate.db"
    for revision, told in (("0000", "run `imapgate upgrade`"), ("9999", "newer imapgate")):
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        assert told in _refused(tmp_path / "demo", "serve", "--port", "0", "--tls-port", "0")

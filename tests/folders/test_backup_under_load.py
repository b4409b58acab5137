"""A backup that is taken while several people drop mails."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from desk import Desk, mail
from sqlalchemy import func, select
from world import build

from imapgate.folders.verdict import Outcome
from storage import Database, Tx, backup, messages
from storage.schema import activity, entry, folder, message

WRITERS = 4
BACKUPS = 4


def _held(file: Path) -> set[bytes]:
    """Hashes of the messages that a backup holds in group folders, each read whole; every one has
    an activity, and UIDs and numbers are below the next one."""

    def work(tx: Tx) -> set[bytes]:
        rows = tx.connection.execute(
            select(message.c.id, message.c.sha256, message.c.size, entry.c.activity_id)
            .join_from(entry, message, message.c.id == entry.c.stored_message_id)
            .join(folder, folder.c.id == entry.c.folder_id)
            .where(folder.c.group_id.is_not(None), entry.c.uid < folder.c.uidnext)
        ).all()
        for row in rows:
            whole = messages.read_range(tx, row.id, 0, row.size)
            assert hashlib.sha256(whole).digest() == row.sha256
            assert row.activity_id is not None
        made = tx.connection.execute(select(func.count()).select_from(activity)).scalar_one()
        assert made == len(rows) == len({row.activity_id for row in rows})
        return {row.sha256 for row in rows}

    with closing(Database.open(file)) as db:
        return db.read(work)


def test_what_was_acknowledged_before_a_backup_began_is_in_it(db: Database, tmp_path: Path) -> None:
    """And what was dropped meanwhile is whole or absent; nobody fails or waits for ever."""
    alice = Desk(build(db), build(db).alice)
    acknowledged: list[bytes] = []
    troubles: list[object] = []
    enough = threading.Event()

    def write(number: int) -> None:
        n = 0
        while not enough.is_set():
            content = mail(f"mail {n}", f"{number}-{n}", body="x" * 5000)
            verdict = alice.append("Trackers/Sales", content)
            if verdict.outcome is not Outcome.DONE:
                troubles.append(verdict)
                return
            acknowledged.append(hashlib.sha256(content).digest())
            n += 1

    writers = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    for one in writers:
        one.start()
    try:
        taken = []
        for n in range(BACKUPS):
            before = set(acknowledged)
            file = tmp_path / f"backup-{n}.db"
            backup.take(db.path, file)
            taken.append((before, file, set(acknowledged)))
    finally:
        enough.set()
        for one in writers:
            one.join(60)
    assert not troubles
    assert not any(one.is_alive() for one in writers)
    everything = set(acknowledged)
    for before, file, after in taken:
        held = _held(file)
        assert before <= held
        # What a writer had committed but not noted yet may be in it too.
        assert len(held - after) <= WRITERS
        assert held <= everything
    assert len(taken[-1][0]) > len(taken[0][0]), "the writers went on"


def test_pages_that_were_given_up_don_t_come_along(db: Database, tmp_path: Path) -> None:
    """They may still hold what was deleted; the copy has none."""
    alice = Desk(build(db), build(db).alice)
    alice.append("Trackers/Sales", mail("gone", 1, body="x" * 100_000))

    def wipe(tx: Tx) -> None:
        tx.connection.exec_driver_sql("DELETE FROM message_chunk")

    db.write(wipe)
    file = tmp_path / "backup.db"
    backup.take(db.path, file)
    given_up = [_pages_given_up(path) for path in (db.path, file)]
    assert given_up[0] > 20
    assert given_up[1] == 0


def _pages_given_up(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("PRAGMA freelist_count").fetchone()[0])

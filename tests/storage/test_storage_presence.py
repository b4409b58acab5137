"""The database file is moved away, comes back, or another one stands in its place."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event, select
from storage_rows import held_writer, marks, put

from storage import Database, Tx
from storage.changes import Change
from storage.engine import Unavailable
from storage.schema import folder


def away(path: Path) -> Path:
    return path.rename(path.with_name("elsewhere.db"))


def test_nothing_is_acknowledged_into_a_file_that_was_moved_away(
    db: Database, db_path: Path
) -> None:
    """SQLite itself would go on and commit to it: what is acknowledged must be in the database."""
    db.write(put("before"))
    moved = away(db_path)
    for _ in range(2):
        with pytest.raises(Unavailable, match="the database file is gone"):
            db.write(put("lost"))
        with pytest.raises(Unavailable, match="the database file is gone"):
            marks(db)
    assert not db_path.exists()
    moved.rename(db_path)
    db.write(put("after"))
    assert marks(db) >= {"before", "after"}
    assert "lost" not in marks(db)


def test_a_file_that_is_moved_during_a_commit_takes_no_answer_along(
    db: Database, db_path: Path
) -> None:
    """Moved after the last look before COMMIT: the commit went with the file, and nobody is told
    that it stands here."""
    db.write(put("before"))
    event.listen(db._writing, "commit", lambda _: away(db_path), once=True)
    with pytest.raises(Unavailable, match="gone"):
        db.write(put("gone along"))


def test_what_was_committed_as_the_file_went_away_is_not_run_once_more(
    db: Database, db_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is back at once, so that a second run would find it; whoever asked is told that
    nobody knows, and what was committed stands once."""
    check, looks = db._writer._check, iter(range(100))
    ran: list[str] = []

    def gone_after_the_commit() -> None:
        if next(looks) != 1:
            check()
            return
        moved = away(db_path)
        try:
            check()
        finally:
            moved.rename(db_path)

    def counted(key: str) -> Callable[[Tx], str]:
        def work(tx: Tx) -> str:
            ran.append(key)
            return put(key)(tx)

        return work

    monkeypatch.setattr(db._writer, "_check", gone_after_the_commit)
    with held_writer(db) as ask:
        calls = [ask(counted("one")), ask(counted("two"))]
    assert [type(call.error) for call in calls] == [Unavailable, Unavailable]
    assert ran == ["one", "two"]
    assert marks(db) == {"one", "two"}
    db.write(counted("after"))
    assert marks(db) == {"one", "two", "after"}


def test_a_log_that_is_gone_when_the_file_comes_back_is_no_longer_written_to(
    db: Database, db_path: Path
) -> None:
    """Connections from before would write to a log that nobody else sees."""
    db.write(put("before"))
    moved = away(db_path)
    with pytest.raises(Unavailable):
        marks(db)
    for suffix in ("-wal", "-shm"):
        beside = db_path.with_name(db_path.name + suffix)
        beside.unlink(missing_ok=True)
    moved.rename(db_path)
    db.write(put("after"))
    with closing(sqlite3.connect(db_path)) as other:
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    again = Database.open(db_path)
    assert "after" in marks(db) & marks(again)
    again.close()


def test_another_file_in_its_place_is_left_alone(
    db: Database, db_path: Path, empty_database: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither read nor written: its folders and UIDs are not those that sessions know. The log says
    what to do, once."""
    db.write(put("ours"))
    before = empty_database.read_bytes()
    kept = away(db_path)
    with caplog.at_level(logging.ERROR):
        with pytest.raises(Unavailable, match="gone"):
            db.changes.check()
        shutil.copy(empty_database, db_path)
        for _ in range(3):
            with pytest.raises(Unavailable, match="another file"):
                db.write(put("lost"))
            with pytest.raises(Unavailable, match="another file"):
                marks(db)
            with pytest.raises(Unavailable, match="another file"):
                db.changes.check()
    assert db_path.read_bytes() == before
    assert [one.getMessage() for one in caplog.records] == [
        "the database file is gone; put it back, and the server goes on",
        "another file stands in the database's place; start the server anew",
    ]
    db_path.unlink()
    kept.rename(db_path)
    assert "ours" in marks(db)
    assert "lost" not in marks(db)


def test_when_it_is_back_everybody_is_told_to_look(db: Database, db_path: Path) -> None:
    """What was committed while nobody could look is found by whoever waits for news."""
    heard: list[Change] = []
    db.changes.subscribe(heard.append)
    db.changes.check()
    moved = away(db_path)
    with pytest.raises(Unavailable):
        db.changes.check()
    moved.rename(db_path)
    db.changes.check()
    everything = frozenset(db.read(lambda tx: tx.connection.execute(select(folder.c.id)).scalars()))
    assert heard == [Change(everything, True)]
    db.changes.check()
    assert len(heard) == 1


def test_what_was_acknowledged_goes_with_the_file_that_is_moved_away(
    db: Database, db_path: Path, tmp_path: Path
) -> None:
    """It stood in the log, which stays behind: SQLite itself would leave it there."""
    db.changes.check()
    db.write(put("acknowledged"))
    moved = away(db_path)
    with pytest.raises(Unavailable):
        db.changes.check()
    (tmp_path / "alone").mkdir()
    alone = shutil.copy(moved, tmp_path / "alone" / "imapgate.db")
    with closing(sqlite3.connect(alone)) as other:
        assert ("acknowledged",) in other.execute("SELECT key FROM meta").fetchall()
    assert db_path.with_name(db_path.name + "-wal").stat().st_size == 0


def test_a_log_that_stayed_behind_is_not_played_into_another_file(
    db: Database, db_path: Path, empty_database: Path
) -> None:
    """Which is put in the database's place, and opened after the next start."""
    db.changes.check()
    db.write(put("of another file"))
    away(db_path)
    with pytest.raises(Unavailable):
        db.changes.check()
    shutil.copy(empty_database, db_path)
    db.close()
    again = Database.open(db_path)
    assert marks(again) == set()
    again.write(put("after"))
    again.close()
    with closing(sqlite3.connect(db_path)) as other:
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert other.execute("SELECT count(*) FROM meta WHERE key = 'after'").fetchone() == (1,)


def test_a_log_that_somebody_reads_is_brought_home_with_a_later_look(
    db: Database, db_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite.BUSY_SECONDS", 0.0)
    db.changes.check()
    db.write(put("first"))
    with closing(sqlite3.connect(db_path, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM meta").fetchone()
        db.write(put("acknowledged"))
        away(db_path)
        with pytest.raises(Unavailable):
            db.changes.check()
        assert db_path.with_name(db_path.name + "-wal").stat().st_size
        other.execute("ROLLBACK")
    with pytest.raises(Unavailable):
        db.changes.check()
    assert db_path.with_name(db_path.name + "-wal").stat().st_size == 0

"""Group commit (docs/rules.md 19): gathered, each in its own SAVEPOINT, answered after COMMIT."""

from __future__ import annotations

import logging
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import Connection, event, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from storage_rows import Call, held_writer, make_folder, make_segment, marks, put

from storage import Database, Tx, sqlite
from storage.changes import Change
from storage.engine import Unavailable
from storage.schema import change, contact, meta


def full_disk() -> OperationalError:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return OperationalError("COMMIT", {}, error)


class Commits:
    """Counts COMMITs of a database's writer; the first `failing` of them fail."""

    def __init__(self, db: Database, failing: int = 0) -> None:
        self.count = 0
        self.failing = failing
        event.listen(db._writing, "commit", self._seen)

    def _seen(self, _connection: Connection) -> None:
        self.count += 1
        if self.count <= self.failing:
            raise full_disk()


def test_ten_gathered_in_one_commit_one_fails_and_nine_stand(db: Database) -> None:
    def broken(tx: Tx) -> None:
        put("broken")(tx)
        raise KeyError("mine")

    with held_writer(db) as ask:
        calls = [ask(broken if n == 4 else put(f"m{n}")) for n in range(10)]
        commits = Commits(db)
    assert commits.count == 1
    assert marks(db) == {f"m{n}" for n in range(10) if n != 4}
    assert [call.value for call in calls if call.error is None] == [
        f"m{n}" for n in range(10) if n != 4
    ]
    assert isinstance(calls[4].error, KeyError)


def test_a_broken_constraint_is_its_callers_alone(db: Database) -> None:
    with held_writer(db) as ask:
        first, second, third = ask(put("a")), ask(put("a")), ask(put("b"))
    assert first.error is None
    assert third.error is None
    assert isinstance(second.error, IntegrityError)
    assert marks(db) == {"a", "b"}


def test_a_failed_commit_runs_each_once_more_alone(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with held_writer(db) as ask:
        calls = [ask(put(f"m{n}")) for n in range(3)]
        commits = Commits(db, failing=1)
    assert [call.error for call in calls] == [None] * 3
    assert marks(db) == {"m0", "m1", "m2"}
    assert commits.count == 1 + 4  # together; then the holder and the three alone
    assert "each is run alone" in caplog.text


def test_a_commit_that_fails_twice_says_that_the_disk_is_full(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    Commits(db, failing=2)
    with pytest.raises(Unavailable, match="disk is full") as told:
        db.write(put("a"))
    assert "COMMIT" not in str(told.value)
    assert marks(db) == set()
    assert db.write(put("b")) == "b"
    assert caplog.records


def test_a_transaction_that_is_lost_in_one_request_is_made_up_for_the_others(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """Some errors (disk full, I/O) make SQLite roll back everything, not the statement alone."""
    runs = []

    def lost(tx: Tx) -> None:
        runs.append(1)
        tx.connection.exec_driver_sql("ROLLBACK")
        raise full_disk()

    with held_writer(db) as ask:
        first, second, third = ask(put("a")), ask(lost), ask(put("b"))
    assert first.error is None
    assert third.error is None
    assert isinstance(second.error, Unavailable)
    assert len(runs) == 2
    assert marks(db) == {"a", "b"}
    assert caplog.records


def test_a_really_full_file_keeps_nothing_and_goes_on_when_there_is_room(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    used = db.read(lambda tx: tx.connection.exec_driver_sql("PRAGMA page_count").scalar_one())
    room = [used + 4]

    def limit(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={room[0]}").close()

    event.listen(db._writing, "begin", limit)
    with pytest.raises(Unavailable, match="disk is full"):
        db.write(put("big", "x" * 1_000_000))
    assert db.write(put("small")) == "small"
    room[0] = 1_000_000
    db.write(put("big", "x" * 1_000_000))
    assert marks(db) == {"small", "big"}
    caplog.clear()


def test_a_lock_that_stays_says_unavailable_and_a_released_one_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    db = Database.create(tmp_path / "x.db", "tests")
    other = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked by another process"):
            db.write(put("a"))
        assert marks(db) == set()
        other.execute("ROLLBACK")
        db.write(put("a"))
    finally:
        other.close()
        db.close()


def test_a_wrong_statement_is_no_matter_of_the_databases_being_away(db: Database) -> None:
    with pytest.raises(OperationalError):
        db.write(lambda tx: tx.connection.execute(text("SELECT nothing FROM nowhere")))
    with pytest.raises(OperationalError):
        db.read(lambda tx: tx.connection.execute(text("SELECT nothing FROM nowhere")))


def test_foreign_keys_hold(db: Database) -> None:
    row = {"segment_id": 999, "name": "n", "created_at": 0}
    with pytest.raises(IntegrityError):
        db.write(lambda tx: tx.connection.execute(insert(contact), row))


def test_a_write_inside_a_write_is_refused_and_does_not_hang(db: Database) -> None:
    with pytest.raises(RuntimeError, match="inside a write"):
        db.write(lambda _tx: db.write(put("a")))
    assert db.write(put("b")) == "b"


def test_events_come_after_commit_once_for_the_whole_batch(db: Database) -> None:
    one, two = db.write(
        lambda tx: (make_folder(tx, s := make_segment(tx)), make_folder(tx, s, "g"))
    )
    heard: list[tuple[Change, set[str]]] = []
    db.changes.subscribe(lambda news: heard.append((news, marks(db))))

    def touching(folder_id: int) -> object:
        def work(tx: Tx) -> None:
            put(f"t{folder_id}")(tx)
            tx.touch(folder_id)
            assert heard == []

        return work

    def failing(tx: Tx) -> None:
        tx.touch_people()
        raise ValueError

    with held_writer(db) as ask:
        ask(touching(one))
        ask(failing)
        ask(touching(two))
    assert heard == [(Change(frozenset({one, two}), people=False), {f"t{one}", f"t{two}"})]


def test_nothing_is_told_of_what_was_not_committed(db: Database) -> None:
    heard: list[Change] = []
    db.changes.subscribe(heard.append)

    def failing(tx: Tx) -> None:
        tx.touch(1)
        raise ValueError

    with pytest.raises(ValueError):
        db.write(failing)
    assert heard == []
    assert db.read(lambda tx: tx.connection.execute(select(change)).all()) == []


def test_a_listener_that_raises_is_logged_once_and_breaks_nothing(
    db: Database, caplog: pytest.LogCaptureFixture
) -> None:
    def bad(_news: Change) -> None:
        raise ZeroDivisionError

    heard: list[Change] = []
    db.changes.subscribe(bad)
    end = db.changes.subscribe(heard.append)
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            db.write(Tx.touch_people)
    assert heard == [Change(frozenset(), True)] * 3
    assert len([one for one in caplog.records if one.exc_info]) == 1
    end()
    db.write(Tx.touch_people)
    assert len(heard) == 3


def test_news_in_a_read_is_refused(db: Database) -> None:
    with pytest.raises(RuntimeError):
        db.read(lambda tx: tx.touch(1))


def test_a_reader_sees_one_snapshot_and_never_waits(db: Database) -> None:
    def look(tx: Tx) -> set[str]:
        return set(tx.connection.execute(select(meta.c.key)).scalars())

    def read(tx: Tx) -> None:
        before = look(tx)
        Call(db, put("during")).join(30)
        assert look(tx) == before

    db.read(read)
    assert marks(db) == {"during"}

    written, go_on = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        put("slow")(tx)
        written.set()
        assert go_on.wait(30)

    writing = Call(db, slow)
    assert written.wait(30)
    assert marks(db) == {"during"}
    go_on.set()
    writing.join(30)
    assert marks(db) == {"during", "slow"}


def test_a_read_can_not_write(db: Database) -> None:
    with pytest.raises(Unavailable, match="read-only"):
        db.read(put("a"))


def test_close_finishes_what_was_asked_for_and_refuses_the_rest(
    db: Database, db_path: Path
) -> None:
    with held_writer(db) as ask:
        calls = [ask(put(f"m{n}")) for n in range(3)]
        closing = threading.Thread(target=db.close)
        closing.start()
    closing.join(30)
    assert [call.error for call in calls] == [None] * 3
    db.close()
    with pytest.raises(Unavailable, match="closed"):
        db.write(put("late"))
    with pytest.raises(Unavailable, match="closed"):
        marks(db)
    again = Database.open(db_path)
    assert marks(again) == {"m0", "m1", "m2"}
    again.close()


def test_what_a_request_raises_comes_out_as_it_is(db: Database) -> None:
    class Own(BaseException):
        pass

    def work(_tx: Tx) -> None:
        raise Own("text")

    with pytest.raises(Own, match="text"):
        db.write(work)
    assert db.write(put("a")) == "a"

"""News of other processes' commits."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from storage_rows import make_folder, make_segment, put

import storage
from storage import Database, Tx
from storage.changes import Change
from storage.schema import change

OTHER_PROCESS = """
import sys
from pathlib import Path
from storage import Database
db = Database.open(Path(sys.argv[1]))
db.write(lambda tx: tx.touch(int(sys.argv[2])))
db.close()
"""


@pytest.fixture
def other(db: Database, db_path: Path) -> Iterator[Database]:
    """A second Database on the same file, as another process has it."""
    opened = Database.open(db_path)
    yield opened
    opened.close()


def collect(db: Database) -> list[Change]:
    heard: list[Change] = []
    db.changes.subscribe(heard.append)
    return heard


def test_another_databases_commits_are_told_at_the_next_look(db: Database, other: Database) -> None:
    heard = collect(db)
    other.write(lambda tx: tx.touch(7))
    other.write(Tx.touch_people)
    assert heard == []
    db.changes.check()
    assert heard == [Change(frozenset({7}), people=True)]
    db.changes.check()
    assert len(heard) == 1


def test_own_commits_are_told_once(db: Database, other: Database) -> None:
    heard = collect(db)
    db.write(lambda tx: tx.touch(1))
    other.write(lambda tx: tx.touch(2))
    db.write(lambda tx: tx.touch(3))
    db.changes.check()
    assert heard == [Change(frozenset({n}), False) for n in (1, 3, 2)]


def test_commits_that_touch_nothing_are_no_news(db: Database, other: Database) -> None:
    heard = collect(db)
    other.write(put("a"))
    db.changes.check()
    assert heard == []


def test_what_was_committed_before_opening_is_no_news(db: Database, db_path: Path) -> None:
    db.write(lambda tx: tx.touch(1))
    late = Database.open(db_path)
    heard = collect(late)
    late.changes.check()
    late.close()
    assert heard == []


def test_the_watcher_hears_a_real_process(db: Database, db_path: Path) -> None:
    heard = threading.Event()
    news: list[Change] = []
    db.changes.subscribe(lambda one: (news.append(one), heard.set()))
    db.changes.watch(interval=0.01)
    subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS, str(db_path), "42"],
        check=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(Path(storage.__file__).parents[1])},
    )
    assert heard.wait(30)
    assert news == [Change(frozenset({42}), people=False)]


def test_rows_older_than_a_day_are_trimmed_but_for_the_newest(
    db: Database, other: Database
) -> None:
    old = [{"origin": "x", "folder_id": 5, "at": 1000} for _ in range(3)]
    other.write(lambda tx: tx.connection.execute(insert(change), old))
    db.write(lambda tx: tx.touch(6))
    left = db.read(lambda tx: tx.connection.execute(select(change.c.folder_id)).scalars().all())
    assert left == [6]


def test_who_missed_trimmed_rows_looks_at_everything(db: Database, other: Database) -> None:
    folder = db.write(lambda tx: make_folder(tx, make_segment(tx)))
    heard = collect(db)
    gap = {"id": 1000, "origin": "x", "folder_id": 5, "at": 1000}
    other.write(lambda tx: tx.connection.execute(insert(change), gap))
    db.changes.check()
    assert heard == [Change(frozenset({folder}), people=True)]

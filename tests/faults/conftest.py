"""A scene per test: a furnished world, and a server in memory on it."""

from __future__ import annotations

import logging
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing

import pytest
import scene as scenes
import world as worlds
from scene import NOW, Scene
from sqlalchemy import event
from transcript import Stage

from storage import Database


@pytest.fixture(scope="session")
def beginning(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A furnished database's pages, out of WAL mode."""
    path = tmp_path_factory.mktemp("beginning") / "imapgate.db"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "time", lambda: float(NOW))
        database = Database.create(path, "tests")
        try:
            scenes.furnish(worlds.build(database))
        finally:
            database.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
        return connection.serialize()


@pytest.fixture
def scene(db: Database, beginning: bytes, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(time, "time", lambda: float(NOW))
    # Thousands of tracebacks, each made into text, take longer than what the tests are about.
    monkeypatch.setattr(logging.root.manager, "disable", logging.CRITICAL)
    event.listen(db._writing, "connect", scenes.without_flushes)
    stage = Stage(worlds.build(db))
    made = Scene(stage, beginning, db.path.with_name("spool"))
    made.reset()
    yield made
    made.reset()
    stage.close()

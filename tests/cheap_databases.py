"""What thousands of databases, each for one test, would otherwise cost. Servers that tests start
are processes of their own, and do all of this as ever."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache

from storage import sqlite

FLUSHED = sqlite.FLUSHED


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once() -> Iterator[None]:
    """SQLAlchemy compiles each statement once for each engine, which was a third of what a test
    with a database of its own took. All engines here speak the same SQLite."""
    compiled: LRUCache[Any, Any] = LRUCache(5000)
    create_engine = sqlite.create_engine

    def sharing(*arguments: Any, **named: Any) -> Engine:
        engine = create_engine(*arguments, **named)
        engine._compiled_cache = compiled
        return engine

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sqlite, "create_engine", sharing)
        # A statement is looked up by its dialect, too.
        patched.setattr(
            SQLiteDialect_pysqlite, "__eq__", lambda one, other: type(one) is type(other)
        )
        patched.setattr(SQLiteDialect_pysqlite, "__hash__", lambda one: hash(type(one)))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_flushes() -> Iterator[None]:
    """A test that ends with its process has no use for what survives a power cut."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sqlite, "FLUSHED", ("PRAGMA synchronous=OFF",))
        yield


@pytest.fixture
def real_flushes(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests of them; to be asked for before the database."""
    monkeypatch.setattr(sqlite, "FLUSHED", FLUSHED)

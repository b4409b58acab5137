"""Fixtures of every room's tests; modules beside this file can be imported by their name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import Database

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def db_path(tmp_path: Path) -> Path:
    """Where `db` stands."""
    return tmp_path / "imapgate.db"


@pytest.fixture
def db(db_path: Path) -> Iterator[Database]:
    """A fresh, empty database, closed afterwards."""
    database = Database.create(db_path, "tests")
    try:
        yield database
    finally:
        database.close()

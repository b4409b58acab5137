"""Fixtures of every room's tests; modules beside this file can be imported by their name."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from imapgate.activities import passwords
from storage import Database

sys.path.insert(0, str(Path(__file__).parent))
pytest_plugins = ["cheap_databases", "skips", "figures", "dovecot", "exim", "token_server"]


DEAR = passwords._hasher


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """What a password costs takes a quarter of a second of a processor, and thousands of tests sign
    in."""
    with pytest.MonkeyPatch.context() as patched:
        cheap = cache(partial(PasswordHasher, time_cost=1, memory_cost=8, parallelism=1))
        patched.setattr(passwords, "_hasher", cheap)
        passwords._nobodys_hash.cache_clear()
        yield
    passwords._nobodys_hash.cache_clear()


@pytest.fixture
def dear_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """For tests of what they cost."""
    monkeypatch.setattr(passwords, "_hasher", DEAR)
    passwords._nobodys_hash.cache_clear()
    yield
    passwords._nobodys_hash.cache_clear()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy: making a schema anew costs more than most tests."""
    path = tmp_path_factory.mktemp("empty") / "imapgate.db"
    Database.create(path, "tests").close()
    return path


@pytest.fixture
def db_path(tmp_path: Path) -> Path:
    """Where `db` stands."""
    return tmp_path / "imapgate.db"


@pytest.fixture
def db(db_path: Path, empty_database: Path) -> Iterator[Database]:
    """A fresh, empty database, closed afterwards."""
    shutil.copy(empty_database, db_path)
    database = Database.open(db_path)
    try:
        yield database
    finally:
        database.close()

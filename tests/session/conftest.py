"""A stage per test: a server in memory on a copy of one small world."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import world as worlds
from transcript import Stage
from world import World

from storage import Database


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A world that is built once; each test gets a copy of its file."""
    path = tmp_path_factory.mktemp("template") / "imapgate.db"
    database = Database.create(path, "tests")
    try:
        built = worlds.build(database)
    finally:
        database.close()
    return path, built


@pytest.fixture
def world(template: tuple[Path, World], tmp_path: Path) -> Iterator[World]:
    path, built = template
    copy = tmp_path / "imapgate.db"
    for one in path.parent.iterdir():
        shutil.copy(one, copy.with_name(one.name))
    database = Database.open(copy)
    try:
        yield built.copied(database)
    finally:
        database.close()


@pytest.fixture
def stage(world: World) -> Iterator[Stage]:
    made = Stage(world)
    yield made
    made.close()

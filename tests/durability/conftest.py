"""Marks everything here as `durability`; data directories and servers for it."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import world as worlds
from mails import NUMBERS
from servers import Zygote, copied
from world import PASSWORD, World
from zygote import cheap_hasher

from imapgate.activities import by_hand, groups
from storage import Database, Tx

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this directory."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.durability)
            item.add_marker(
                pytest.mark.skipif(sys.platform == "win32", reason="Windows has no fork")
            )


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, World]:
    """A data directory to copy, closed and with certificates, and what is in it."""
    data = tmp_path_factory.mktemp("template")
    file = data / "imapgate.db"
    database = Database.create(file, "tests")
    try:
        built = worlds.build(database)
        database.write(lambda tx: _activities(tx, built))
    finally:
        database.close()
    cheap = cheap_hasher().hash(PASSWORD)
    with closing(sqlite3.connect(file)) as db:
        db.execute("UPDATE principal SET password_hash = ?", (cheap,))
        db.commit()
    return data, built


@pytest.fixture
def data(template: tuple[Path, World], tmp_path: Path) -> Path:
    """A data directory of one's own."""
    return copied(template[0], tmp_path / "data")


@pytest.fixture(scope="session")
def zygote(
    tmp_path_factory: pytest.TempPathFactory, template: tuple[Path, World]
) -> Iterator[Zygote]:
    """Starts servers; one in each test process. The certificates are made at its first start."""
    with Zygote(tmp_path_factory.mktemp("servers") / "log") as made:
        made.start(template[0], still=True).stop()
        yield made


def _activities(tx: Tx, built: World) -> None:
    """Those that mails name."""
    group = groups.find_group(tx, built.segment_id, "Support")
    for number in NUMBERS:
        made = by_hand.new_activity(
            tx, built.segment_id, f"Incident {number}", creator="GadgetASupport", groups=[group]
        )
        assert made == number

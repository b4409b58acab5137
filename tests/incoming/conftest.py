"""The segment that mail comes into."""

from __future__ import annotations

from pathlib import Path

import pytest
import world as worlds
from accounting import Office, office_of

from storage import Database


@pytest.fixture
def world(db: Database) -> worlds.World:
    """A small segment in a fresh database."""
    return worlds.build(db)


@pytest.fixture
def office(world: worlds.World, tmp_path: Path) -> Office:
    """Who looks after its accounts."""
    return office_of(world, tmp_path)

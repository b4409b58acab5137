"""The segment that mail goes out of."""

from __future__ import annotations

import pytest
import world as worlds
from telling import bell as bell

from storage import Database


@pytest.fixture
def world(db: Database) -> worlds.World:
    """A small segment in a fresh database."""
    return worlds.build(db)

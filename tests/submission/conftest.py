"""A submission listener in memory, with a mailer whose server is scripted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import world as worlds
from posting import with_mailer
from submitting import Post

from storage import Database


@pytest.fixture
def world(db: Database) -> worlds.World:
    """A small segment in a fresh database, with a mailer."""
    made = worlds.build(db)
    with_mailer(made)
    return made


@pytest.fixture
def post(world: worlds.World) -> Iterator[Post]:
    made = Post(world)
    yield made
    made.close()

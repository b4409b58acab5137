"""Folders that go while somebody looks at them."""

from __future__ import annotations

import mailroom
import pytest
import world as worlds
from world import World

from imapgate.folders import opening, tree
from imapgate.limits import Limits
from storage import Database


@pytest.fixture
def world(db: Database) -> World:
    return worlds.build(db)


def test_recent_is_not_claimed_in_a_folder_that_is_gone(world: World) -> None:
    """The session that had it selected claims when it leaves, after the DELETE."""
    world.db.write(lambda tx: tree.create(tx, world.alice, "Soon gone", Limits()))
    folder = mailroom.folder(world, world.alice, "Soon gone")
    mailroom.put(world, world.alice, "Soon gone", [mailroom.PLAIN])
    world.db.write(lambda tx: tree.delete(tx, world.alice, "Soon gone"))
    world.db.write(lambda tx: opening.claim_recent(tx, world.alice, folder.id, 1))

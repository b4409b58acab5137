"""Activities' messages in what is exported."""

from __future__ import annotations

import pytest
from desk import Desk, mail
from revising import SUPPORT, case, make
from world import World, build

from storage import Database, exporting


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


def test_a_group_has_them_under_the_activity_s_name(world: World) -> None:
    """As they stand in its folder, each activity once."""
    one = case(world, beside=["Sales"])
    make(world.db)
    Desk(world, world.alice).append(SUPPORT, mail("A letter"))
    group_id = world.groups["Support"]
    found = world.db.read(lambda tx: exporting.of_group(tx, group_id, 0, 10))
    assert [(row.number, row.subject) for row in found] == [
        (one.number, "Gadget does not boot"),
        (one.number + 1, "A letter"),
    ]
    assert world.db.read(lambda tx: exporting.without_mail(tx, group_id, 0, 10)) == []


def test_an_activity_is_exported_as_it_is_now(world: World) -> None:
    """Not as one of the messages that its groups have of it."""
    one = case(world, beside=["Sales"])
    make(world.db)
    assert world.db.read(lambda tx: exporting.of_activity(tx, one.id)) == []

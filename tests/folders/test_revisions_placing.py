"""An activity's message put into a group's folder at once, and brought again."""

from __future__ import annotations

from functools import partial

import pytest
from desk import Desk
from revising import AT_ONCE, SALES, SUPPORT, case, make, unseen
from world import World, build

from imapgate.folders.revisions import placing
from storage import Database, activities, expunged
from storage.schema import DELETED, SEEN


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


def test_where_it_stands_it_is_found(world: World) -> None:
    one = case(world)
    make(world.db)
    place = partial(placing.place, activity_id=one.id, group_id=world.groups["Support"])
    assert world.db.write(lambda tx: place(tx, limits=AT_ONCE)) == one.stands()[0][1]
    assert len(one.stands()) == 1


def test_in_a_group_that_it_joins_it_is_made_at_once(world: World, alice: Desk) -> None:
    """What is made afterwards is one more revision, everywhere."""
    one = case(world)
    make(world.db)
    group_id = world.groups["Sales"]

    def join(tx: object) -> int:
        activities.put_into_group(tx, one.id, group_id)  # type: ignore[arg-type]
        activities.change(tx, one.id)  # type: ignore[arg-type]
        return placing.place(tx, one.id, group_id, AT_ONCE)  # type: ignore[arg-type]

    uid = world.db.write(join)
    (row,) = alice.rows(SALES)
    assert (row.uid, row.activity_id, one.revision()) == (uid, one.id, 1)
    assert unseen(world, SALES) == {"alice": [uid], "bob": [uid]}
    assert make(world.db) == 1
    assert [len(alice.rows(name)) for name in (SUPPORT, SALES)] == [1, 1]


def test_before_its_first_revision(world: World, alice: Desk) -> None:
    """The first one is not made twice where nothing changes."""
    one = case(world)
    uid = world.db.write(lambda tx: placing.place(tx, one.id, world.groups["Support"], AT_ONCE))
    assert one.revision() == 1
    assert make(world.db) == 1
    assert [row.uid for row in alice.rows(SUPPORT)] == [uid]
    assert (one.revision(), len(one.renderings())) == (1, 1)


def test_where_it_does_not_belong_it_is_not_put(world: World) -> None:
    one = case(world)
    for group_id in (world.groups["Sales"], 9999):
        with pytest.raises(LookupError):
            world.db.write(partial(_place, one.id, group_id))


def _place(activity_id: int, group_id: int, tx: object) -> int:
    return placing.place(tx, activity_id, group_id, AT_ONCE)  # type: ignore[arg-type]


def test_what_leaves_comes_again(world: World, alice: Desk) -> None:
    """Under new UIDs, the same bytes, with its shared flags; seen for whoever took it out and for
    those who had seen it."""
    cases = [case(world, f"Case {number}") for number in range(3)]
    make(world.db)
    before = alice.rows(SUPPORT)
    Desk(world, world.carol).set_own(SUPPORT, [2], SEEN)
    Desk(world, world.bob).set_own(SUPPORT, [1, 2], DELETED)
    folder = alice.folder(SUPPORT)
    world.db.write(lambda tx: placing.bring_again(tx, folder.id, [1, 2], world.bob.id))
    after = alice.rows(SUPPORT)
    assert [row.uid for row in after] == [3, 4, 5]
    assert [row.content for row in after] == [before[n].content for n in (2, 0, 1)]
    assert unseen(world) == {"alice": [3, 4, 5], "bob": [3], "carol": [3, 4]}
    assert [row.uid for row in Desk(world, world.bob).rows(SUPPORT) if row.deleted] == []
    assert world.db.read(lambda tx: expunged.since(tx, folder.id, 1)) == [(1, 2)]
    cases[0].change(percent_complete=50)
    assert make(world.db) == 1
    assert [row.activity_id for row in alice.rows(SUPPORT)] == [
        cases[2].id,
        cases[1].id,
        cases[0].id,
    ]


def test_only_activities_messages_come_again(world: World, alice: Desk) -> None:
    case(world)
    make(world.db)
    folder = alice.folder(SUPPORT)
    world.db.write(lambda tx: placing.bring_again(tx, folder.id, [7, 8], world.bob.id))
    assert [row.uid for row in alice.rows(SUPPORT)] == [1]

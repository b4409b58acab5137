"""Dragging by a client without MOVE, which copies and then expunges, comes out as MOVE does."""

from __future__ import annotations

import pytest
from desk import Desk, links, mail
from incidents import incident
from sqlalchemy import update
from test_activity_undo import RECOVERED, SALES, SUPPORT, expunge, follow_ups, inside, look
from world import World, build

from storage import Database
from storage.schema import drop_record, entry


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


def later(world: World, seconds: int = 60) -> None:
    """What stands and what was recorded becomes older."""
    for table, column in ((entry, entry.c.saved_at), (drop_record, drop_record.c.at)):
        older = update(table).values({column: column - seconds})
        world.db.write(lambda tx, older=older: tx.connection.execute(older))


def uids(desk: Desk, name: str) -> list[int]:
    return [one.uid for one in desk.rows(name)]


def test_from_its_group_to_an_activity_it_stays_in_the_group(world: World, alice: Desk) -> None:
    gadget = incident(world)
    [uid] = alice.append(SUPPORT, mail()).uids
    later(world)
    alice.copy(SUPPORT, [uid], inside(gadget))
    assert expunge(alice, SUPPORT, [uid]) == [uid]
    assert (uids(alice, SUPPORT), uids(alice, inside(gadget))) == ([2], [1])
    assert (follow_ups(gadget), alice.rows(RECOVERED)) == (["Hello"], [])
    # That was the whole of it: whoever deletes it now means it.
    assert expunge(alice, SUPPORT, [2]) == [2]
    assert (uids(alice, SUPPORT), links(world)) == ([], [])
    assert len(alice.rows(RECOVERED)) == 1


def test_to_another_folder_of_the_same_activity_it_stands_in_both(
    world: World, alice: Desk
) -> None:
    gadget = incident(world)
    alice.world.db.write(
        lambda tx: tx.connection.exec_driver_sql(
            "UPDATE activity SET assigned_to_id = ?", (world.alice.id,)
        )
    )
    assert look(alice, gadget) == []
    [uid] = alice.append(inside(gadget), mail()).uids
    later(world)
    alice.copy(inside(gadget), [uid], inside(gadget, "Assigned to me"))
    assert expunge(alice, inside(gadget), [uid]) == [uid]
    assert (uids(alice, inside(gadget)), uids(alice, SUPPORT)) == ([2], [1])
    assert follow_ups(gadget) == ["Hello"]


def test_from_an_activity_to_its_group_it_is_unlinked_and_stands_there(
    world: World, alice: Desk
) -> None:
    gadget = incident(world)
    [uid] = alice.append(inside(gadget), mail()).uids
    later(world)
    alice.copy(inside(gadget), [uid], SUPPORT)
    assert expunge(alice, inside(gadget), [uid]) == [uid]
    assert (uids(alice, SUPPORT), uids(alice, inside(gadget))) == ([1], [])
    assert (follow_ups(gadget), links(world), alice.rows(RECOVERED)) == ([], [], [])


def test_to_another_activity_it_is_about_that_alone(world: World, alice: Desk) -> None:
    gadget, invoice = incident(world), incident(world, "Invoice is wrong")
    [uid] = alice.append(inside(gadget), mail()).uids
    later(world)
    alice.copy(inside(gadget), [uid], inside(invoice))
    assert expunge(alice, inside(gadget), [uid]) == [uid]
    assert (uids(alice, SUPPORT), uids(alice, inside(invoice))) == ([1], [1])
    assert (follow_ups(gadget), follow_ups(invoice)) == ([], ["Hello"])


def test_to_another_group_it_leaves_the_first_one(world: World, alice: Desk) -> None:
    [uid] = alice.append(SUPPORT, mail()).uids
    later(world)
    alice.copy(SUPPORT, [uid], SALES)
    assert expunge(alice, SUPPORT, [uid]) == [uid]
    assert (uids(alice, SUPPORT), uids(alice, SALES)) == ([], [1])


@pytest.mark.parametrize("why", ["it came by the copy", "it is two days ago", "by somebody else"])
def test_a_deletion_that_is_no_half_of_it_takes_the_mail_out(
    world: World, alice: Desk, why: str
) -> None:
    gadget, who = incident(world), alice
    if why == "it came by the copy":
        alice.append("INBOX", mail())
        alice.copy("INBOX", [1], inside(gadget))
        later(world)
    else:
        alice.append(SUPPORT, mail())
        later(world)
        alice.copy(SUPPORT, [1], inside(gadget))
        if why == "it is two days ago":
            later(world, 2 * 24 * 60 * 60)
        else:
            who = Desk(world, world.bob)
    assert expunge(who, SUPPORT, [1]) == [1]
    assert (uids(alice, SUPPORT), links(world)) == ([], [])

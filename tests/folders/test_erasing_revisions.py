"""What activities' messages say of an erased activity goes as well, and they are written anew."""

from __future__ import annotations

import pytest
from desk import Desk
from erasures import MARK, PRIVATE, SUPPORT, check_whole, erase, everything, planned
from revising import Case, case, make, unseen
from world import World, build

from imapgate.folders import erasing, ready
from imapgate.folders.revisions import recognising
from storage import Database


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def one(world: World) -> Case:
    """#10000001, which the private mail is linked to: its message tells subject and text."""
    made = case(world, "An incident", beside=["Sales"])
    make(world.db)
    alice = Desk(world, world.alice)
    alice.append(SUPPORT, PRIVATE)
    make(world.db)
    told = [row.content for row in alice.rows(SUPPORT) if row.content != PRIVATE]
    assert MARK.encode() in told[0]
    return made


def test_nothing_of_a_mail_stands_in_any_message(world: World, one: Case) -> None:
    """Nor in a copy that somebody made of an older one; the new one is no news."""
    alice, bob = (Desk(world, world.people[name]) for name in ("alice", "bob"))
    bob.copy(SUPPORT, [uid for folder, uid in one.stands()][:1], "INBOX")
    one.write(world.bob, "Another word")
    make(world.db)
    plan = planned(world, 10000002)
    assert (plan.groups, plan.personal) == (1, 1)
    erase(world, 10000002)
    assert MARK.casefold() not in everything(world)
    check_whole(world)
    assert bob.rows("INBOX") == []
    assert alice.rows(SUPPORT) == []
    before = one.revision()
    make(world.db)
    assert one.revision() == before + 1
    (row,) = alice.rows(SUPPORT)
    assert b"Another word" in row.content
    assert row.activity_id == one.id
    assert MARK.casefold() not in everything(world)
    check_whole(world)
    assert unseen(world) == {"alice": [], "bob": [], "carol": []}


def test_one_that_is_linked_no_more(world: World, one: Case) -> None:
    """An old message still told of it."""
    alice, bob = (Desk(world, world.people[name]) for name in ("alice", "bob"))
    bob.copy(SUPPORT, [uid for folder, uid in one.stands()][:1], "INBOX")
    (uid,) = [row.uid for row in alice.rows(SUPPORT) if row.content == PRIVATE]
    bob.move(SUPPORT, [uid], "Trash")
    make(world.db)
    erase(world, 10000002)
    assert MARK.casefold() not in everything(world)
    check_whole(world)
    assert bob.rows("INBOX") == []


def test_an_activity_of_another_class(world: World, one: Case) -> None:
    """Its own messages, too; who still has one brings nothing back by dropping it."""
    alice = Desk(world, world.alice)
    content = next(row.content for row in alice.rows(SUPPORT) if row.content != PRIVATE)
    assert b"An incident" in content
    erase(world, one.number)
    assert b"an incident" not in everything(world).encode()
    make(world.db)
    (row,) = [row for row in alice.rows(SUPPORT) if row.activity_id == one.id]
    assert b"[erased]" in row.content
    assert b"An incident" not in row.content
    check_whole(world)
    prepared = ready.prepare(content)
    known = world.db.read(
        lambda tx: recognising.recognise(tx, world.segment_id, prepared.identity, prepared.mail)
    )
    assert known == one.id


def test_what_is_written_meanwhile_goes_as_well(world: World, one: Case) -> None:
    """Between the plan and the erasing."""
    plan = planned(world, 10000002)
    one.write(world.bob, "Meanwhile")
    make(world.db)
    erasing.erase(world.db, world.segment_id, plan, "private", world.admin)
    assert MARK.casefold() not in everything(world)
    check_whole(world)

"""EXPUNGE: who may take what out, and where it then stands (rules 3, 16)."""

from __future__ import annotations

import pytest
from mailroom import PLAIN, folder, opened, put
from world import World, build

from imapgate.activities.people import Person
from imapgate.folders import drops, flags, leaving
from imapgate.folders.verdict import Outcome
from imapgate.limits import Limits
from storage import Database, Tx, runs
from storage.schema import DELETED

SUPPORT = "Trackers/Support"
RECOVERED = "Recovered Messages"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


def drop(world: World, person: Person, subject: str) -> int:
    """Filed into Support; its UID."""
    content = PLAIN.replace(b"hello", subject.encode())
    arrival = drops.Arrival(content, (), None, 0)
    verdict = drops.append(world.db, person, SUPPORT, [arrival], "", Limits())
    assert verdict.outcome is Outcome.DONE
    return verdict.uids[0]


def delete(world: World, person: Person, name: str, uids: list[int]) -> None:
    """Marks them even where STORE would refuse it, as if the role had changed since."""
    here = folder(world, person, name)
    world.db.write(
        lambda tx: runs.write(tx, person.id, here.id, runs.stretches(uids), DELETED, 0, 99)
    )


def expunge(world: World, person: Person, name: str, uids: list[int] | None = None) -> list[int]:
    here = folder(world, person, name)
    return world.db.write(lambda tx: leaving.expunge(tx, person, here, uids))


def count(world: World, person: Person, name: str) -> int:
    return len(opened(world, person, name).uids)


@pytest.mark.parametrize(
    ("who", "gone"),
    [
        ("bob", ["by alice", "by bob", "by both"]),
        ("alice", ["by alice"]),
        ("carol", []),
    ],
)
def test_who_may_take_what_out_of_a_group(world: World, who: str, gone: list[str]) -> None:
    person = world.people[who]
    uids = {
        "by alice": drop(world, world.alice, "one"),
        "by bob": drop(world, world.bob, "two"),
        "by both": drop(world, world.alice, "three"),
    }
    assert drop(world, world.bob, "three") == uids["by both"]
    here = folder(world, person, SUPPORT)
    expected = [uids[name] for name in gone]
    every = sorted(uids.values())
    assert world.db.read(lambda tx: leaving.may_remove(tx, person, here, every)) == set(expected)
    delete(world, person, SUPPORT, every)
    assert expunge(world, person, SUPPORT) == expected
    left = [uid for uid in every if uid not in expected]
    assert list(opened(world, person, SUPPORT).uids) == left


def test_what_left_a_group_is_recovered_by_whoever_did_it_and_by_its_droppers(
    world: World,
) -> None:
    uid = drop(world, world.alice, "one")
    delete(world, world.bob, SUPPORT, [uid])
    assert expunge(world, world.bob, SUPPORT) == [uid]
    assert count(world, world.alice, RECOVERED) == 1
    assert count(world, world.bob, RECOVERED) == 1
    assert count(world, world.carol, RECOVERED) == 0


def test_each_users_own_deletion_only(world: World) -> None:
    uid = drop(world, world.alice, "one")
    delete(world, world.alice, SUPPORT, [uid])
    assert expunge(world, world.bob, SUPPORT) == []
    assert expunge(world, world.alice, SUPPORT) == [uid]
    assert expunge(world, world.alice, SUPPORT) == []


def test_uid_expunge_takes_only_those_named(world: World) -> None:
    uids = put(world, world.alice, "INBOX", [PLAIN] * 4)
    delete(world, world.alice, "INBOX", uids[:3])
    assert expunge(world, world.alice, "INBOX", [uids[3], uids[1], 999]) == [uids[1]]
    assert expunge(world, world.alice, "INBOX") == [uids[0], uids[2]]
    assert list(opened(world, world.alice).uids) == uids[3:]


def test_personal_mail_is_just_gone(world: World) -> None:
    uids = put(world, world.alice, "INBOX", [PLAIN])
    delete(world, world.alice, "INBOX", uids)
    assert expunge(world, world.alice, "INBOX") == uids
    assert count(world, world.alice, RECOVERED) == 0


def test_mail_whose_copy_was_refused_is_kept_when_it_is_expunged(world: World) -> None:
    """Some clients delete the source even after NO."""
    uids = put(world, world.alice, "INBOX", [PLAIN])
    source = folder(world, world.alice)
    verdict = drops.copy(world.db, world.alice, source, uids, "Trackers/Archive", "", Limits())
    assert verdict.outcome is Outcome.REFUSED
    delete(world, world.alice, "INBOX", uids)
    assert expunge(world, world.alice, "INBOX") == uids
    assert count(world, world.alice, RECOVERED) == 1
    recovered = list(opened(world, world.alice, RECOVERED).uids)
    delete(world, world.alice, RECOVERED, recovered)
    assert expunge(world, world.alice, RECOVERED) == recovered
    assert count(world, world.alice, RECOVERED) == 0


def test_nothing_deleted_nothing_touched(world: World) -> None:
    uids = put(world, world.alice, "INBOX", [PLAIN])
    here = folder(world, world.alice)

    def work(tx: Tx) -> frozenset[int]:
        assert leaving.expunge(tx, world.alice, here, uids) == []
        return tx.touched_folders

    assert world.db.write(work) == frozenset()


def test_store_and_expunge_agree_on_who_may(world: World) -> None:
    mine, bobs = drop(world, world.alice, "one"), drop(world, world.bob, "two")
    here = folder(world, world.alice, SUPPORT)
    done = world.db.write(
        lambda tx: flags.store(tx, world.alice, here, [mine, bobs], b"+", (rb"\Deleted",), Limits())
    )
    assert done.refused == {bobs}
    assert expunge(world, world.alice, SUPPORT) == [mine]

"""Recovered Messages (rule 3): what comes, what goes, what is kept after NO and EXPUNGE."""

from __future__ import annotations

import pytest
from desk import LIMITS, Desk, activities, mail
from sqlalchemy import update
from world import World, build

from imapgate.folders import leaving, recovered, tree
from imapgate.folders.verdict import Outcome
from storage import Database
from storage.schema import DELETED, drop_record

SUPPORT, ARCHIVE = "Trackers/Support", "Trackers/Archive"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


def expunge(desk: Desk, name: str) -> list[int]:
    uids = [one.uid for one in desk.rows(name)]
    desk.set_own(name, uids, DELETED)
    folder = desk.folder(name)
    return desk.world.db.write(lambda tx: leaving.expunge(tx, desk.person, folder, None))


def test_what_was_recovered_files_again_and_leaves(alice: Desk) -> None:
    alice.append(ARCHIVE, mail(n=1), mail(n=2))
    verdict = alice.copy("Recovered Messages", [1], SUPPORT)
    assert verdict.outcome is Outcome.DONE
    assert [content for content, _ in alice.recovered()] == [mail(n=2)]
    assert alice.rows(SUPPORT)[0].keywords == (), "why it was recovered doesn't go along"
    assert alice.move("Recovered Messages", [2], SUPPORT).removed == (2,)
    assert alice.recovered() == []


def test_what_is_filed_by_another_road_leaves_too(alice: Desk) -> None:
    alice.append(ARCHIVE, mail())
    alice.append(SUPPORT, mail())
    assert alice.recovered() == []


def test_recovered_messages_keeps_uidvalidity_and_is_expunged_by_its_owner(alice: Desk) -> None:
    before = alice.folder("Recovered Messages").uidvalidity
    alice.append(ARCHIVE, mail())
    assert expunge(alice, "Recovered Messages") == [1]
    assert alice.recovered() == []
    alice.append(ARCHIVE, mail())
    assert alice.folder("Recovered Messages").uidvalidity == before


def test_a_recovered_mail_may_be_moved_to_a_personal_folder(alice: Desk) -> None:
    alice.append(ARCHIVE, mail(), flags=[b"\\Seen"])
    assert alice.move("Recovered Messages", [1], "INBOX").outcome is Outcome.DONE
    assert alice.contents("INBOX") == [mail()]
    assert alice.rows("INBOX")[0].keywords == ()


def test_a_mail_expunged_after_its_move_was_refused_is_kept(alice: Desk) -> None:
    alice.append("INBOX", mail(n=1), mail(n=2))
    assert alice.move("INBOX", [1], ARCHIVE).code == "CANNOT"
    assert alice.recovered() == []
    expunge(alice, "INBOX")
    assert alice.recovered() == [(mail(n=1), ("$Refused",))]


def test_it_is_followed_through_trash(alice: Desk) -> None:
    alice.append("INBOX", mail())
    alice.copy("INBOX", [1], ARCHIVE)
    alice.copy("INBOX", [1], "Trash")
    expunge(alice, "INBOX")
    assert alice.recovered() == [], "it stands in Trash"
    expunge(alice, "Trash")
    assert alice.recovered() == [(mail(), ("$Refused",))]


def test_it_is_kept_when_its_folder_is_deleted(world: World, alice: Desk) -> None:
    alice.append("Projects", mail())

    world.db.write(lambda tx: tree.create(tx, alice.person, "Projects", LIMITS))
    alice.append("Projects", mail(n=2))
    alice.copy("Projects", [1], ARCHIVE)
    world.db.write(lambda tx: tree.delete(tx, alice.person, "Projects"))
    assert mail(n=2) in [content for content, _ in alice.recovered()]


def test_it_isnt_kept_once_it_was_filed(alice: Desk) -> None:
    alice.append("INBOX", mail())
    alice.copy("INBOX", [1], ARCHIVE)
    alice.copy("INBOX", [1], SUPPORT)
    expunge(alice, "INBOX")
    assert alice.recovered() == []
    assert len(activities(alice.world)) == 1


def test_it_isnt_kept_after_a_day(world: World, alice: Desk) -> None:
    alice.append("INBOX", mail())
    alice.copy("INBOX", [1], ARCHIVE)
    world.db.write(
        lambda tx: tx.connection.execute(
            update(drop_record).values(at=tx.now - recovered.EXPUNGED_AFTER - 60)
        )
    )
    expunge(alice, "INBOX")
    assert alice.recovered() == []


def test_another_persons_refusal_keeps_nothing(world: World, alice: Desk) -> None:
    bob = Desk(world, world.bob)
    for desk in (alice, bob):
        desk.append("INBOX", mail())
    bob.copy("INBOX", [1], ARCHIVE)
    expunge(alice, "INBOX")
    assert alice.recovered() == []
    expunge(bob, "INBOX")
    assert len(bob.recovered()) == 1


def test_expunging_from_a_group_keeps_it_for_whoever_did_it_and_the_droppers(
    world: World, alice: Desk
) -> None:
    bob = Desk(world, world.bob)
    alice.append(SUPPORT, mail())
    assert expunge(bob, SUPPORT) == [1]
    assert alice.recovered() == bob.recovered() == [(mail(), ("$TakenOut",))]
    assert Desk(world, world.carol).recovered() == []

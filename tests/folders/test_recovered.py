"""Recovered Messages (rule 3): what comes, what goes, what is kept after NO and EXPUNGE."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from desk import LIMITS, Desk, activities, mail
from sqlalchemy import update
from world import World, build

from imapgate.activities import groups
from imapgate.folders import leaving, recovered, tree
from imapgate.folders.verdict import Outcome
from storage import Database
from storage.schema import DELETED, drop_record, entry

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


@pytest.mark.parametrize("seconds", [0, 60])
def test_a_client_that_deletes_after_no_loses_nothing_in_recovered_messages_either(
    alice: Desk, seconds: int
) -> None:
    """It comes back once, in the same second too; the second time it is its owner's own word."""
    alice.append(ARCHIVE, mail())
    later(alice.world, entry, "saved_at", seconds)
    assert alice.move("Recovered Messages", [1], ARCHIVE).code == "CANNOT"
    assert expunge(alice, "Recovered Messages") == [1]
    assert [one.uid for one in alice.rows("Recovered Messages")] == [2]
    assert alice.recovered() == [(mail(), ("$Refused",))]
    assert expunge(alice, "Recovered Messages") == [2]
    assert alice.recovered() == []


def test_a_refusal_from_before_it_came_there_doesnt_bring_it_back(alice: Desk) -> None:
    """It came there because of that refusal; who expunges it there means it."""
    alice.append("INBOX", mail())
    alice.copy("INBOX", [1], ARCHIVE)
    later(alice.world, drop_record, "at")
    expunge(alice, "INBOX")
    assert len(alice.recovered()) == 1
    expunge(alice, "Recovered Messages")
    assert alice.recovered() == []


def later(world: World, table: Any, column: str, seconds: int = 60) -> None:
    """So much time has passed since."""
    moved = {column: table.c[column] - seconds}
    world.db.write(lambda tx: tx.connection.execute(update(table).values(moved)))


@pytest.mark.parametrize("moving", [False, True])
def test_nothing_is_copied_or_moved_into_it(alice: Desk, moving: bool) -> None:
    alice.append("INBOX", mail())
    drag = alice.move if moving else alice.copy
    verdict = drag("INBOX", [1], "Recovered Messages")
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, "CANNOT")
    assert "Recovered Messages is filled by the server only" in verdict.text
    assert (alice.contents("INBOX"), alice.recovered()) == ([mail()], [])


def test_a_move_out_of_a_group_is_kept_for_who_did_it_and_for_every_dropper(
    world: World, alice: Desk
) -> None:
    """Rule 16: whoever dropped it must not lose it because somebody else took it out."""
    admin, bob = Desk(world, world.admin), Desk(world, world.bob)
    alice.append(SUPPORT, mail(), at=1_700_000_000)
    bob.append(SUPPORT, mail())
    world.db.write(
        lambda tx: groups.set_member(
            tx, groups.find_group(tx, world.segment_id, "Support"), "admin@Standard", "manager"
        )
    )
    assert admin.move(SUPPORT, [1], "INBOX").outcome is Outcome.DONE
    for desk in (admin, alice, bob):
        (row,) = desk.rows("Recovered Messages")
        assert (row.content, row.keywords) == (mail(), ("$TakenOut",))
        assert row.internal_at == 1_700_000_000
    assert Desk(world, world.carol).recovered() == []
    assert admin.contents("INBOX") == [mail()]
    alice.copy("Recovered Messages", [1], SUPPORT)
    assert alice.recovered() == []
    assert len(bob.recovered()) == 1, "what another files again stays mine"


def test_it_is_followed_through_a_move_to_trash(alice: Desk) -> None:
    alice.append("INBOX", mail())
    alice.move("INBOX", [1], ARCHIVE)
    alice.move("INBOX", [1], "Trash")
    assert alice.recovered() == []
    expunge(alice, "Trash")
    assert alice.recovered() == [(mail(), ("$Refused",))]


def test_it_is_followed_through_an_upload_of_the_same_bytes(alice: Desk) -> None:
    """A client without COPY between its own folders uploads into Trash."""
    alice.append("INBOX", mail())
    alice.copy("INBOX", [1], ARCHIVE)
    alice.append("Trash", mail())
    expunge(alice, "INBOX")
    expunge(alice, "Trash")
    assert alice.recovered() == [(mail(), ("$Refused",))]


def test_its_limit_is_a_setting_and_takes_nothing_that_is_there(alice: Desk) -> None:
    """Made smaller than what is there, it refuses new mail; nothing is purged."""
    alice.append(ARCHIVE, mail(n=1))
    small = Desk(alice.world, alice.person, replace(LIMITS, recovered=1))
    assert small.append(ARCHIVE, mail(n=2)).code == "OVERQUOTA"
    assert small.append(ARCHIVE, mail(n=1)).code == "CANNOT", "what is there is kept already"
    assert small.recovered() == [(mail(n=1), ("$NoCreator",))]


def test_what_is_taken_out_is_kept_even_where_it_is_full(alice: Desk) -> None:
    """Its bytes are stored anyway, and no answer could say that it wasn't."""
    small = Desk(alice.world, alice.person, replace(LIMITS, recovered=1))
    small.append(SUPPORT, mail())
    small.move(SUPPORT, [1], "Trash")
    assert small.recovered() == [(mail(), ("$TakenOut",))]


def test_a_copy_to_a_personal_folder_purges_nothing(alice: Desk) -> None:
    """Filed is what stands in a group: the copy in INBOX may be expunged there for good."""
    alice.append(ARCHIVE, mail())
    alice.copy("Recovered Messages", [1], "INBOX")
    assert expunge(alice, "INBOX") == [1]
    assert len(alice.recovered()) == 1


@pytest.mark.parametrize("who", ["admin", "alice", "bob", "carol", "dave"])
def test_everybody_has_it_from_the_start_and_it_cant_be_taken_away(world: World, who: str) -> None:
    """Under its name, in any case, subscribed; it is neither renamed nor deleted."""
    desk, name = Desk(world, world.people[who]), "Recovered Messages"
    mine, folder = desk.person, desk.folder("recovered messages")
    assert (folder.name, folder.subscribed, folder.recovered) == (name, True, True)

    def tried(work: Any) -> str | None:
        return world.db.write(work).code

    assert str(tried(lambda tx: tree.create(tx, mine, "Own", LIMITS))).startswith("MAILBOXID (")
    assert tried(lambda tx: tree.delete(tx, mine, name)) == "CANNOT"
    assert tried(lambda tx: tree.rename(tx, mine, name, "Old", LIMITS)) == "CANNOT"
    assert tried(lambda tx: tree.create(tx, mine, name, LIMITS)) == "ALREADYEXISTS"
    assert tried(lambda tx: tree.rename(tx, mine, "Own", name, LIMITS)) == "ALREADYEXISTS"
    assert tried(lambda tx: tree.rename(tx, mine, "INBOX", name, LIMITS)) == "ALREADYEXISTS"
    assert tried(lambda tx: tree.create(tx, mine, f"{name}/x", LIMITS)) == "CANNOT"
    assert tried(lambda tx: tree.rename(tx, mine, "Own", f"{name}/x", LIMITS)) == "CANNOT"
    after = desk.folder(name)
    assert (after.id, after.uidvalidity) == (folder.id, folder.uidvalidity)


def test_what_is_refused_again_isnt_deleted_there_any_more(alice: Desk) -> None:
    """Its owner was told just now that a copy is here."""
    alice.append(ARCHIVE, mail())
    alice.set_own("Recovered Messages", [1], DELETED)
    assert "a copy is in Recovered Messages" in alice.append(ARCHIVE, mail()).text
    folder, db = alice.folder("Recovered Messages"), alice.world.db
    assert db.write(lambda tx: leaving.expunge(tx, alice.person, folder, None)) == []
    assert [content for content, _ in alice.recovered()] == [mail()]

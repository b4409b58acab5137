"""COPY and MOVE from any kind of folder into any other (rules 1, 7, 16)."""

from __future__ import annotations

import dataclasses

import pytest
from desk import LIMITS, Desk, activities, groups_of, mail, records
from world import World, build

from imapgate.folders import drops, tree
from imapgate.folders.verdict import Outcome
from storage import Database
from storage.schema import DELETED, FLAGGED, SEEN

SUPPORT, SALES, ARCHIVE = "Trackers/Support", "Trackers/Sales", "Trackers/Archive"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


@pytest.fixture
def bob(world: World) -> Desk:
    return Desk(world, world.bob)


# -- personal to personal ------------------------------------------------------------------------


def test_a_copy_takes_flags_keywords_and_date_but_not_deleted(alice: Desk) -> None:
    alice.append("INBOX", mail(), flags=[b"\\Seen", b"\\Flagged", b"work"], at=1_700_000_000)
    alice.set_own("INBOX", [1], DELETED)
    verdict = alice.copy("INBOX", [1], "Archive")
    assert (verdict.source_uids, verdict.uids, verdict.removed) == ((1,), (1,), ())
    assert verdict.uidvalidity == alice.folder("Archive").uidvalidity
    (row,) = alice.rows("Archive")
    assert (row.content, row.seen, row.deleted) == (mail(), True, False)
    assert (row.flags, row.keywords, row.internal_at) == (FLAGGED, ("work",), 1_700_000_000)
    assert len(alice.rows("INBOX")) == 1


def test_a_move_leaves_the_source_in_the_same_transaction(alice: Desk) -> None:
    alice.append("INBOX", mail(n=1), mail(n=2), mail(n=3))
    verdict = alice.move("INBOX", [1, 3, 9], "Trash")
    assert (verdict.source_uids, verdict.uids, verdict.removed) == ((1, 3), (1, 2), (1, 3))
    assert [one.uid for one in alice.rows("INBOX")] == [2]
    status = alice.world.db.read(lambda tx: tree.status(tx, alice.person, alice.folder("INBOX")))
    assert verdict.modseq == status.modseq
    assert alice.recovered() == []


def test_what_is_gone_is_passed_over_and_nothing_left_is_fine(alice: Desk) -> None:
    for transfer in (alice.copy, alice.move):
        verdict = transfer("INBOX", [5, 6], "Trash")
        assert (verdict.outcome, verdict.source_uids, verdict.uids) == (Outcome.DONE, (), ())


def test_a_copy_into_the_same_personal_folder_doubles_it_and_a_move_is_refused(
    alice: Desk,
) -> None:
    alice.append("INBOX", mail())
    assert alice.copy("INBOX", [1], "inbox").uids == (2,)
    verdict = alice.move("INBOX", [1], "INBOX")
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, "CANNOT")
    assert len(alice.rows("INBOX")) == 2


# -- personal to group ---------------------------------------------------------------------------


@pytest.mark.parametrize("moving", [False, True])
def test_a_mail_dragged_into_a_group_becomes_an_activity(alice: Desk, moving: bool) -> None:
    alice.append("INBOX", mail("Loud", 1), flags=[b"\\Seen", b"\\Flagged"], at=1_700_000_000)
    verdict = (alice.move if moving else alice.copy)("INBOX", [1], SUPPORT)
    assert verdict.text == "Filed as #10000001 in Support."
    assert (verdict.source_uids, verdict.uids) == ((1,), (1,))
    assert verdict.removed == ((1,) if moving else ())
    (row,) = alice.rows(SUPPORT)
    assert (row.content, row.seen, row.flags) == (mail("Loud", 1), True, FLAGGED)
    assert row.internal_at == 1_700_000_000
    assert alice.droppers(SUPPORT) == {1: [alice.person.id]}
    assert len(alice.rows("INBOX")) == (0 if moving else 1)
    record = records(alice.world)[-1]
    assert (record.command, record.verdict, record.subject) == (
        "MOVE" if moving else "COPY",
        "filed",
        "Loud",
    )


def test_copyuid_pairs_in_order_where_some_are_filed_already(alice: Desk) -> None:
    alice.append(SUPPORT, mail(n=2))
    alice.append("INBOX", mail(n=1), mail(n=2), mail(n=3))
    verdict = alice.copy("INBOX", [1, 2, 3], SUPPORT)
    assert (verdict.source_uids, verdict.uids) == ((1, 2, 3), (2, 1, 3))


@pytest.mark.parametrize("moving", [False, True])
@pytest.mark.parametrize(
    ("name", "code"),
    [
        (ARCHIVE, "CANNOT"),
        ("Trackers", "CANNOT"),
        ("Nothing", "TRYCREATE"),
        ("Recovered Messages", "CANNOT"),
    ],
)
def test_a_refused_drag_leaves_everything_where_it_was(
    alice: Desk, moving: bool, name: str, code: str
) -> None:
    alice.append("INBOX", mail(n=1), mail(n=2))
    verdict = (alice.move if moving else alice.copy)("INBOX", [1, 2], name)
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, code)
    assert verdict.text.startswith("Not filed: ")
    assert verdict.text.endswith(". Your mail stays where it was.")
    assert len(alice.rows("INBOX")) == 2
    assert alice.recovered() == []
    assert activities(alice.world) == []
    refused = [(one.verdict, one.stored_message_id is not None) for one in records(alice.world)]
    assert refused == [("refused", True)] * 2


def test_a_viewer_may_copy_out_but_not_in(world: World, alice: Desk) -> None:
    carol = Desk(world, world.carol)
    alice.append(SUPPORT, mail())
    assert carol.copy(SUPPORT, [1], "INBOX").outcome is Outcome.DONE
    verdict = carol.copy("INBOX", [1], SUPPORT)
    assert verdict.code == "NOPERM"
    assert 'you may not add mail to group "Support"' in verdict.text
    assert carol.move(SUPPORT, [1], "Trash").code == "NOPERM"
    assert carol.rows("Trash") == []


def test_too_many_messages_for_a_group(alice: Desk) -> None:
    desk = Desk(alice.world, alice.person, dataclasses.replace(LIMITS, drop_messages=1))
    desk.append("INBOX", mail(n=1), mail(n=2))
    assert desk.move("INBOX", [1, 2], SUPPORT).code == "LIMIT"
    assert len(desk.rows("INBOX")) == 2


# -- group to personal ---------------------------------------------------------------------------


def test_a_copy_out_of_a_group_is_plain_mail(alice: Desk) -> None:
    alice.append(SUPPORT, mail(), flags=[b"\\Seen", b"\\Flagged", b"work"])
    alice.copy(SUPPORT, [1], "Archive")
    (row,) = alice.rows("Archive")
    assert (row.activity_id, row.content, row.seen, row.flags) == (None, mail(), True, FLAGGED)
    assert row.keywords == ("work",)
    assert len(alice.rows(SUPPORT)) == 1
    assert alice.copy(SUPPORT, [1], "Archive").uids == (2,)


def test_a_move_out_takes_it_out_of_the_group_and_stands_in_recovered_too(
    alice: Desk, bob: Desk
) -> None:
    alice.append(SUPPORT, mail())
    (activity,) = activities(alice.world)
    verdict = bob.move(SUPPORT, [1], "Trash")
    assert (verdict.outcome, verdict.removed) == (Outcome.DONE, (1,))
    assert bob.rows(SUPPORT) == []
    assert groups_of(alice.world, activity.id) == set()
    assert len(activities(alice.world)) == 1
    for desk in (alice, bob):
        assert desk.recovered() == [(mail(), ("$TakenOut",))]
    record = records(alice.world)[-1]
    assert (record.verdict, record.command, record.principal_id, record.uid) == (
        "removed",
        "MOVE",
        bob.person.id,
        1,
    )


def test_who_took_a_mail_out_or_dropped_it_gets_the_same_activity_back(
    alice: Desk, bob: Desk
) -> None:
    alice.append(SUPPORT, mail())
    (activity,) = activities(alice.world)
    for undoer in (bob, alice):
        taken = bob.rows(SUPPORT)[0].uid
        bob.move(SUPPORT, [taken], "Trash")
        undoer.append(SUPPORT, mail())
        assert [row.activity_id for row in undoer.rows(SUPPORT)] == [activity.id]
    assert len(activities(alice.world)) == 1


@pytest.mark.parametrize("target", ["Trash", SALES])
def test_a_contributor_moves_only_what_they_alone_dropped(
    alice: Desk, bob: Desk, target: str
) -> None:
    alice.append(SUPPORT, mail(n=1))
    bob.append(SUPPORT, mail(n=2))
    alice.append(SUPPORT, mail(n=3))
    bob.append(SUPPORT, mail(n=3))
    for uids in ([1, 2], [3], [2]):
        verdict = alice.move(SUPPORT, uids, target)
        assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, "NOPERM")
        assert verdict.text.startswith("Not moved: ")
    assert len(alice.rows(SUPPORT)) == 3
    assert alice.rows(target) == []
    assert alice.move(SUPPORT, [1], target).removed == (1,)


def test_two_mails_of_one_activity_leave_one_by_one(alice: Desk) -> None:
    other = mail().replace(b"Subject:", b"X-Relay: b\r\nSubject:")
    alice.append(SUPPORT, mail(), other)
    (activity,) = activities(alice.world)
    group = alice.world.groups["Support"]
    alice.move(SUPPORT, [1], "Trash")
    assert groups_of(alice.world, activity.id) == {group}
    alice.move(SUPPORT, [2], "Trash")
    assert groups_of(alice.world, activity.id) == set()


# -- group to group ------------------------------------------------------------------------------


def test_a_copy_adds_the_group_and_a_move_regroups(alice: Desk) -> None:
    alice.append(SUPPORT, mail(), flags=[b"\\Flagged"])
    (activity,) = activities(alice.world)
    groups = alice.world.groups
    assert alice.copy(SUPPORT, [1], SALES).text == "Filed as #10000001 in Sales."
    assert groups_of(alice.world, activity.id) == {groups["Support"], groups["Sales"]}
    verdict = alice.move(SUPPORT, [1], "Categories/VIP customers")
    assert verdict.text == "Filed as #10000001 in VIP customers."
    assert (verdict.uids, verdict.removed) == ((1,), (1,))
    assert groups_of(alice.world, activity.id) == {groups["Sales"], groups["VIP customers"]}
    assert alice.rows(SUPPORT) == []
    (row,) = alice.rows("Categories/VIP customers")
    assert (row.activity_id, row.flags) == (activity.id, FLAGGED)
    assert alice.recovered() == []
    assert len(activities(alice.world)) == 1


def test_whose_drop_it_was_goes_along_with_a_regrouping(alice: Desk, bob: Desk) -> None:
    alice.append(SUPPORT, mail())
    bob.move(SUPPORT, [1], SALES)
    assert bob.droppers(SALES) == {1: [alice.person.id, bob.person.id]}
    bob.move(SALES, [1], "Trash")
    assert alice.recovered() == [(mail(), ("$TakenOut",))]


@pytest.mark.parametrize("moving", [False, True])
def test_into_the_group_that_it_is_in_is_refused(alice: Desk, moving: bool) -> None:
    alice.append(SUPPORT, mail())
    verdict = (alice.move if moving else alice.copy)(SUPPORT, [1], "trackers/support")
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, "CANNOT")
    assert 'the mail is in group "Support" already' in verdict.text


def test_a_move_between_groups_into_one_without_creator_changes_nothing(alice: Desk) -> None:
    alice.append(SUPPORT, mail(n=1), mail(n=2))
    verdict = alice.move(SUPPORT, [1, 2], ARCHIVE)
    assert verdict.code == "CANNOT"
    for activity in activities(alice.world):
        assert groups_of(alice.world, activity.id) == {alice.world.groups["Support"]}
    assert len(alice.rows(SUPPORT)) == 2


def test_a_source_that_is_gone_is_told(alice: Desk, world: World) -> None:
    world.db.write(lambda tx: tree.create(tx, alice.person, "a", LIMITS))
    alice.append("a", mail())
    folder = alice.folder("a")
    world.db.write(lambda tx: tree.delete(tx, alice.person, "a"))

    verdict = drops.copy(world.db, alice.person, folder, [1], "INBOX", "", LIMITS)
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, "NONEXISTENT")


def test_own_seen_of_a_viewer_goes_with_a_copy(world: World, alice: Desk) -> None:
    alice.append(SUPPORT, mail(n=1), mail(n=2))
    carol = Desk(world, world.carol)
    carol.set_own(SUPPORT, [2], SEEN)
    carol.copy(SUPPORT, [1, 2], "INBOX")
    assert [one.seen for one in carol.rows("INBOX")] == [False, True]

"""An activity's own message: taken out it comes again, dropped back it is recognised, and only a
manager moves the activity from one group to another."""

from __future__ import annotations

import pytest
from desk import Desk, activities, groups_of, mail, records, wrapper
from incidents import inside
from revising import SALES, SUPPORT, Case, case, make, unseen
from world import World, build

from imapgate.activities import groups
from imapgate.folders import flags, leaving, refusals
from imapgate.folders.activity_folders import making
from imapgate.folders.verdict import Outcome
from storage import Database, Tx
from storage.schema import DELETED, FLAGGED

RECOVERED, MEETINGS = "Recovered Messages", "Trackers/Meetings"
OFFICE = "Trackers/Büro & Ablage"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def gadget(world: World) -> Case:
    """#10000001 in Support, where its message stands under UID 1."""
    one = case(world)
    make(world.db)
    return one


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


@pytest.fixture
def bob(world: World) -> Desk:
    return Desk(world, world.bob)


def look(desk: Desk, one: Case, place: str = "Support") -> list[int]:
    """The UIDs in its folder, which is made if nobody has looked into it yet."""
    folder = desk.folder(inside(one, place))
    desk.world.db.write(lambda tx: making.make(tx, desk.person, folder))
    return [row.uid for row in desk.rows(inside(one, place))]


def expunge(desk: Desk, name: str, uids: list[int]) -> list[int]:
    """By STORE and EXPUNGE, as clients do."""
    folder = desk.folder(name)
    desk.world.db.write(
        lambda tx: flags.store(tx, desk.person, folder, uids, b"+", [b"\\Deleted"], desk.limits)
    )
    return desk.world.db.write(lambda tx: leaving.expunge(tx, desk.person, folder, None))


def uids(desk: Desk, name: str = SUPPORT) -> list[int]:
    return [row.uid for row in desk.rows(name)]


# -- taken out -----------------------------------------------------------------------------------


def test_deleted_it_comes_again_seen_for_who_deleted_it(
    world: World, alice: Desk, bob: Desk, gadget: Case
) -> None:
    alice.set_own(SUPPORT, [1], DELETED)
    before = alice.contents(SUPPORT)
    assert expunge(alice, SUPPORT, [1]) == [1]
    assert (uids(alice), alice.contents(SUPPORT)) == ([2], before)
    assert unseen(world) == {"alice": [], "bob": [2], "carol": [2]}
    assert not alice.rows(SUPPORT)[0].deleted
    assert groups_of(world, gadget.id) == {world.groups["Support"]}
    assert (alice.recovered(), records(world)) == ([], [])
    assert make(world.db) == 0


@pytest.mark.parametrize("name", ["INBOX", RECOVERED])
def test_moved_out_the_copy_goes_and_it_comes_again(alice: Desk, gadget: Case, name: str) -> None:
    """By a contributor, though nobody dropped it."""
    support = alice.folder(SUPPORT)
    alice.world.db.write(
        lambda tx: flags.store(tx, alice.person, support, [1], b"+", [b"\\Flagged"], alice.limits)
    )
    verdict = alice.move(SUPPORT, [1], name)
    assert (verdict.source_uids, verdict.uids, verdict.removed) == ((1,), (1,), (1,))
    [row] = alice.rows(SUPPORT)
    assert (row.uid, row.seen, row.flags) == (2, True, FLAGGED)
    assert alice.contents(name) == [row.content]
    assert alice.rows(name)[0].activity_id is None


def test_a_viewer_copies_it_and_takes_nothing_out(world: World, gadget: Case) -> None:
    carol = Desk(world, world.carol)
    assert carol.copy(SUPPORT, [1], "INBOX").outcome is Outcome.DONE
    assert carol.move(SUPPORT, [1], "INBOX").code == "NOPERM"
    assert expunge(carol, SUPPORT, [1]) == []
    assert uids(carol) == [1]


def test_in_the_activitys_folder_it_comes_again_likewise(
    world: World, alice: Desk, gadget: Case
) -> None:
    assert look(alice, gadget) == [1]
    assert expunge(alice, inside(gadget), [1]) == [1]
    [row] = alice.rows(inside(gadget))
    assert (row.uid, row.seen) == (2, True)
    verdict = alice.move(inside(gadget), [2], "INBOX")
    assert (verdict.uids, verdict.removed) == ((1,), (2,))
    assert uids(alice, inside(gadget)) == [3]
    assert uids(alice) == [1]
    carol = Desk(world, world.carol)
    assert look(carol, gadget) == [1]
    assert carol.move(inside(gadget), [1], "INBOX").code == "NOPERM"
    assert expunge(carol, inside(gadget), [1]) == []


def test_with_a_mail_that_may_not_go_nothing_goes(alice: Desk, bob: Desk, gadget: Case) -> None:
    bob.append(SUPPORT, mail())
    assert alice.move(SUPPORT, [1, 2], "INBOX").code == "NOPERM"
    assert (uids(alice), alice.rows("INBOX")) == ([1, 2], [])
    assert expunge(alice, SUPPORT, [1, 2]) == [1]
    assert uids(alice) == [2, 3]


# -- dropped back --------------------------------------------------------------------------------


@pytest.mark.parametrize("moving", [False, True])
def test_dropped_back_into_its_group_nothing_is_filed(
    alice: Desk, gadget: Case, moving: bool
) -> None:
    alice.move(SUPPORT, [1], "INBOX")
    verdict = (alice.move if moving else alice.copy)("INBOX", [1], SUPPORT)
    assert verdict.text == f"This is #{gadget.number} itself, which stands in Support."
    assert (verdict.source_uids, verdict.uids) == ((1,), (2,))
    assert len(alice.rows("INBOX")) == (0 if moving else 1)
    assert len(activities(alice.world)) == 1
    assert uids(alice) == [2]
    record = records(alice.world)[-1]
    assert (record.verdict, record.activity_id, record.uid) == ("filed", gadget.id, 2)


def test_an_old_revision_has_the_uid_of_the_present_one(alice: Desk, gadget: Case) -> None:
    [old] = alice.contents(SUPPORT)
    gadget.write(alice.person, "It was the plug.")
    make(alice.world.db)
    assert alice.contents(SUPPORT) != [old]
    alice.set_own(SUPPORT, [2], DELETED)
    assert alice.append(SUPPORT, old, mail(), b"X-Mozilla-Status: 1\r\n" + old).uids == (2, 3, 2)
    assert [row.deleted for row in alice.rows(SUPPORT)] == [False, False]
    assert len(activities(alice.world)) == 2


def test_with_other_line_ends_it_is_known_by_its_message_id_and_what_it_says(
    alice: Desk, gadget: Case
) -> None:
    [content] = alice.contents(SUPPORT)
    other = content.replace(b"\r\n\r\n", b"\r\nX-Other: header\r\n\r\n", 1)
    assert alice.append(SUPPORT, other).uids == (1,)
    changed = content.replace(b"It stays dark.", b"It glows now..")
    assert changed != content
    assert alice.append(SUPPORT, changed).uids == (2,)
    assert len(activities(alice.world)) == 2


def test_into_another_group_the_activity_comes_there_too(
    world: World, alice: Desk, gadget: Case
) -> None:
    verdict = alice.copy(SUPPORT, [1], SALES)
    assert verdict.text == f"This is #{gadget.number} itself, which stands in Sales."
    assert (verdict.uids, uids(alice, SALES)) == ((1,), [1])
    assert groups_of(world, gadget.id) == {world.groups["Support"], world.groups["Sales"]}
    assert len(activities(world)) == 1
    assert alice.rows(SALES)[0].activity_id == gadget.id
    make(world.db)
    assert (len(uids(alice)), len(uids(alice, SALES))) == (1, 1)


def test_into_a_group_that_takes_no_mail_or_without_the_right_it_is_refused(
    world: World, alice: Desk, gadget: Case
) -> None:
    assert alice.copy(SUPPORT, [1], MEETINGS).code == "CANNOT"
    assert groups_of(world, gadget.id) == {world.groups["Support"]}
    carol = Desk(world, world.carol)
    carol.copy(SUPPORT, [1], "INBOX")
    verdict = carol.copy("INBOX", [1], SUPPORT)
    assert verdict.code == "NOPERM"
    [content] = carol.contents("INBOX")
    assert carol.append(SUPPORT, content).text.endswith(refusals.A_COPY)


def contributor_of_sales(world: World) -> Desk:
    """Of nothing else."""

    def work(tx: Tx) -> None:
        sales = groups.find_group(tx, world.segment_id, "Sales")
        groups.set_member(tx, sales, "dave@Standard", "contributor")

    world.db.write(work)
    return Desk(world, world.dave)


def test_for_who_does_not_see_the_activity_it_is_an_ordinary_mail(
    world: World, alice: Desk, gadget: Case
) -> None:
    """Somebody was sent it, say."""

    dave = contributor_of_sales(world)
    [content] = alice.contents(SUPPORT)
    verdict = dave.append(SALES, content)
    assert verdict.text == (
        f"Filed as #10000002 in Sales. #{gadget.number} is unknown, not linked."
    )
    assert groups_of(world, gadget.id) == {world.groups["Support"]}


@pytest.mark.parametrize("moving", [False, True])
def test_what_was_filed_as_a_mail_stays_one(
    world: World, alice: Desk, bob: Desk, gadget: Case, moving: bool
) -> None:
    """Also for who sees the activity."""
    [content] = alice.contents(SUPPORT)
    contributor_of_sales(world).append(SALES, content)
    (bob.move if moving else bob.copy)(SALES, [1], OFFICE)
    filed = activities(world)[-1]
    left = set() if moving else {world.groups["Sales"]}
    assert groups_of(world, filed.id) == {world.groups["Büro & Ablage"], *left}
    assert (uids(bob, SALES), bob.contents(OFFICE)) == ([] if moving else [1], [content])
    assert groups_of(world, gadget.id) == {world.groups["Support"]}


def test_into_its_own_folder_it_is_what_stands_there(alice: Desk, gadget: Case) -> None:
    verdict = alice.copy(SUPPORT, [1], inside(gadget))
    assert (verdict.outcome, verdict.uids) == (Outcome.DONE, (1,))
    assert uids(alice, inside(gadget)) == [1]
    verdict = alice.move(SUPPORT, [1], inside(gadget))
    assert (verdict.uids, verdict.removed) == ((1,), (1,))
    assert uids(alice) == [2]
    assert len(activities(alice.world)) == 1


def test_where_its_message_is_still_to_be_made_it_is_made_at_once(
    alice: Desk, gadget: Case
) -> None:
    [content] = alice.contents(SUPPORT)
    gadget.join("Sales")
    verdict = alice.append(inside(gadget, "Sales"), content)
    assert verdict.uids == (1,)
    assert (uids(alice, inside(gadget, "Sales")), uids(alice, SALES)) == ([1], [1])


@pytest.mark.parametrize("moving", [False, True])
def test_into_another_activitys_folder_it_does_not_go(
    world: World, alice: Desk, gadget: Case, moving: bool
) -> None:
    other = case(world, "Invoice is wrong")
    verdict = (alice.move if moving else alice.copy)(SUPPORT, [1], inside(other))
    assert verdict.code == "CANNOT"
    assert verdict.text == (
        f"Not filed: #{gadget.number} is an activity itself, it can't go into activity "
        f"#{other.number}. Your mail stays where it was."
    )
    assert uids(alice) == [1]


def test_a_message_that_was_kept_leaves_recovered_messages_by_being_recognised(
    alice: Desk, gadget: Case
) -> None:
    [content] = alice.contents(SUPPORT)
    alice.append("Trackers/Archive", content)
    assert [kept for kept, _ in alice.recovered()] == [content]
    assert alice.copy(RECOVERED, [1], SUPPORT).uids == (1,)
    assert alice.recovered() == []


def test_in_a_wrapper_it_is_filed_as_any_mail(alice: Desk, gadget: Case) -> None:
    """Whoever sends it on in a wrapper has something to say with it."""
    [content] = alice.contents(SUPPORT)
    verdict = alice.append(SUPPORT, wrapper(f"> @Support E-Mails  #{gadget.number}", content))
    assert verdict.outcome is Outcome.DONE, verdict.text
    assert len(activities(alice.world)) == 2


# -- from group to group -------------------------------------------------------------------------


def test_a_manager_moves_the_activity_from_group_to_group(
    world: World, bob: Desk, gadget: Case
) -> None:
    verdict = bob.move(SUPPORT, [1], SALES)
    assert (verdict.uids, verdict.removed) == ((1,), (1,))
    assert groups_of(world, gadget.id) == {world.groups["Sales"]}
    assert (uids(bob), uids(bob, SALES)) == ([], [1])
    assert bob.recovered() == []
    make(world.db)
    assert (uids(bob), len(uids(bob, SALES))) == ([], 1)
    assert [(one.verdict, one.text) for one in records(world)] == [
        ("removed", "Moved to Sales."),
        ("filed", f"This is #{gadget.number} itself, which stands in Sales."),
    ]


def test_nobody_else_does(world: World, alice: Desk, gadget: Case) -> None:
    assert alice.move(SUPPORT, [1], SALES).code == "NOPERM"
    assert groups_of(world, gadget.id) == {world.groups["Support"]}
    assert (uids(alice), uids(alice, SALES)) == ([1], [])


def test_not_into_a_group_that_takes_no_mail(world: World, bob: Desk, gadget: Case) -> None:
    assert bob.move(SUPPORT, [1], MEETINGS).code == "CANNOT"
    assert groups_of(world, gadget.id) == {world.groups["Support"]}
    assert uids(bob) == [1]


def test_where_it_stands_already_it_only_leaves(world: World, bob: Desk) -> None:
    one = case(world, beside=["Sales"])
    make(world.db)
    verdict = bob.move(SUPPORT, [1], SALES)
    assert (verdict.uids, verdict.removed) == ((1,), (1,))
    assert groups_of(world, one.id) == {world.groups["Sales"]}


def test_out_of_its_own_folder_into_a_group_it_only_gains_that(
    world: World, alice: Desk, gadget: Case
) -> None:
    assert look(alice, gadget) == [1]
    verdict = alice.move(inside(gadget), [1], SALES)
    assert (verdict.uids, verdict.removed) == ((1,), (1,))
    assert groups_of(world, gadget.id) == {world.groups["Support"], world.groups["Sales"]}
    assert uids(alice, inside(gadget)) == [2]

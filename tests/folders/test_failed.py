"""Incoming/Failed: who sees what could not be filed, and what dragging it onto a group does."""

from __future__ import annotations

from dataclasses import replace

import coming_in
import pytest
from coming_in import add_account, fail
from desk import LIMITS, Desk, activities, mail, records, wrapper
from test_recovered import expunge
from world import World, build

from imapgate.activities import creators, groups, segments, users
from imapgate.folders import failed, members, quota, tree
from imapgate.folders import groups as folder_groups
from imapgate.folders.verdict import Outcome
from imapgate.incoming.queue import Wanted
from storage import Database, Tx, accounts

FAILED = "Incoming/Failed"
SUPPORT, SALES, ARCHIVE = "Trackers/Support", "Trackers/Sales", "Trackers/Archive"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def admin(world: World) -> Desk:
    return Desk(world, world.admin)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


@pytest.fixture
def bob(world: World) -> Desk:
    return Desk(world, world.bob)


def shown(desk: Desk) -> list[bytes] | None:
    """What stands in Incoming/Failed; None: this person has no such folder."""
    return None if desk.find(FAILED) is None else desk.contents(FAILED)


def set_role(world: World, group: str, login: str, role: str | None) -> None:
    def work(tx: Tx) -> None:
        found = groups.find_group(tx, world.segment_id, group)
        if role is None:
            members.end(tx, found, f"{login}@Standard")
        else:
            members.set_role(tx, found, f"{login}@Standard", members.Role(role))

    world.db.write(work)


def test_a_segment_without_accounts_has_no_such_folder(admin: Desk) -> None:
    assert shown(admin) is None
    assert admin.find("Incoming") is None


def test_administrators_and_the_groups_managers_have_it_as_soon_as_there_is_an_account(
    world: World, admin: Desk, alice: Desk, bob: Desk
) -> None:
    """Subscribed, and the heading above it; nobody else has either."""
    add_account(world, creator="Support E-Mails")
    for desk in (admin, bob):
        assert shown(desk) == []
        assert desk.folder(FAILED).subscribed
        assert desk.folder("Incoming").subscribed
        assert {"Incoming", FAILED} <= set(desk.names())
        assert (desk.folder(FAILED).rights, desk.folder("Incoming").rights) == ("lrswte", "lr")
    for desk in (alice, Desk(world, world.carol), Desk(world, world.dave)):
        assert shown(desk) is None
        assert not {"Incoming", FAILED} & set(desk.names())


def test_each_sees_what_is_theirs_to_decide(world: World, admin: Desk, bob: Desk) -> None:
    """With its reason as keyword and its bytes as they came; alice manages Sales alone."""
    set_role(world, "Sales", "alice", "manager")
    set_role(world, "Support", "bob", "viewer")
    sales = add_account(world, "sales", "Sales E-Mails")
    support = add_account(world, "support", "Support E-Mails")
    fail(world, mail(n=1), sales, failed.NO_NUMBER)
    fail(world, mail(n=2), support, failed.NO_RIGHT)
    alice = Desk(world, world.alice)
    assert shown(admin) == [mail(n=1), mail(n=2)]
    assert [one.keywords for one in admin.rows(FAILED)] == [("$NoNumber",), ("$NoRight",)]
    assert shown(alice) == shown(bob) == [mail(n=1)]


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        (Wanted(), ["admin", "bob"]),
        (Wanted(creator="Sales E-Mails"), ["admin", "alice"]),
        (Wanted(creator="gone"), ["admin"]),
        (Wanted(group_id=0), ["admin", "alice"]),
    ],
)
def test_what_no_account_brought_is_shown_to_whom_it_was_asked_to_go(
    world: World, wanted: Wanted, seen: list[str]
) -> None:
    """An import into a group, a fetch with a creator, neither: the segment's default, E-Mails."""
    set_role(world, "Sales", "alice", "manager")
    set_role(world, "Sales", "bob", "viewer")
    if wanted.group_id is not None:
        wanted = replace(wanted, group_id=world.groups["Sales"])
    fail(world, mail(), None, wanted=wanted)
    having = [name for name, one in world.people.items() if shown(Desk(world, one)) == [mail()]]
    assert having == seen


def test_dragged_onto_a_group_it_is_filed_and_leaves_everybodys(
    world: World, admin: Desk, bob: Desk
) -> None:
    """With the dropper's rights, the reason left behind; the queue knows the activity."""
    account = add_account(world, creator="Sales E-Mails")
    rows = [fail(world, mail(n=n), account) for n in (1, 2, 3)]
    verdict = bob.move(FAILED, [1, 2], SUPPORT)
    assert (verdict.outcome, verdict.removed) == (Outcome.DONE, (1, 2))
    assert bob.contents(SUPPORT) == [mail(n=1), mail(n=2)]
    assert [one.keywords for one in bob.rows(SUPPORT)] == [(), ()]
    assert shown(bob) == shown(admin) == [mail(n=3)]
    filed = [coming_in.row(world, one) for one in rows]
    assert [one.state for one in filed] == ["filed", "filed", "failed"]
    assert [one.activity_id for one in filed[:2]] == [one.id for one in activities(world)]
    assert (filed[0].code, filed[0].text) == (None, "Filed from Incoming/Failed by bob.")
    assert world.db.read(lambda tx: accounts.state(tx, account)).filed == 2
    assert admin.recovered() == bob.recovered() == []


def test_a_copy_onto_a_group_files_it_too(world: World, admin: Desk, bob: Desk) -> None:
    """Outlook's way."""
    row = fail(world, mail(), add_account(world))
    verdict = bob.copy(FAILED, [1], SUPPORT)
    assert (verdict.outcome, verdict.removed, verdict.uids) == (Outcome.DONE, (), (1,))
    assert shown(bob) == shown(admin) == []
    assert coming_in.row(world, row).state == "filed"


def test_a_wrapper_is_unwrapped_as_anywhere(world: World, bob: Desk) -> None:
    content = wrapper("> @Support E-Mails  #Meetings  Review", mail(n=1), mail(n=2))
    row = fail(world, content, add_account(world))
    assert bob.move(FAILED, [1], SALES).outcome is Outcome.DONE
    assert bob.contents(SUPPORT) == [mail(n=1), mail(n=2)]
    made = coming_in.row(world, row)
    assert made.state == "filed"
    assert made.activity_id in {one.id for one in activities(world) if one.name == "Review"}


@pytest.mark.parametrize(
    ("subject", "count"),
    [
        ("> @Nobody  Review", 1),
        ("> #99999999  Review", 1),
        ("> @VIP E-Mails  Review", 1),
        ("> @Support E-Mails  Review", 600),
    ],
)
def test_a_wrapper_that_cant_be_carried_out_is_filed_itself(
    world: World, bob: Desk, subject: str, count: int
) -> None:
    """It stands there since it names what isn't there: refused once more, nobody could ever file
    it. As a drop from elsewhere it is refused, as ever."""
    content = wrapper(subject, *[mail(n=n) for n in range(count)])
    set_role(world, "VIP customers", "bob", None)
    row = fail(world, content, add_account(world))
    assert bob.append(SUPPORT, content).outcome is Outcome.REFUSED
    verdict = bob.move(FAILED, [1], SUPPORT)
    assert (verdict.outcome, verdict.uids) == (Outcome.DONE, (1,))
    assert (bob.contents(SUPPORT), shown(bob), len(activities(world))) == ([content], [], 1)
    assert coming_in.row(world, row).state == "filed"


def test_a_drop_that_is_refused_leaves_it_there(world: World, admin: Desk, bob: Desk) -> None:
    """Nor is it kept in Recovered Messages when it is expunged afterwards: it is in the queue."""
    row = fail(world, mail(), add_account(world))
    assert bob.move(FAILED, [1], ARCHIVE).code == "CANNOT"
    assert shown(bob) == [mail()]
    assert expunge(bob, FAILED) == [1]
    assert (shown(bob), bob.recovered()) == ([], [])
    assert shown(admin) == [mail()]
    assert coming_in.row(world, row).state == "failed"


def test_what_its_owner_expunged_stays_out_of_sight(world: World, admin: Desk, bob: Desk) -> None:
    """Whatever changes in the segment, and when it fails once more; the same bytes that come again
    are new."""
    account = add_account(world)
    row = fail(world, mail(), account)
    expunge(bob, FAILED)
    coming_in.fail_again(world, row, failed.NO_RIGHT)
    set_role(world, "Sales", "alice", "manager")
    assert shown(bob) == []
    assert [one.keywords for one in admin.rows(FAILED)] == [("$NoRight",)]
    fail(world, mail(), account)
    assert shown(bob) == [mail()]
    assert len(admin.rows(FAILED)) == 1


def test_moved_to_a_personal_folder_it_is_out_of_sight_and_waits_on(
    world: World, admin: Desk, bob: Desk
) -> None:
    row = fail(world, mail(), add_account(world))
    assert bob.copy(FAILED, [1], "INBOX").outcome is Outcome.DONE
    assert shown(bob) == [mail()]
    assert bob.move(FAILED, [1], "Trash").removed == (1,)
    assert shown(bob) == []
    assert [one.keywords for one in (*bob.rows("INBOX"), *bob.rows("Trash"))] == [(), ()]
    assert coming_in.row(world, row).state == "failed"
    set_role(world, "Sales", "bob", "viewer")
    assert shown(bob) == []


@pytest.mark.parametrize("state", ["filed", "discarded", "fetched"])
def test_what_waits_no_more_leaves(world: World, admin: Desk, bob: Desk, state: str) -> None:
    row = fail(world, mail(), add_account(world))
    coming_in.end(world, row, state)
    assert shown(admin) == shown(bob) == []


def test_of_two_equal_mails_one_stays(world: World, admin: Desk) -> None:
    """One entry stands for both."""
    account = add_account(world)
    first, second = (fail(world, mail(), account) for _ in range(2))
    assert shown(admin) == [mail()]
    coming_in.end(world, first)
    assert shown(admin) == [mail()]
    admin_drop = Desk(world, world.bob).copy(FAILED, [1], SUPPORT)
    assert admin_drop.outcome is Outcome.DONE
    assert coming_in.row(world, second).state == "filed"
    assert shown(admin) == []


def test_equal_mails_of_two_accounts_are_decided_each_by_its_own(
    world: World, admin: Desk, bob: Desk
) -> None:
    """Who may decide about one of them doesn't decide about the other."""
    set_role(world, "Support", "bob", "viewer")
    sales = fail(world, mail(), add_account(world, "sales", "Sales E-Mails"))
    support = fail(world, mail(), add_account(world, "support", "Support E-Mails"))
    assert bob.move(FAILED, [1], SALES).outcome is Outcome.DONE
    assert shown(bob) == []
    assert shown(admin) == [mail()]
    assert coming_in.row(world, sales).state == "filed"
    assert coming_in.row(world, support).state == "failed"


def test_taken_out_of_sight_is_only_what_was_in_sight(world: World, bob: Desk) -> None:
    """Equal mail of another account is shown once it is his to decide, too."""
    set_role(world, "Support", "bob", "viewer")
    for name in ("Sales", "Support"):
        fail(world, mail(), add_account(world, name, f"{name} E-Mails"))
    expunge(bob, FAILED)
    set_role(world, "Support", "bob", "manager")
    assert shown(bob) == [mail()]


def test_who_becomes_a_manager_sees_what_is_open_and_who_isn_t_any_more_doesn_t(
    world: World, alice: Desk, bob: Desk
) -> None:
    account = add_account(world, creator="Support E-Mails")
    fail(world, mail(n=1), account)
    coming_in.end(world, fail(world, mail(n=2), account))
    set_role(world, "Support", "alice", "manager")
    assert shown(alice) == [mail(n=1)]
    before = bob.folder(FAILED).uidvalidity
    set_role(world, "Support", "bob", "contributor")
    assert shown(bob) == [], "still a manager elsewhere: the folder stays"
    set_role(world, "Support", "bob", "manager")
    assert (shown(bob), bob.folder(FAILED).uidvalidity) == ([mail(n=1)], before)
    set_role(world, "Support", "alice", None)
    assert shown(alice) is None
    assert alice.find("Incoming") is None


def test_so_it_is_when_the_account_files_elsewhere(
    world: World, admin: Desk, alice: Desk, bob: Desk
) -> None:
    """Another creator, another default, a creator with other groups, a group that is gone."""
    set_role(world, "Sales", "alice", "manager")
    set_role(world, "Sales", "bob", "viewer")
    account = add_account(world, creator="Support E-Mails")
    fail(world, mail(), account)
    assert (shown(alice), shown(bob)) == (None, [mail()])
    coming_in.set_creator(world, account, "Sales E-Mails")
    assert (shown(alice), shown(bob)) == ([mail()], [])

    def edit(tx: Tx) -> None:
        vip = groups.find_group(tx, world.segment_id, "VIP customers")
        _, touched = creators.edit_creator(tx, world.segment_id, "Sales E-Mails", groups=[vip])
        for group_id in touched:
            folder_groups.members_changed(tx, group_id)

    world.db.write(edit)
    assert (shown(alice), shown(bob)) == ([], [mail()])
    coming_in.set_creator(world, account, None)

    def default(tx: Tx) -> None:
        segments.set_default_creator(tx, world.segment_id, None)
        failed.entitle(tx, world.segment_id)

    world.db.write(default)
    assert (shown(admin), shown(bob)) == ([mail()], [])


def test_a_new_administrator_sees_what_is_open(world: World) -> None:
    fail(world, mail(), add_account(world))

    def work(tx: Tx) -> Desk:
        zoe = users.add_user(tx, world.segment_id, "zoe", None, "x", is_admin=True)
        folder_groups.make_home(tx, zoe)
        return Desk(world, zoe)

    assert shown(world.db.write(work)) == [mail()]


def test_nothing_is_put_into_it_and_nobody_makes_renames_or_deletes_it(
    world: World, bob: Desk
) -> None:
    """A refused APPEND is kept, as always."""
    add_account(world)
    assert bob.append(FAILED, mail()).code == "CANNOT"
    assert len(bob.recovered()) == 1
    bob.append("INBOX", mail())
    assert bob.copy("INBOX", [1], FAILED).code == "CANNOT"
    assert bob.append("Incoming", mail(n=3)).code == "CANNOT"

    def change(name: str) -> list[str | None]:
        return world.db.write(
            lambda tx: [
                tree.create(tx, bob.person, f"{name}/x", LIMITS).code,
                tree.rename(tx, bob.person, name, "Mine", LIMITS).code,
                tree.delete(tx, bob.person, name).code,
            ]
        )

    assert change(FAILED) == change("Incoming") == ["CANNOT"] * 3
    assert Desk(world, world.alice).append("Incoming/Failed", mail()).code == "NONEXISTENT"


def test_unsubscribing_sticks(world: World, bob: Desk) -> None:
    add_account(world)
    for name in ("Incoming", FAILED):
        world.db.write(lambda tx, n=name: tree.subscribe(tx, bob.person, n, False, LIMITS))
    fail(world, mail())
    set_role(world, "Sales", "alice", "manager")
    assert not bob.folder(FAILED).subscribed
    assert not bob.folder("Incoming").subscribed


def test_it_counts_in_nobodys_quota(world: World, bob: Desk) -> None:
    few = replace(LIMITS, quota_messages=1, quota_storage=500)
    fail(world, mail(body="x" * 1000), add_account(world))
    found = world.db.read(lambda tx: quota.look(tx, bob.person, few))
    assert found is not None
    assert (found.octets, found.messages) == (0, 0)
    assert world.db.read(lambda tx: quota.covers(tx, bob.person, FAILED, few)) is False
    assert Desk(world, world.bob, few).move(FAILED, [1], "INBOX").code == "OVERQUOTA"


def test_what_was_refused_elsewhere_is_kept_though_it_stands_here(world: World, bob: Desk) -> None:
    """It may leave Incoming/Failed by anybody's word."""
    fail(world, mail(), add_account(world))
    bob.append("INBOX", mail())
    assert bob.move("INBOX", [1], ARCHIVE).code == "CANNOT"
    expunge(bob, "INBOX")
    assert bob.recovered() == [(mail(), ("$Refused",))]


def test_a_drop_from_it_leaves_its_record(world: World, bob: Desk) -> None:
    fail(world, mail(), add_account(world))
    bob.move(FAILED, [1], SUPPORT)
    (one,) = records(world)
    assert (one.verdict, one.command, one.principal_id) == ("filed", "MOVE", bob.person.id)

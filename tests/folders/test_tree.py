"""What each person sees, and CREATE, RENAME, DELETE, SUBSCRIBE, STATUS (rules 13, 14)."""

from __future__ import annotations

import dataclasses

import pytest
from desk import LIMITS, Desk, mail
from sqlalchemy import event
from world import World, build

from imapgate.activities import groups as groups_admin
from imapgate.folders import groups as folder_groups
from imapgate.folders import tree
from imapgate.folders.verdict import Outcome, Verdict
from imapgate.limits import Limits
from storage import Database
from storage.schema import FLAGGED, SEEN


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


def create(desk: Desk, name: str, limits: Limits = LIMITS) -> Verdict:
    return desk.world.db.write(lambda tx: tree.create(tx, desk.person, name, limits))


def rename(desk: Desk, name: str, new_name: str, limits: Limits = LIMITS) -> Verdict:
    return desk.world.db.write(lambda tx: tree.rename(tx, desk.person, name, new_name, limits))


def delete(desk: Desk, name: str) -> Verdict:
    return desk.world.db.write(lambda tx: tree.delete(tx, desk.person, name))


def subscribe(desk: Desk, name: str, on: bool, limits: Limits = LIMITS) -> Verdict:
    return desk.world.db.write(lambda tx: tree.subscribe(tx, desk.person, name, on, limits))


def done(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.DONE


def test_everybody_has_a_home_with_special_uses(world: World) -> None:
    found = world.db.read(lambda tx: tree.list_folders(tx, world.dave, LIMITS))
    assert [(one.name, one.special_use) for one in found] == [
        ("INBOX", None),
        ("Archive", "\\Archive"),
        ("Drafts", "\\Drafts"),
        ("Junk", "\\Junk"),
        ("Recovered Messages", None),
        ("Sent", "\\Sent"),
        ("Trash", "\\Trash"),
    ]
    assert all(one.subscribed for one in found)


def test_a_member_sees_groups_and_the_headings_above_them(world: World) -> None:
    found = world.db.read(lambda tx: tree.list_folders(tx, world.carol, LIMITS))
    shared = {one.name: one.rights for one in found if one.kind is not tree.Kind.PERSONAL}
    assert shared == {"Trackers": "lr", "Trackers/Support": "lrs"}


@pytest.mark.parametrize(
    ("who", "name", "rights"),
    [
        ("alice", "Trackers/Support", "lrswite"),
        ("alice", "Trackers/Archive", "lrswte"),
        ("alice", "Trackers/Meetings", "lrswte"),
        ("bob", "trackers/SUPPORT/", "lrswitea"),
        ("bob", "Milestones/Release 1.0", "lrswtea"),
        ("carol", "Trackers/Support", "lrs"),
        ("carol", "Trackers", "lr"),
        ("alice", "inbox", "lrswipkxte"),
        ("alice", "Recovered Messages", "lrswte"),
        ("alice", "Categories/VIP customers", "lrswite"),
    ],
)
def test_rights_follow_role_and_creator(world: World, who: str, name: str, rights: str) -> None:
    assert Desk(world, world.people[who]).folder(name).rights == rights


@pytest.mark.parametrize("name", ["Trackers/Support", "Trackers", "Trackers/Nothing", "Milestones"])
def test_who_is_no_member_finds_nothing(world: World, name: str) -> None:
    assert Desk(world, world.dave).find(name) is None


def test_a_personal_folder_is_private(world: World, alice: Desk) -> None:
    create(alice, "Secret")
    folder_id = alice.folder("Secret").id
    assert world.db.read(lambda tx: tree.find_by_id(tx, world.bob, folder_id)) is None
    assert Desk(world, world.bob).find("Secret") is None


def test_finding_agrees_with_listing(world: World) -> None:
    for person in world.people.values():
        for folder in world.db.read(lambda tx, one=person: tree.list_folders(tx, one, LIMITS)):
            desk = Desk(world, person)
            assert desk.folder(folder.name) == folder
            assert (
                desk.world.db.read(lambda tx, one=person, f=folder: tree.find_by_id(tx, one, f.id))
                == folder
            )


def test_listing_takes_a_handful_of_queries_however_many_folders(world: World, alice: Desk) -> None:
    def count(tx: object) -> int:
        statements: list[str] = []

        def note(*call: object) -> None:
            statements.append(str(call[2]))

        connection = tx.connection  # type: ignore[attr-defined]
        event.listen(connection, "before_cursor_execute", note)
        tree.list_folders(tx, alice.person, LIMITS)  # type: ignore[arg-type]
        event.remove(connection, "before_cursor_execute", note)
        return len(statements)

    before = world.db.read(count)
    for number in range(20):
        create(alice, f"Projects/{number}")
    assert world.db.read(count) == before <= 7


def test_inbox_comes_first_and_parents_before_children(alice: Desk) -> None:
    for name in ("a/b", "a b", "A/a", "INBOX/z"):
        assert done(create(alice, name))
    found = alice.names()
    assert found[:2] == ["INBOX", "INBOX/z"]
    assert found.index("a") < found.index("a/a") < found.index("a/b")


# -- CREATE ------------------------------------------------------------------------------------


def test_create_makes_missing_parents(alice: Desk) -> None:
    assert done(create(alice, "Projects/2025/Gadget/"))
    assert {"Projects", "Projects/2025", "Projects/2025/Gadget"} <= set(alice.names())
    assert alice.folder("Projects").has_children
    assert not alice.folder("Projects/2025/Gadget").has_children


@pytest.mark.parametrize("name", ["INBOX", "sent", "Trackers", "Trackers/Support", "Archive/"])
def test_create_of_what_is_there_is_refused(alice: Desk, name: str) -> None:
    assert create(alice, name).code == "ALREADYEXISTS"


@pytest.mark.parametrize(
    "name", ["Trackers/New", "Activities", "a//b", " a", "Recovered Messages/x", "\x07"]
)
def test_create_of_an_impossible_name_is_refused_with_a_sentence(alice: Desk, name: str) -> None:
    verdict = create(alice, name)
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, "CANNOT")
    assert verdict.text.startswith("Not possible: ")


def test_create_beyond_the_limit_makes_nothing_at_all(alice: Desk) -> None:
    limits = dataclasses.replace(LIMITS, folders=8)
    assert create(alice, "a/b", limits).code == "LIMIT"
    assert alice.find("a") is None
    assert done(create(alice, "a", limits))


# -- RENAME ------------------------------------------------------------------------------------


def test_rename_keeps_uids_validity_and_children(alice: Desk) -> None:
    create(alice, "Old/Sub")
    alice.append("Old/Sub", mail())
    before = alice.folder("Old/Sub")
    assert done(rename(alice, "Old", "New/Place"))
    after = alice.folder("New/Place/Sub")
    assert (after.id, after.uidvalidity) == (before.id, before.uidvalidity)
    assert [one.uid for one in alice.rows("New/Place/Sub")] == [1]
    assert alice.find("Old") is None
    assert alice.find("New") is not None


def test_rename_into_trash_is_how_thunderbird_deletes(alice: Desk) -> None:
    create(alice, "Projects/Done")
    assert done(rename(alice, "Projects", "Trash/Projects"))
    assert alice.find("Trash/Projects/Done") is not None


def test_rename_may_change_only_the_case(alice: Desk) -> None:
    create(alice, "projects")
    assert done(rename(alice, "projects", "Projects"))
    assert "Projects" in alice.names()


def test_rename_of_inbox_moves_its_messages_and_inbox_stays(alice: Desk) -> None:
    alice.append("INBOX", mail(), flags=[b"\\Seen", b"\\Flagged", b"work"])
    assert done(rename(alice, "INBOX", "Older"))
    assert alice.rows("INBOX") == []
    (row,) = alice.rows("Older")
    assert (row.seen, row.flags, row.keywords) == (True, FLAGGED, ("work",))
    assert alice.append("INBOX", mail(n=2)).uids == (2,)


@pytest.mark.parametrize(
    ("name", "new_name", "code"),
    [
        ("Nothing", "x", "NONEXISTENT"),
        ("Sent", "x", "CANNOT"),
        ("Recovered Messages", "x", "CANNOT"),
        ("Trackers", "x", "CANNOT"),
        ("Trackers/Support", "x", "NOPERM"),
        ("a", "Trackers/x", "CANNOT"),
        ("a", "Sent", "ALREADYEXISTS"),
        ("a", "a/b", "CANNOT"),
        ("INBOX", "Sent", "ALREADYEXISTS"),
        ("a", " x", "CANNOT"),
    ],
)
def test_rename_that_cant_be_is_refused_with_its_code(
    alice: Desk, name: str, new_name: str, code: str
) -> None:
    create(alice, "a")
    verdict = rename(alice, name, new_name)
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, code)
    assert len(verdict.text) < 200


def test_rename_that_makes_a_subfolders_name_too_long_is_refused(alice: Desk) -> None:
    create(alice, "a/" + "x" * 200)
    limits = dataclasses.replace(LIMITS, folder_name=210)
    assert rename(alice, "a", "b" * 50, limits).code == "CANNOT"
    assert alice.find("a") is not None


# -- DELETE ------------------------------------------------------------------------------------


def test_a_folder_made_anew_has_another_uidvalidity(alice: Desk) -> None:
    create(alice, "a")
    before = alice.folder("a")
    alice.append("a", mail())
    assert done(delete(alice, "a"))
    assert alice.find("a") is None
    create(alice, "a")
    after = alice.folder("a")
    assert after.uidvalidity > before.uidvalidity
    assert after.id != before.id
    assert alice.rows("a") == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Nothing", "NONEXISTENT"),
        ("INBOX", "CANNOT"),
        ("Trash", "CANNOT"),
        ("Recovered Messages", "CANNOT"),
        ("Trackers", "CANNOT"),
        ("Trackers/Support", "NOPERM"),
        ("a", "HASCHILDREN"),
    ],
)
def test_delete_that_cant_be_is_refused_with_its_code(alice: Desk, name: str, code: str) -> None:
    create(alice, "a/b")
    verdict = delete(alice, name)
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, code)


# -- subscriptions -----------------------------------------------------------------------------


def test_unsubscribe_sticks_and_subscribe_brings_it_back(alice: Desk) -> None:
    assert done(subscribe(alice, "trackers/support/", False))
    assert not alice.folder("Trackers/Support").subscribed
    group_id = alice.world.groups["Support"]
    alice.world.db.write(lambda tx: folder_groups.members_changed(tx, group_id))
    assert not alice.folder("Trackers/Support").subscribed
    assert done(subscribe(alice, "Trackers/Support", True))
    assert alice.folder("Trackers/Support").subscribed


def test_a_subscribed_name_outlives_its_folder_until_unsubscribed(alice: Desk) -> None:
    create(alice, "a")
    subscribe(alice, "a", True)
    delete(alice, "a")
    lost = alice.world.db.read(lambda tx: tree.lost_subscriptions(tx, alice.person))
    assert lost == ["a"]
    create(alice, "A")
    assert alice.folder("a").subscribed
    delete(alice, "a")
    assert done(subscribe(alice, "a", False))
    assert alice.world.db.read(lambda tx: tree.lost_subscriptions(tx, alice.person)) == []
    assert done(subscribe(alice, "a", False))


def test_subscribing_what_isnt_there_is_refused(world: World) -> None:
    dave = Desk(world, world.dave)
    assert subscribe(dave, "Trackers/Support", True).code == "NONEXISTENT"


def test_recovered_messages_stays_subscribed(alice: Desk) -> None:
    assert subscribe(alice, "Recovered Messages", False).code == "CANNOT"
    assert alice.folder("Recovered Messages").subscribed


# -- STATUS ------------------------------------------------------------------------------------


def test_status_counts_what_is_this_persons(world: World, alice: Desk) -> None:
    alice.append("Trackers/Support", mail(n=1), flags=[b"\\Seen"])
    alice.append("Trackers/Support", mail(n=2))
    folder = alice.folder("Trackers/Support")
    counts = world.db.read(lambda tx: tree.status(tx, world.alice, folder))
    assert (counts.messages, counts.unseen, counts.recent, counts.uidnext) == (2, 1, 2, 3)
    assert counts.uidvalidity == folder.uidvalidity
    counts = world.db.read(lambda tx: tree.status(tx, world.bob, folder))
    assert counts.unseen == 2


# -- groups' folders ---------------------------------------------------------------------------


def test_a_renamed_group_keeps_uids_validity_and_subscription(world: World, alice: Desk) -> None:
    alice.append("Trackers/Support", mail())
    before = alice.folder("Trackers/Support")

    def work(tx: object) -> None:
        groups_admin.rename_group(tx, world.segment_id, "Support", "Help/Desk")  # type: ignore[arg-type]
        folder_groups.group_renamed(tx, world.groups["Support"])  # type: ignore[arg-type]

    world.db.write(work)
    after = alice.folder("Trackers/Help-Desk")
    assert (after.id, after.uidvalidity, after.subscribed) == (before.id, before.uidvalidity, True)
    assert [one.uid for one in alice.rows("Trackers/Help-Desk")] == [1]
    assert alice.find("Trackers/Support") is None


def test_a_removed_groups_folder_goes_and_the_heading_with_its_last_child(
    world: World, alice: Desk
) -> None:
    def work(tx: object) -> None:
        folder_groups.group_removed(tx, world.groups["Release 1.0"])  # type: ignore[arg-type]
        groups_admin.remove_group(tx, world.segment_id, "Release 1.0")  # type: ignore[arg-type]

    world.db.write(work)
    assert not [name for name in alice.names() if name.startswith("Milestones")]


def test_a_removed_group_leaves_activities_and_bytes(world: World, alice: Desk) -> None:
    alice.append("Trackers/Support", mail())
    alice.copy("Trackers/Support", [1], "INBOX")

    def work(tx: object) -> None:
        folder_groups.group_removed(tx, world.groups["Support"])  # type: ignore[arg-type]
        groups_admin.remove_group(tx, world.segment_id, "Support")  # type: ignore[arg-type]

    world.db.write(work)
    assert alice.find("Trackers/Support") is None
    assert alice.contents("INBOX") == [mail()]


def test_only_what_can_take_mail_is_subscribed_from_the_start(world: World, alice: Desk) -> None:
    assert alice.folder("Trackers/Support").subscribed
    assert alice.folder("Trackers").subscribed
    assert not alice.folder("Trackers/Archive").subscribed
    assert not alice.folder("Milestones").subscribed
    assert not Desk(world, world.carol).folder("Trackers/Support").subscribed


def test_for_a_new_member_what_is_older_counts_as_seen(world: World, alice: Desk) -> None:
    alice.append("Trackers/Support", mail(n=1), mail(n=2))

    def work(tx: object) -> None:
        group = groups_admin.find_group(tx, world.segment_id, "Support")  # type: ignore[arg-type]
        principal_id, new = groups_admin.set_member(tx, group, "dave@Standard", "contributor")  # type: ignore[arg-type]
        assert new
        folder_groups.members_changed(tx, group.id, principal_id)  # type: ignore[arg-type]

    world.db.write(work)
    dave = Desk(world, world.dave)
    alice.append("Trackers/Support", mail(n=3))
    assert [one.seen for one in dave.rows("Trackers/Support")] == [True, True, False]
    folder = dave.folder("Trackers/Support")
    counts = world.db.read(lambda tx: tree.status(tx, world.dave, folder))
    assert (counts.recent, counts.unseen) == (1, 1)
    assert folder.subscribed


def test_flags_of_one_person_dont_show_to_another(world: World, alice: Desk) -> None:
    alice.append("Trackers/Support", mail())
    alice.set_own("Trackers/Support", [1], SEEN)
    assert not Desk(world, world.bob).rows("Trackers/Support")[0].seen

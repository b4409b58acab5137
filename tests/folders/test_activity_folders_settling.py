"""Made folders of activities follow what happens to the activity, to its mails and to people."""

from __future__ import annotations

from typing import Any

import pytest
from desk import Desk, mail
from revising import SALES, SUPPORT, Case, case, make
from sqlalchemy import select, update
from world import World, build

from imapgate.activities import groups
from imapgate.activities.people import Role
from imapgate.folders import groups as folder_groups
from imapgate.folders import members, tree
from imapgate.folders.activity_folders.making import make as make_folder
from storage import Database, activities, checks, counts, folders, processes, standing
from storage.revisions import entry_identity
from storage.schema import FLAGGED, SEEN, entry, folder

ASSIGNED = "Activities/Assigned to me"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


def made(desk: Desk, name: str) -> tree.Folder:
    """Looked into."""
    found = desk.folder(name)
    return desk.world.db.write(lambda tx: make_folder(tx, desk.person, found))


def at(place: str, one: Case) -> str:
    return f"Activities/{place}/#{one.number}"


def subjects(desk: Desk, name: str) -> list[str]:
    """In the order of UIDs."""
    found = [row.content for row in desk.rows(name)]
    return [
        next(line[9:] for line in one.decode().split("\r\n") if line.startswith("Subject: "))
        for one in found
    ]


def uids(desk: Desk, name: str) -> list[int]:
    return [row.uid for row in desk.rows(name)]


def there(world: World, folder_id: int) -> Any:
    wanted = select(folder).where(folder.c.id == folder_id)
    return world.db.read(lambda tx: tx.connection.execute(wanted).first())


def join(world: World, login: str, group: str, role: Role) -> None:
    def work(tx: Any) -> None:
        members.set_role(tx, groups.find_group(tx, world.segment_id, group), login, role)

    world.db.write(work)


def leave(world: World, login: str, group: str) -> None:
    def work(tx: Any) -> None:
        members.end(tx, groups.find_group(tx, world.segment_id, group), login)

    world.db.write(work)


def test_a_revision_takes_the_place_of_the_one_before_and_mails_come_in(
    world: World, alice: Desk
) -> None:
    """Shared flags go over to the new revision; what stays keeps its UID; UIDs only grow."""
    one = case(world)
    make(world.db)
    name = at("Support", one)
    here = made(alice, name)
    assert subjects(alice, name) == [f"[#{one.number}] Gadget does not boot"]
    flag = update(entry).where(entry.c.folder_id == here.id).values(flags=FLAGGED, keywords="$x")
    world.db.write(lambda tx: tx.connection.execute(flag))
    alice.append(SUPPORT, mail(f"Re: #{one.number}"))
    one.change(name="Gadget boots")
    make(world.db)
    rows = alice.rows(name)
    assert [row.uid for row in rows] == [2, 3]
    assert {(row.flags, row.keywords) for row in rows} == {(FLAGGED, ("$x",)), (0, ())}
    assert sorted(subjects(alice, name)) == [
        f"Re: #{one.number}",
        f"[#{one.number}] Gadget boots",
    ]
    assert alice.folder(name).id == here.id
    assert there(world, here.id).name == f"{at('Support', one)} Gadget boots"


def test_seen_is_taken_from_the_group(world: World, alice: Desk) -> None:
    one = case(world)
    make(world.db)
    alice.append(SUPPORT, mail(f"First #{one.number}", n=1))
    make(world.db)
    alice.set_own(SUPPORT, uids(alice, SUPPORT), SEEN)
    made(alice, at("Support", one))
    alice.append(SUPPORT, mail(f"Second #{one.number}", n=2), flags=[b"\\Seen"])
    alice.append(SUPPORT, mail(f"Third #{one.number}", n=3))
    make(world.db)
    seen = {
        subject: row.seen
        for subject, row in zip(
            subjects(alice, at("Support", one)), alice.rows(at("Support", one)), strict=True
        )
    }
    assert seen[f"First #{one.number}"]
    assert seen[f"Second #{one.number}"]
    assert not seen[f"Third #{one.number}"]


def test_a_closed_activity_has_no_folder_until_it_is_opened_again(
    world: World, alice: Desk
) -> None:
    one = case(world)
    here = made(alice, at("Support", one))
    one.close()
    assert alice.find(at("Support", one)) is None
    make(world.db)
    assert there(world, here.id) is None
    world.db.write(lambda tx: _open_again(tx, one))
    make(world.db)
    again = made(alice, at("Support", one))
    assert again.uidvalidity > here.uidvalidity


def _open_again(tx: Any, one: Case) -> None:
    row = activities.by_id(tx, one.id)
    activities.change(tx, one.id, state_id=processes.initial_state(tx, row.type_id).id)


def test_what_is_assigned_to_another_goes_from_here_to_there(world: World, alice: Desk) -> None:
    bob = Desk(world, world.bob)
    one = case(world)
    one.change(assigned_to_id=world.alice.id)
    here = made(alice, at("Assigned to me", one))
    assert here.subscribed
    one.change(assigned_to_id=world.bob.id)
    make(world.db)
    assert there(world, here.id) is None
    assert alice.find(ASSIGNED) is None
    assert bob.folder(at("Assigned to me", one)).number == one.number


def test_a_mail_shows_as_long_as_its_owner_sees_one_of_its_groups(world: World) -> None:
    """A mail that becomes visible gets a higher UID than those that stand there."""
    carol = Desk(world, world.carol)
    bob = Desk(world, world.bob)
    one = case(world)
    name = at("Support", one)
    bob.append(SALES, mail(f"Hidden #{one.number}", n=1))
    made(carol, name)
    bob.append(SUPPORT, mail(f"Shown #{one.number}", n=2))
    make(world.db)
    assert f"Hidden #{one.number}" not in subjects(carol, name)
    before = uids(carol, name)
    join(world, "carol@Standard", "Sales", Role.VIEWER)
    assert subjects(carol, name)[-1] == f"Hidden #{one.number}"
    assert uids(carol, name)[:-1] == before
    leave(world, "carol@Standard", "Sales")
    assert uids(carol, name) == before
    leave(world, "carol@Standard", "Support")
    assert carol.names() == [one for one in carol.names() if not one.startswith("Activities")]


def test_a_mail_in_two_groups_stands_once(world: World, alice: Desk) -> None:
    one = case(world, beside=["Sales"])
    for group in (SUPPORT, SALES):
        alice.append(group, mail(f"Re: #{one.number}"))
    make(world.db)
    for place in ("Support", "Sales"):
        made(alice, at(place, one))
        assert len(subjects(alice, at(place, one))) == 2


def test_unlinked_mails_leave(world: World, alice: Desk) -> None:
    one = case(world)
    alice.append(SUPPORT, mail(f"Re: #{one.number}"))
    make(world.db)
    made(alice, at("Support", one))
    assert len(subjects(alice, at("Support", one))) == 2
    mails = [row.uid for row in alice.rows(SUPPORT) if row.activity_id != one.id]
    alice.move(SUPPORT, mails, "Archive")
    make(world.db)
    assert subjects(alice, at("Support", one)) == [f"[#{one.number}] Gadget does not boot"]


def test_folders_go_and_are_renamed_with_their_group(world: World, alice: Desk) -> None:
    one = case(world, beside=["Sales"])
    places = [made(alice, at(place, one)) for place in ("Support", "Sales")]
    heading = made(alice, "Activities/Sales")

    def rename(tx: Any) -> None:
        renamed = groups.rename_group(tx, world.segment_id, "Sales", "Pre-sales")
        folder_groups.group_renamed(tx, renamed.id)

    world.db.write(rename)
    assert alice.folder(at("Pre-sales", one)).id == places[1].id
    assert there(world, heading.id).name == "Activities/Pre-sales"

    def remove(tx: Any) -> None:
        found = groups.find_group(tx, world.segment_id, "Pre-sales")
        folder_groups.group_removed(tx, found.id)
        groups.remove_group(tx, world.segment_id, "Pre-sales")

    world.db.write(remove)
    make(world.db)
    assert there(world, places[0].id) is not None
    assert there(world, places[1].id) is None
    assert there(world, heading.id) is None


def test_doctor_finds_nothing_but_what_is_wrong(world: World, alice: Desk) -> None:
    one, other = case(world), case(world, "Other")
    alice.append(SUPPORT, mail(f"Re: #{one.number}"))
    make(world.db)
    here = made(alice, at("Support", one))
    made(alice, "Activities")
    for look in (checks.references, checks.entries, checks.modseqs, checks.counters):
        assert list(look(world.db)) == []
    wrong = update(entry).where(entry.c.folder_id == here.id, entry.c.rendered)
    wrong = wrong.values(activity_id=other.id, identity=entry_identity(other.id))
    world.db.write(lambda tx: tx.connection.execute(wrong))
    (said,) = checks.entries(world.db)
    assert said.endswith("shows another activity's message.")


def test_what_an_activitys_folder_shows_is_nobodys_own(world: World, alice: Desk) -> None:
    """Neither quota nor the number of folders counts it, and Recovered Messages doesn't take it for
    a copy."""
    one = case(world)
    alice.append(SUPPORT, mail(f"Re: #{one.number}"))
    make(world.db)

    def own(tx: Any) -> Any:
        message_ids = [row.stored_message_id for row in tx.connection.execute(select(entry))]
        return (
            counts.owned(tx, alice.person.id, ()),
            folders.own(tx, alice.person.id),
            standing.owned_elsewhere(tx, alice.person.id, message_ids, ()),
        )

    before = world.db.read(own)
    made(alice, at("Support", one))
    assert len(alice.rows(at("Support", one))) == 2
    assert world.db.read(own) == before


def test_groups_of_one_name_have_headings_of_their_own(world: World, alice: Desk) -> None:
    def add(tx: Any) -> None:
        made = groups.add_group(tx, world.segment_id, "Support", "category")
        folder_groups.group_added(tx, made.id)
        members.set_role(tx, made, "alice@Standard", Role.CONTRIBUTOR)
        world.groups["Support category"] = made.id

    world.db.write(add)
    one = case(world)
    one.join("Support category")
    make(world.db)
    assert alice.folder(at("Support", one)).place == world.groups["Support"]
    other = alice.folder(at("Support (2)", one))
    assert other.place == world.groups["Support category"]

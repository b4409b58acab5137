"""Open activities as folders: what is listed, what is found, what stands in them once they are
made."""

from __future__ import annotations

import pytest
from desk import LIMITS, Desk, mail
from revising import case
from sqlalchemy import select
from world import World, build

from imapgate.folders.activity_folders.making import make as make_folder
from imapgate.folders.folder import Folder, Kind
from imapgate.limits import Limits
from storage import Database
from storage.schema import principal

ASSIGNED = "Activities/Assigned to me"
REPORTED = "Activities/Reported by me"
SUPPORT = "Activities/Support"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


def below(desk: Desk) -> list[str]:
    return [one for one in desk.names() if one.startswith("Activities")]


def contact(world: World, login: str) -> int:
    """Of a user."""
    wanted = select(principal.c.contact_id).where(principal.c.id == world.people[login].id)
    return int(world.db.read(lambda tx: tx.connection.execute(wanted).scalar_one()))


def made(desk: Desk, name: str) -> Folder:
    world, folder = desk.world, desk.folder(name)
    return world.db.write(lambda tx: make_folder(tx, desk.person, folder))


def test_open_activities_stand_where_they_are_assigned_reported_and_grouped(world: World) -> None:
    """Headings without any aren't shown; closed ones and mails are no folders."""
    alice, bob, dave = (Desk(world, one) for one in (world.alice, world.bob, world.dave))
    assert below(alice) == []
    first = case(world)
    first.change(reporting_contact_id=contact(world, "alice"), assigned_to_id=world.bob.id)
    case(world, "Closed").close()
    alice.append("Trackers/Sales", mail("An offer"))
    level = f"/#{first.number} Gadget does not boot"
    here = ["Activities", REPORTED, REPORTED + level, SUPPORT, SUPPORT + level]
    assert below(alice) == here
    assert below(bob) == ["Activities", ASSIGNED, ASSIGNED + level, SUPPORT, SUPPORT + level]
    assert below(dave) == []
    subscribed = {one.name for one in map(alice.folder, here) if one.subscribed}
    assert subscribed == {"Activities", REPORTED, REPORTED + level}


def test_a_folder_has_its_messages_once_somebody_looks_into_it(world: World) -> None:
    alice = Desk(world, world.alice)
    one = case(world)
    name = f"{SUPPORT}/#{one.number} Gadget does not boot"
    alice.append("Trackers/Support", mail(f"Question #{one.number}"))
    alice.append("Trackers/Sales", mail("Something else", n=2))
    unmade = alice.folder(name)
    assert unmade.id < 0
    assert unmade.kind is Kind.ACTIVITY
    assert (unmade.rights, unmade.files_into) == ("lrswite", world.groups["Support"])
    there = made(alice, name)
    assert there.id > 0
    assert alice.folder(name) == there
    assert made(alice, name) == there
    assert [row.content for row in alice.rows(name)] == [mail(f"Question #{one.number}")]


def test_the_number_leads_to_the_folder_whatever_stands_behind_it(world: World) -> None:
    alice = Desk(world, world.alice)
    one = case(world)
    one.change(name="Gadget / Gizmo\r\n\tdoes  not\0 boot ")
    name = f"{SUPPORT}/#{one.number} Gadget - Gizmo does not boot"
    for asked in (name, f"activities/support/#{one.number}", f"{SUPPORT}/#{one.number} Old name/"):
        assert alice.folder(asked).name == name
    for other in (
        f"{SUPPORT}/{one.number}",
        f"{SUPPORT}/#{one.number}x",
        f"{SUPPORT}/#{one.number + 1}",
        f"{SUPPORT}/{name}/x",
        f"{ASSIGNED}/#{one.number}",
        f"Activities/Sales/#{one.number}",
        f"Activities/Nowhere/#{one.number}",
        "Activities/Sales",
        ASSIGNED,
    ):
        assert alice.find(other) is None, other


def test_only_so_many_are_shown_below_a_heading_but_all_are_found(world: World) -> None:
    few = Desk(world, world.alice, Limits(activity_folders=2))
    numbers = [case(world, f"No {n}").number for n in range(4)]
    assert below(few)[2:] == [f"{SUPPORT}/#{n} No {n - numbers[0]}" for n in numbers[2:]]
    assert few.folder(f"{SUPPORT}/#{numbers[0]}").number == numbers[0]
    assert len(below(Desk(world, world.alice, LIMITS))) == 2 + 4

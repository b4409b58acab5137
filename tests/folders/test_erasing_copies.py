"""Erasing a mail whose bytes stand elsewhere, or inside a wrapper."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from desk import LIMITS, Desk, activities, mail, records, wrapper
from erasures import (
    MARK,
    PRIVATE,
    SUPPORT,
    check_whole,
    erase,
    everything,
    planned,
    shown,
    spread_about,
)
from mailroom import body, fetch
from postbox import Postbox
from revising import case, make
from world import World, build

from imapgate.activities import groups, segments, users
from imapgate.activities.names import Mistake
from imapgate.folders import erasing
from imapgate.folders import groups as folder_groups
from storage import Database, Tx


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


@pytest.fixture
def spread(world: World) -> World:
    return spread_about(world)


@pytest.fixture
def twice(spread: World, alice: Desk) -> World:
    """The same mail is #10000003 too: of dave, who doesn't see #10000002."""

    def work(tx: Tx) -> None:
        group = groups.find_group(tx, spread.segment_id, "Meetings")
        member, new = groups.set_member(tx, group, "dave@Standard", "contributor")
        folder_groups.members_changed(tx, group.id, member if new else None)
        other = groups.find_group(tx, spread.segment_id, "Büro & Ablage")
        member, _ = groups.set_member(tx, other, "dave@Standard", "contributor")
        folder_groups.members_changed(tx, other.id, member)

    spread.db.write(work)
    verdict = Desk(spread, spread.dave).append("Trackers/Büro & Ablage", PRIVATE)
    assert verdict.text.startswith("Filed as #10000003")
    return spread


def test_another_activity_of_the_same_mail_keeps_its_bytes(twice: World, alice: Desk) -> None:
    plan = planned(twice, 10000002)
    assert plan.kept_by == (10000003,)
    assert (plan.groups, plan.personal) == (1, 0)
    erase(twice, 10000002)
    assert [one.content for one in alice.rows(SUPPORT)] == [mail("An incident", "i")]
    assert alice.contents("Trackers/Büro & Ablage") == [PRIVATE]
    assert PRIVATE in alice.contents("INBOX")
    assert shown(twice, 10000002)["body"] is None
    assert MARK in shown(twice, 10000003)["body"]
    said = fetch(twice, twice.alice, SUPPORT, [1, 2], [body()])
    assert not said[2]["BODY[]"]
    check_whole(twice)


def test_both_go_when_both_are_named(twice: World) -> None:
    plan = planned(twice, 10000002, 10000003)
    assert (plan.kept_by, plan.groups, plan.people) == ((), 2, 3)
    assert erase(twice, 10000003, 10000002).numbers == (10000003, 10000002)
    assert MARK.casefold() not in everything(twice)
    check_whole(twice)


def test_another_segment_s_mail_is_its_own(spread: World) -> None:
    def work(tx: Tx) -> Any:
        other, admin = segments.add_segment(tx, "Other", "otto", "otto@example.org", "hash")
        assert admin is not None
        folder_groups.make_home(tx, admin)
        users.set_disabled(tx, "otto@Other", False)
        return World(spread.db, other.id, {"otto": admin}, {})

    other = spread.db.write(work)
    otto = Desk(other, other.people["otto"])
    otto.append("INBOX", PRIVATE)
    erase(spread, 10000002)
    assert otto.contents("INBOX") == [PRIVATE]


def test_a_wrapper_with_the_mail_inside_goes_too(world: World, alice: Desk) -> None:
    """Its bytes hold the mail's; the other mail inside has its own. What is named after it isn't
    any more."""
    inner = PRIVATE.replace(b" and #10000001", b"")
    outer = wrapper("> #GadgetASupport", inner, mail("Harmless", "h"), text="Both are new.")
    alice.append("Drafts", outer)
    alice.append(SUPPORT, outer)
    assert shown(world, 10000001)["name"] == MARK
    alice.append(SUPPORT, wrapper("> #GadgetASupport  Other", mail("Other", "o")))
    plan = planned(world, 10000002)
    assert (plan.wrappers, plan.groups, plan.personal) == (1, 1, 1)
    assert erase(world, 10000002).renamed == (10000001,)
    assert MARK.casefold() not in everything(world)
    incident = shown(world, 10000001)
    assert (incident["name"], incident["detailed_description"]) == ("[erased]", "Both are new.")
    assert alice.rows("Drafts") == []
    assert [one.content.rstrip() for one in alice.rows(SUPPORT)] == [
        mail("Harmless", "h").rstrip(),
        mail("Other", "o").rstrip(),
    ]
    assert len([one for one in records(world) if one.is_wrapper and one.stored_message_id]) == 1
    check_whole(world)


def test_media_that_a_wrapper_brought_are_told(world: World, alice: Desk) -> None:
    outer = wrapper("> #GadgetASupport  Loud", mail("Inner", "a"))
    log = (
        b'Content-Type: text/plain; name="boot.log"\r\n'
        b'Content-Disposition: attachment; filename="boot.log"\r\n\r\nMarkedLog\r\n'
    )
    alice.append(SUPPORT, outer.replace(b"--=_b--", b"--=_b\r\n" + log + b"--=_b--"))
    assert [one["name"] for one in shown(world, 10000001)["media"]] == ["boot.log"]
    assert planned(world, 10000002).media == ((10000001, "boot.log"),)
    erase(world, 10000002)
    assert shown(world, 10000001)["media"] == []
    assert "markedlog" not in everything(world)
    check_whole(world)


def test_an_incident_goes_with_the_wrapper_that_made_it(world: World, alice: Desk) -> None:
    """Its texts; the mails that were filed with it are activities of their own, and stay."""
    alice.append(SUPPORT, wrapper("> #GadgetASupport  Loud", mail("Inner", "a"), text=MARK))
    plan = planned(world, 10000001)
    assert (plan.wrappers, plan.groups) == (0, 0)
    erase(world, 10000001)
    incident = shown(world, 10000001)
    assert (incident["name"], incident["closed"]) == ("[erased]", True)
    assert MARK.casefold() not in everything(world)
    assert len(alice.rows(SUPPORT)) == 1
    check_whole(world)


@pytest.mark.parametrize("place", [0, 1])
def test_each_activity_goes_with_the_wrapper_that_made_both(
    world: World, alice: Desk, place: int
) -> None:
    """Its bytes and subject, wherever they stand; the other activity keeps its own texts."""
    outer = wrapper(f"> #GadgetASupport #Meetings  {MARK}", mail("Inner", "a"), text=MARK)
    alice.append("Drafts", outer)
    alice.append(SUPPORT, outer)
    numbers = [one.number for one in activities(world) if one.name == MARK]
    assert len(numbers) == 2
    assert planned(world, numbers[place]).personal == 1
    erase(world, numbers[place])
    assert alice.rows("Drafts") == []
    [record] = [one for one in records(world) if one.is_wrapper]
    assert (record.subject, record.stored_message_id, record.message_id) == ("[erased]", None, None)
    other = shown(world, numbers[1 - place])
    assert (other["name"], other["detailed_description"]) == (MARK, MARK)
    erase(world, numbers[1 - place])
    assert MARK.casefold() not in everything(world)
    check_whole(world)


def test_an_activity_goes_with_the_wrapper_that_named_it_behind_another(
    world: World, alice: Desk
) -> None:
    """But not with one in which only a mail inside names it."""
    for n in range(2):
        alice.append(SUPPORT, wrapper(f"> #GadgetASupport  Known {n}", mail("Old", f"o{n}")))
    one, two = (found.number for found in activities(world) if found.name.startswith("Known"))
    alice.append(SUPPORT, wrapper(f"> #{one} #{two}  {MARK}", mail("Inner", "a")))
    alice.append(SUPPORT, wrapper(f"> #{one}  Other", mail(f"#{two}", "b")))
    erase(world, two)
    kept = {found.subject: found.stored_message_id for found in records(world) if found.is_wrapper}
    assert kept.pop("[erased]") is None
    assert set(kept) == {"> #GadgetASupport  Known 0", f"> #{one}  Other"}
    assert None not in kept.values()


@pytest.mark.parametrize("by_drop", [True, False])
def test_a_copy_of_its_own_message_with_other_octets_goes_too(
    world: World, alice: Desk, by_drop: bool
) -> None:
    """It was recognised as the activity, and became none."""
    number = case(world, MARK).number
    make(world.db)
    copy = b"Received: from a by b\r\n" + alice.contents(SUPPORT)[0]
    if by_drop:
        assert "itself" in alice.append(SUPPORT, copy).text
    else:
        assert Postbox(world).take(copy).number == number
    alice.append("INBOX", copy)
    erase(world, number)
    assert alice.rows("INBOX") == []
    make(world.db)
    assert MARK.casefold() not in everything(world)
    check_whole(world)


def test_a_copy_that_came_between_plan_and_erasing_goes_too(spread: World, alice: Desk) -> None:
    plan = planned(spread, 10000002)
    alice.append("Sent", b"X-Mozilla-Status: 0009\r\n" + PRIVATE)
    alice.copy("INBOX", [1], "Junk")
    erasing.erase(spread.db, spread.segment_id, plan, "private", None)
    assert alice.rows("Sent") == alice.rows("Junk") == []
    assert MARK.casefold() not in everything(spread)


def test_dropped_again_between_plan_and_erasing_nothing_is_done(twice: World) -> None:
    plan = planned(twice, 10000002, 10000003)
    before = everything(twice)
    stale = replace(plan, numbers=(10000002,))
    with pytest.raises(Mistake, match="dropped again"):
        erasing.erase(twice.db, twice.segment_id, stale, "private", None)
    assert everything(twice) == before


def test_a_refused_wrapper_with_the_mail_inside_goes_too(alice: Desk) -> None:
    """It stands in Recovered Messages."""
    refused = wrapper("> @Support E-Mails #99999999 look", PRIVATE)
    assert alice.append(SUPPORT, refused).code == "CANNOT"
    assert [content for content, _ in alice.recovered()] == [refused]
    alice.append(SUPPORT, PRIVATE)
    (number,) = (one.number for one in activities(alice.world))
    planned = erasing.plan(alice.world.db, alice.world.segment_id, [number], LIMITS)
    assert planned.wrappers == 1
    erasing.erase(alice.world.db, alice.world.segment_id, planned, "private mail", alice.person)
    assert alice.recovered() == []

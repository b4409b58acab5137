"""A mail dropped on an activity's folder is filed, linked to it and becomes its follow-up."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from desk import LIMITS, Desk, activities, groups_of, links, mail, records, wrapper
from incidents import Incident, follow_ups, incident, inside
from world import World, build

from imapgate.activities import creators, groups
from imapgate.folders import drops, replacing, tree, uploads
from imapgate.folders.verdict import Outcome
from storage import Database, Tx
from storage.schema import DELETED, FLAGGED

SUPPORT, SALES, MEETINGS = "Trackers/Support", "Trackers/Sales", "Trackers/Meetings"
RECOVERED = "Recovered Messages"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def gadget(world: World) -> Incident:
    """#10000001 in Support."""
    return incident(world)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


def numbers(record: Any) -> list[tuple[int, str]]:
    return [(one["number"], one["outcome"]) for one in json.loads(record.numbers)]


def test_no_number_has_to_be_typed(alice: Desk, gadget: Incident) -> None:
    verdict = alice.append(inside(gadget), mail("Still dead"), flags=[b"\\Seen", b"\\Flagged"])
    assert verdict.text == f"Filed as #10000002 in Support, linked to #{gadget.number}."
    there = alice.folder(inside(gadget))
    assert (verdict.uidvalidity, verdict.folder) == (there.uidvalidity, there)
    [row] = [one for one in alice.rows(inside(gadget)) if one.uid == verdict.uids[0]]
    assert (row.content, row.seen, row.flags) == (mail("Still dead"), True, FLAGGED)
    assert [one.content for one in alice.rows(SUPPORT)] == [mail("Still dead")]
    assert follow_ups(gadget) == ["Still dead"]
    filed = activities(alice.world)[-1]
    assert filed.name == f"Still dead [#{gadget.number}]"
    assert links(alice.world) == [(filed.id, gadget.id)]
    assert groups_of(alice.world, filed.id) == {alice.world.groups["Support"]}
    record = records(alice.world)[-1]
    assert (record.folder_id, record.folder_name) == (there.id, there.name)
    assert (record.uid, record.verdict, record.activity_id) == (row.uid, "filed", filed.id)
    assert numbers(record) == [(gadget.number, "linked")]


def test_several_at_once_have_their_uids_in_the_commands_order(
    alice: Desk, gadget: Incident
) -> None:
    first = alice.append(inside(gadget), mail("b", 2)).uids
    verdict = alice.append(inside(gadget), mail("c", 3), mail("b", 2), mail("a", 1))
    assert verdict.uids[1] == first[0]
    by_uid = {one.uid: one.content for one in alice.rows(inside(gadget))}
    wanted = [mail("c", 3), mail("b", 2), mail("a", 1)]
    assert [by_uid[uid] for uid in verdict.uids] == wanted
    assert sorted(follow_ups(gadget)) == ["a", "b", "c"]


def test_the_same_mail_again_is_the_same(alice: Desk, gadget: Incident) -> None:
    [uid] = alice.append(inside(gadget), mail()).uids
    alice.set_own(inside(gadget), [uid], DELETED)
    verdict = alice.append(inside(gadget), b"X-Mozilla-Status: 0001\r\n" + mail())
    assert verdict.uids == (uid,)
    assert verdict.text == f"Filed as #10000002 in Support, linked to #{gadget.number}."
    [row] = alice.rows(inside(gadget))
    assert not row.deleted
    assert len(activities(alice.world)) == 2
    assert len(follow_ups(gadget)) == 1


def test_what_stands_in_the_group_already_is_linked_and_stays_one(
    alice: Desk, gadget: Incident
) -> None:
    alice.append(SUPPORT, mail())
    assert alice.append(inside(gadget), mail()).uids == (1,)
    assert len(alice.rows(SUPPORT)) == 1
    assert follow_ups(gadget) == ["Hello"]


def test_what_others_have_made_of_it_shows_it_too(world: World, gadget: Incident) -> None:
    bob = Desk(world, world.bob)
    alice = Desk(world, world.alice)
    alice.append(inside(gadget), mail())
    assert bob.append(inside(gadget), mail()).uids == (1,)
    assert len(bob.rows(SUPPORT)) == 1


def test_an_unknown_number_beside_it_is_told(alice: Desk, gadget: Incident) -> None:
    verdict = alice.append(inside(gadget), mail("About #77"))
    assert verdict.text == (
        f"Filed as #10000002 in Support, linked to #{gadget.number}. #77 is unknown, not linked."
    )
    [row] = alice.rows(inside(gadget))
    assert row.keywords == ("$NumberUnknown",)


@pytest.mark.parametrize("moving", [False, True])
def test_a_mail_dragged_there_out_of_a_personal_folder(
    alice: Desk, gadget: Incident, moving: bool
) -> None:
    alice.append("INBOX", mail(n=1), mail(n=2), flags=[b"\\Seen", b"work"])
    verdict = (alice.move if moving else alice.copy)("INBOX", [1, 2], inside(gadget))
    assert verdict.text == "Filed 2 messages in Support."
    assert (verdict.source_uids, verdict.uids) == ((1, 2), (1, 2))
    assert verdict.removed == ((1, 2) if moving else ())
    assert [(one.seen, one.keywords) for one in alice.rows(inside(gadget))] == [
        (True, ("work",))
    ] * 2
    assert len(alice.rows("INBOX")) == (0 if moving else 2)
    assert len(follow_ups(gadget)) == 2
    assert {one.command for one in records(alice.world)[-2:]} == {"MOVE" if moving else "COPY"}


def test_copied_into_the_folder_where_it_is(alice: Desk, gadget: Incident) -> None:
    alice.append(inside(gadget), mail())
    assert alice.copy(inside(gadget), [1], inside(gadget)).code == "CANNOT"


def test_a_refused_mail_stands_in_recovered_messages(world: World, gadget: Incident) -> None:
    carol = Desk(world, world.carol)
    assert carol.folder(inside(gadget)).rights == "lrs"
    verdict = carol.append(inside(gadget), mail())
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, "NOPERM")
    assert verdict.text == (
        'Not filed: you may not add mail to group "Support". Your mail stays where it was; a copy '
        "is in Recovered Messages."
    )
    assert [content for content, _ in carol.recovered()] == [mail()]
    assert follow_ups(gadget) == []
    assert records(world)[-1].folder_name == inside(gadget)
    carol.append("INBOX", mail())
    assert carol.move("INBOX", [1], inside(gadget)).code == "NOPERM"


def test_where_no_group_takes_mail_the_reason_is_told(world: World, alice: Desk) -> None:
    meeting = incident(world, "Weekly", "Meetings", creator=None, type_name="Meeting")
    folder = alice.folder(inside(meeting, "Meetings"))
    assert (folder.rights, folder.files_into) == ("lrswte", None)
    verdict = alice.append(folder.name, mail())
    assert verdict.code == "CANNOT"
    assert 'group "Meetings" has no e-mail creator (only for Meeting)' in verdict.text


def test_below_assigned_to_me_the_first_group_that_takes_it_files_it(world: World) -> None:
    meeting = incident(
        world,
        "Weekly",
        "Meetings",
        "Sales",
        "Support",
        creator=None,
        type_name="Meeting",
        assigned_to=world.alice,
    )
    alice = Desk(world, world.alice)
    verdict = alice.append(inside(meeting, "Assigned to me"), mail())
    assert verdict.text.startswith("Filed as #10000002 in Support, linked to")
    assert verdict.folder is not None
    assert verdict.folder.name.startswith("Activities/Assigned to me/")


def test_a_closed_activity_has_no_folder_to_drop_on(alice: Desk, gadget: Incident) -> None:
    alice.append(inside(gadget), mail(n=1))
    gadget.close()
    verdict = alice.append(inside(gadget), mail(n=2))
    assert verdict.code == "NONEXISTENT"
    assert [content for content, _ in alice.recovered()] == [mail(n=2)]


def test_whoever_does_not_see_an_activity_is_told_as_if_there_were_none(
    world: World, gadget: Incident
) -> None:
    def work(tx: Tx) -> None:
        sales = groups.find_group(tx, world.segment_id, "Sales")
        groups.set_member(tx, sales, "dave@Standard", "contributor")

    world.db.write(work)
    incident(world, "Deal", "Sales", creator=None, type_name="Bug")
    dave = Desk(world, world.dave)
    for place in ("Support", "Sales", "Assigned to me"):
        there = dave.append(inside(gadget, place), mail())
        nowhere = dave.append(f"Activities/{place}/#77", mail())
        assert (there.code, nowhere.code) == ("NONEXISTENT", "NONEXISTENT")
        assert there.text.replace(str(gadget.number), "77") == nowhere.text
    assert follow_ups(gadget) == []


def test_the_headings_take_nothing(alice: Desk, gadget: Incident) -> None:
    for name in ("Activities", "Activities/Support"):
        assert alice.append(name, mail()).code == "CANNOT"


def test_out_of_recovered_messages_it_leaves_by_being_filed(alice: Desk, gadget: Incident) -> None:
    alice.append("Trackers/Archive", mail())
    assert alice.copy(RECOVERED, [1], inside(gadget)).outcome is Outcome.DONE
    assert alice.recovered() == []


def test_at_most_as_many_as_go_into_a_group(world: World, gadget: Incident) -> None:
    desk = Desk(world, world.alice, replace(LIMITS, drop_messages=1))
    desk.append("INBOX", mail(n=1))
    desk.append("INBOX", mail(n=2))
    assert desk.move("INBOX", [1, 2], inside(gadget)).code == "LIMIT"
    assert desk.append(inside(gadget), mail(n=1), mail(n=2)).code == "LIMIT"


def test_it_counts_for_nobodys_quota(world: World, gadget: Incident) -> None:
    desk = Desk(world, world.alice, replace(LIMITS, quota_messages=1))
    desk.append("INBOX", mail(n=1))
    assert desk.append("INBOX", mail(n=2)).code == "OVERQUOTA"
    assert desk.append(inside(gadget), mail(n=2)).outcome is Outcome.DONE
    assert desk.move("INBOX", [1], inside(gadget)).outcome is Outcome.DONE
    assert desk.append("INBOX", mail(n=3)).outcome is Outcome.DONE


def test_refused_before_the_upload_only_where_no_copy_could_be_kept(
    world: World, gadget: Incident
) -> None:
    full = replace(LIMITS, recovered=10)

    def look(who: str) -> drops.Unwanted | None:
        person = world.people[who]
        return world.db.read(lambda tx: drops.before_upload(tx, person, inside(gadget), 100, full))

    assert look("alice") is None
    unwanted = look("carol")
    assert unwanted is not None
    assert unwanted.code == "OVERQUOTA"


def test_a_replaced_message_goes_and_the_new_one_is_filed(alice: Desk, gadget: Incident) -> None:
    [uid] = alice.append("Drafts", mail("Draft")).uids
    upload = uploads.Upload(
        alice.world.db,
        alice.person,
        inside(gadget),
        [drops.Arrival(mail("Sent", 2), (), None, 0)],
        "",
        LIMITS,
        None,
        replacing.Old(alice.folder("Drafts"), uid, False),
    )
    verdict = upload.append()
    assert (verdict.uids, verdict.removed) == ((1,), (uid,))
    assert (alice.rows("Drafts"), follow_ups(gadget)) == ([], ["Sent"])


def test_where_the_same_mail_is_another_activity_too_it_is_shown_once(
    world: World, alice: Desk
) -> None:
    """dave didn't see the first; alice sees both."""

    def work(tx: Tx) -> None:
        sales = groups.find_group(tx, world.segment_id, "Sales")
        groups.set_member(tx, sales, "dave@Standard", "contributor")

    world.db.write(work)
    both = incident(world, "Gadget", "Sales")
    alice.append(inside(both), mail())
    Desk(world, world.dave).append(inside(both, "Sales"), mail())
    assert len(activities(world)) == 3
    for place in ("Sales", "Support"):
        assert alice.append(inside(both, place), mail()).uids == (1,)
        assert alice.contents(inside(both, place)) == [mail()]
    both.change()
    assert alice.contents(inside(both, "Sales")) == [mail()]


# -- wrappers ------------------------------------------------------------------------------------


def test_the_messages_in_a_wrapper_are_linked_to_it(alice: Desk, gadget: Incident) -> None:
    verdict = alice.append(
        inside(gadget), wrapper("> @Sales E-Mails  ", mail("One", 1), mail("Two", 2))
    )
    assert verdict.outcome is Outcome.DONE, verdict.text
    assert [one.content for one in alice.rows(SALES)] == [mail("One", 1), mail("Two", 2)]
    there = alice.rows(inside(gadget))
    assert sorted(one.content for one in there) == [mail("One", 1), mail("Two", 2)]
    assert verdict.uids[0] not in {one.uid for one in there}
    assert {"One", "Two"} < set(follow_ups(gadget))
    again = alice.append(
        inside(gadget), wrapper("> @Sales E-Mails  ", mail("One", 1), mail("Two", 2))
    )
    assert again.uids == verdict.uids
    assert len(follow_ups(gadget)) == 3


def test_a_wrapper_that_names_another_activity_is_linked_to_both(
    world: World, alice: Desk, gadget: Incident
) -> None:
    other = incident(world, "Invoice is wrong")
    verdict = alice.append(inside(gadget), wrapper(f"> @Support E-Mails  #{other.number}", mail()))
    assert verdict.outcome is Outcome.DONE, verdict.text
    filed = activities(world)[-1]
    assert set(links(world)) == {(filed.id, gadget.id), (filed.id, other.id)}
    assert "Hello" in follow_ups(gadget)
    assert "Hello" in follow_ups(other)


# -- between groups and activities ---------------------------------------------------------------


def test_dragged_from_its_group_to_an_activity_it_stays_in_the_group(
    world: World, gadget: Incident
) -> None:
    """By whoever may contribute, whosesoever drop it was; what people know of it goes along."""
    bob, alice, carol = (Desk(world, world.people[who]) for who in ("bob", "alice", "carol"))
    bob.append(SUPPORT, mail(), flags=[b"\\Seen", b"\\Flagged", b"work"])
    verdict = alice.move(SUPPORT, [1], inside(gadget))
    assert verdict.text == f"Filed as #10000002 in Support, linked to #{gadget.number}."
    assert (verdict.source_uids, verdict.uids, verdict.removed) == ((1,), (1,), (1,))
    assert follow_ups(gadget) == ["Hello"]
    for desk, seen in ((bob, True), (alice, False), (carol, False)):
        [row] = desk.rows(SUPPORT)
        assert (row.uid, row.content, row.seen) == (2, mail(), seen)
        assert (row.flags, row.keywords) == (FLAGGED, ("work",))
    assert alice.droppers(SUPPORT) == {2: [world.alice.id, world.bob.id]}
    assert alice.recovered() == []
    now = world.db.read(lambda tx: tree.status(tx, alice.person, alice.folder(SUPPORT)))
    assert now.modseq == verdict.modseq


def test_dragged_to_an_activity_of_another_group_it_goes_there(world: World) -> None:
    deal = incident(world, "Deal", "Sales", creator=None, type_name="Bug")
    bob, alice = Desk(world, world.bob), Desk(world, world.alice)
    bob.append(SUPPORT, mail())
    verdict = alice.move(SUPPORT, [1], inside(deal, "Sales"))
    assert verdict.code == "NOPERM"
    assert len(alice.rows(SUPPORT)) == 1
    verdict = bob.move(SUPPORT, [1], inside(deal, "Sales"))
    assert verdict.text == f"Filed as #10000002 in Sales, linked to #{deal.number}."
    assert bob.rows(SUPPORT) == []
    assert groups_of(world, activities(world)[-1].id) == {world.groups["Sales"]}
    assert bob.droppers(SALES) == {1: [world.bob.id]}


def test_copied_from_a_group_it_is_linked_and_stays_as_it_is(alice: Desk, gadget: Incident) -> None:
    alice.append(SUPPORT, mail())
    verdict = alice.copy(SUPPORT, [1], inside(gadget))
    assert (verdict.source_uids, verdict.uids) == ((1,), (1,))
    assert [one.uid for one in alice.rows(SUPPORT)] == [1]
    assert follow_ups(gadget) == ["Hello"]


def test_a_viewer_copies_out_and_moves_nothing(world: World, gadget: Incident) -> None:
    carol = Desk(world, world.carol)
    Desk(world, world.alice).append(inside(gadget), mail())
    assert carol.copy(SUPPORT, [1], "INBOX").outcome is Outcome.DONE
    assert carol.move(SUPPORT, [1], inside(gadget)).code == "NOPERM"
    assert carol.copy(SUPPORT, [1], inside(gadget)).code == "NOPERM"
    assert [one.uid for one in carol.rows(SUPPORT)] == [1]


def test_a_group_that_gets_an_e_mail_creator_files_from_then_on(world: World, alice: Desk) -> None:
    meeting = incident(world, "Weekly", "Meetings", creator=None, type_name="Meeting")
    assert alice.append(inside(meeting, "Meetings"), mail()).code == "CANNOT"

    def work(tx: Tx) -> None:
        group = groups.find_group(tx, world.segment_id, "Meetings")
        creators.add_creator(tx, world.segment_id, "Mails", "E-Mail", [group])

    world.db.write(work)
    assert alice.append(inside(meeting, "Meetings"), mail()).outcome is Outcome.DONE
    assert follow_ups(meeting) == ["Hello"]

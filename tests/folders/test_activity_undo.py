"""What was dropped on an activity is taken back by dragging it away; the record has both steps."""

from __future__ import annotations

import json

import pytest
from desk import Desk, activities, groups_of, links, mail, records
from incidents import Incident, follow_ups, incident, inside
from revising import case, make
from world import World, build

from imapgate.folders import leaving
from imapgate.folders.activity_folders import making
from imapgate.folders.verdict import Outcome
from storage import Database
from storage.schema import DELETED

SUPPORT, SALES = "Trackers/Support", "Trackers/Sales"
RECOVERED = "Recovered Messages"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def gadget(world: World) -> Incident:
    """#10000001 in Support."""
    return incident(world)


@pytest.fixture
def invoice(world: World, gadget: Incident) -> Incident:
    """#10000002 in Support."""
    return incident(world, "Invoice is wrong")


@pytest.fixture
def deal(world: World, gadget: Incident) -> Incident:
    """In Sales alone."""
    return incident(world, "Deal", "Sales", creator=None, type_name="Bug")


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


@pytest.fixture
def bob(world: World) -> Desk:
    return Desk(world, world.bob)


def look(desk: Desk, one: Incident) -> list[int]:
    """The UIDs in its folder, which is made if nobody has looked into it yet."""
    folder = desk.folder(inside(one))
    desk.world.db.write(lambda tx: making.make(tx, desk.person, folder))
    return [row.uid for row in desk.rows(inside(one))]


def expunge(desk: Desk, name: str, uids: list[int]) -> list[int]:
    desk.set_own(name, uids, DELETED)
    folder = desk.folder(name)
    return desk.world.db.write(
        lambda tx: leaving.expunge(tx, desk.person, folder, None, "EXPUNGE", "Test 1.0")
    )


def steps(world: World) -> list[tuple[str, str, str, list[tuple[int, str]]]]:
    """(command, verdict, folder, numbers) of each record."""
    return [
        (
            one.command,
            one.verdict,
            one.folder_name.split(" ")[0],
            [(found["number"], found["outcome"]) for found in json.loads(one.numbers)],
        )
        for one in records(world)
    ]


def nothing_left(one: Incident) -> None:
    assert follow_ups(one) == []
    assert links(one.world) == []


# -- to a personal folder, and by deleting --------------------------------------------------------


@pytest.mark.parametrize("how", ["move", "expunge", "recovered"])
def test_taken_back_by_who_dropped_it(alice: Desk, gadget: Incident, how: str) -> None:
    [uid] = alice.append(inside(gadget), mail("Wrong")).uids
    if how == "expunge":
        assert expunge(alice, inside(gadget), [uid]) == [uid]
    else:
        name = RECOVERED if how == "recovered" else "INBOX"
        verdict = alice.move(inside(gadget), [uid], name)
        assert (verdict.source_uids, verdict.uids, verdict.removed) == ((uid,), (1,), (uid,))
        assert verdict.uidvalidity == alice.folder(name).uidvalidity
    nothing_left(gadget)
    assert (alice.rows(inside(gadget)), alice.rows(SUPPORT)) == ([], [])
    assert alice.recovered() == [(mail("Wrong"), ("$TakenOut",))]
    assert [one.content for one in alice.rows("INBOX")] == [mail("Wrong")] * (how == "move")
    filed = activities(alice.world)[-1]
    assert (filed.name, groups_of(alice.world, filed.id)) == ("Wrong", set())
    command = "EXPUNGE" if how == "expunge" else "MOVE"
    assert steps(alice.world) == [
        ("APPEND", "filed", inside(gadget), [(gadget.number, "linked")]),
        (command, "removed", inside(gadget), [(gadget.number, "undone")]),
        (command, "removed", SUPPORT, []),
    ]


def test_a_contributor_takes_back_what_they_alone_dropped(
    world: World, alice: Desk, bob: Desk, gadget: Incident
) -> None:
    bob.append(inside(gadget), mail("Bob's", 1))
    alice.append(inside(gadget), mail("Alice's", 2))
    uids = {one.content: one.uid for one in alice.rows(inside(gadget))}
    theirs, own = uids[mail("Bob's", 1)], uids[mail("Alice's", 2)]
    verdict = alice.move(inside(gadget), [theirs, own], "INBOX")
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, "NOPERM")
    assert f"take this mail out of activity #{gadget.number}" in verdict.text
    assert expunge(alice, inside(gadget), [theirs, own]) == [own]
    assert follow_ups(gadget) == ["Bob's"]
    assert alice.recovered() == [(mail("Alice's", 2), ("$TakenOut",))]


def test_a_manager_takes_back_what_somebody_else_dropped(
    alice: Desk, bob: Desk, gadget: Incident
) -> None:
    alice.append(inside(gadget), mail())
    [row] = bob.rows(SUPPORT)
    bob.copy(SUPPORT, [row.uid], inside(gadget))
    verdict = bob.move(inside(gadget), [1], "INBOX")
    assert verdict.outcome is Outcome.DONE, verdict.text
    nothing_left(gadget)
    assert [content for content, _ in alice.recovered()] == [mail()]
    assert [content for content, _ in bob.recovered()] == [mail()]


def test_of_two_numbers_the_other_keeps_it_in_the_group(
    alice: Desk, gadget: Incident, invoice: Incident
) -> None:
    [uid] = alice.append(inside(gadget), mail(f"Both #{invoice.number}")).uids
    alice.move(inside(gadget), [uid], "INBOX")
    assert follow_ups(gadget) == []
    assert follow_ups(invoice) == [f"Both #{invoice.number}"]
    assert len(alice.rows(SUPPORT)) == 1
    assert alice.recovered() == []
    alice.move(inside(invoice), look(alice, invoice), "INBOX")
    assert follow_ups(invoice) == []
    assert alice.rows(SUPPORT) == []
    assert [content for content, _ in alice.recovered()] == [mail(f"Both #{invoice.number}")]


def test_in_another_group_it_stays_there(alice: Desk, gadget: Incident) -> None:
    """It leaves the group of the folder alone."""
    alice.append(inside(gadget), mail())
    alice.append(SALES, mail())
    alice.move(inside(gadget), [1], "INBOX")
    nothing_left(gadget)
    assert alice.rows(SUPPORT) == []
    assert len(alice.rows(SALES)) == 1


def test_a_mail_of_another_group_is_only_unlinked(alice: Desk, gadget: Incident) -> None:
    alice.append(SALES, mail(f"#{gadget.number}"))
    verdict = alice.move(inside(gadget), look(alice, gadget), "Trash")
    assert verdict.outcome is Outcome.DONE, verdict.text
    nothing_left(gadget)
    assert len(alice.rows(SALES)) == 1
    assert alice.recovered() == []


def test_a_mail_in_two_forms_is_shown_once_and_leaves_in_both(
    alice: Desk, gadget: Incident
) -> None:
    """Other bytes under its Message-ID, which say the same."""
    one, other = mail(), mail(extra="X-Other: form\r\n")
    verdict = alice.append(inside(gadget), one, other)
    assert verdict.uids == (1, 1)
    assert alice.contents(SUPPORT) == [one, other]
    assert alice.contents(inside(gadget)) == [one]
    gadget.change()
    assert [row.uid for row in alice.rows(inside(gadget))] == [1]
    assert alice.move(inside(gadget), [1], "INBOX").outcome is Outcome.DONE
    nothing_left(gadget)
    assert alice.rows(SUPPORT) == []
    assert sorted(content for content, _ in alice.recovered()) == sorted([one, other])


def test_all_that_stands_there_dragged_away_at_once(world: World, alice: Desk) -> None:
    """The mails go, the activity's own message comes again."""
    own = case(world)
    make(world.db)
    name = f"Activities/Support/#{own.number}"
    alice.append(name, mail("One", 1), mail("Two", 2))
    verdict = alice.move(name, [1, 2, 3], "INBOX")
    assert (verdict.uids, verdict.removed) == ((1, 2, 3), (1, 2, 3))
    assert [row.uid for row in alice.rows(name)] == [4]
    assert [row.uid for row in alice.rows(SUPPORT)] == [1]
    assert len(alice.rows("INBOX")) == 3
    assert sorted(content for content, _ in alice.recovered()) == [mail("One", 1), mail("Two", 2)]


def test_what_answers_another_mail_is_taken_back_alike(alice: Desk, gadget: Incident) -> None:
    alice.append(inside(gadget), mail("Ask", 1))
    answer = mail("Answer", 2, extra="In-Reply-To: <m1@example.com>\r\n")
    alice.append(SUPPORT, answer)
    assert follow_ups(gadget) == ["Ask", "Answer"]
    gadget.change()
    by_content = {one.content: one.uid for one in alice.rows(inside(gadget))}
    alice.move(inside(gadget), [by_content[answer]], "INBOX")
    assert follow_ups(gadget) == ["Ask"]
    assert [one.content for one in alice.rows(SUPPORT)] == [mail("Ask", 1)]


def test_where_the_activity_was_closed_meanwhile_it_is_taken_back_in_the_group(
    alice: Desk, gadget: Incident
) -> None:
    alice.append(inside(gadget), mail())
    before = follow_ups(gadget)
    gadget.close()
    assert alice.find(inside(gadget)) is None
    assert expunge(alice, SUPPORT, [1]) == [1]
    assert before == ["Hello"]
    assert "Hello" not in follow_ups(gadget)
    assert links(alice.world) == []


def test_dropped_again_it_is_linked_again(alice: Desk, gadget: Incident, invoice: Incident) -> None:
    """From Recovered Messages to another activity, and with its number to a group."""
    alice.append(inside(gadget), mail(f"About #{gadget.number}"))
    alice.move(inside(gadget), [1], RECOVERED)
    nothing_left(gadget)
    verdict = alice.move(RECOVERED, [1], inside(invoice))
    assert verdict.outcome is Outcome.DONE, verdict.text
    assert alice.recovered() == []
    filed = activities(alice.world)[-1]
    assert set(links(alice.world)) == {(filed.id, gadget.id), (filed.id, invoice.id)}
    assert len(activities(alice.world)) == 3
    expunge(alice, SUPPORT, [row.uid for row in alice.rows(SUPPORT)])
    nothing_left(gadget)
    alice.move(RECOVERED, [row.uid for row in alice.rows(RECOVERED)], SUPPORT)
    assert links(alice.world) == [(filed.id, gadget.id)]


def test_out_of_its_last_group_a_mail_loses_its_links(
    alice: Desk, gadget: Incident, invoice: Incident
) -> None:
    both = mail(f"#{gadget.number} #{invoice.number}")
    alice.append(SUPPORT, both)
    alice.append(SALES, both)
    expunge(alice, SUPPORT, [1])
    assert len(links(alice.world)) == 2
    assert alice.move(SALES, [1], "Trash").outcome is Outcome.DONE
    nothing_left(gadget)
    assert follow_ups(invoice) == []
    assert steps(alice.world)[-1] == (
        "MOVE",
        "removed",
        SALES,
        [(gadget.number, "undone"), (invoice.number, "undone")],
    )


def test_between_groups_it_keeps_its_links(alice: Desk, gadget: Incident) -> None:
    alice.append(inside(gadget), mail())
    assert alice.move(SUPPORT, [1], SALES).outcome is Outcome.DONE
    assert follow_ups(gadget) == ["Hello"]
    assert len(links(alice.world)) == 1


# -- to another activity, to a group --------------------------------------------------------------


def test_to_another_activity_of_the_group(alice: Desk, gadget: Incident, invoice: Incident) -> None:
    named = mail(f"#{gadget.number} is it not")
    [uid] = alice.append(inside(gadget), named).uids
    verdict = alice.move(inside(gadget), [uid], inside(invoice))
    assert verdict.text == f"Filed as #10000003 in Support, linked to #{invoice.number}."
    assert (verdict.source_uids, verdict.uids, verdict.removed) == ((uid,), (1,), (uid,))
    assert follow_ups(gadget) == []
    assert follow_ups(invoice) == [f"#{gadget.number} is it not"]
    filed = activities(alice.world)[-1]
    assert filed.name == f"#{gadget.number} is it not [#{invoice.number}]"
    assert (len(alice.rows(SUPPORT)), alice.recovered()) == (1, [])
    assert alice.rows(inside(gadget)) == []
    assert steps(alice.world)[1:] == [
        ("MOVE", "removed", inside(gadget), [(gadget.number, "undone")]),
        ("MOVE", "filed", inside(invoice), [(invoice.number, "linked")]),
    ]


def test_to_an_activity_of_another_group(
    world: World, alice: Desk, bob: Desk, gadget: Incident, deal: Incident
) -> None:
    [uid] = alice.append(inside(gadget), mail()).uids
    verdict = alice.move(inside(gadget), [uid], inside(deal, "Sales"))
    assert verdict.text == f"Filed as #10000003 in Sales, linked to #{deal.number}."
    assert alice.rows(SUPPORT) == []
    assert (len(alice.rows(SALES)), alice.recovered()) == (1, [])
    assert alice.droppers(SALES) == {1: [world.alice.id]}
    assert groups_of(world, activities(world)[-1].id) == {world.groups["Sales"]}
    assert (follow_ups(gadget), follow_ups(deal)) == ([], ["Hello"])
    assert [one[1:3] for one in steps(world)[1:]] == [
        ("removed", inside(gadget)),
        ("removed", SUPPORT),
        ("filed", inside(deal, "Sales")),
    ]


def test_what_somebody_else_dropped_a_contributor_can_not_turn(
    alice: Desk, bob: Desk, gadget: Incident, invoice: Incident
) -> None:
    bob.append(inside(gadget), mail())
    alice.append(inside(gadget), mail(n=2))
    before = follow_ups(gadget)
    uids = [one.uid for one in alice.rows(inside(gadget))]
    assert alice.move(inside(gadget), uids, inside(invoice)).code == "NOPERM"
    assert (follow_ups(gadget), follow_ups(invoice)) == (before, [])


@pytest.mark.parametrize("name", [SUPPORT, SALES])
def test_to_a_group_it_is_linked_to_nothing_and_stands_there(
    alice: Desk, gadget: Incident, name: str
) -> None:
    [uid] = alice.append(inside(gadget), mail(f"#{gadget.number}")).uids
    verdict = alice.move(inside(gadget), [uid], name)
    assert verdict.text == f"Filed as #10000002 in {name.split('/')[1]}."
    nothing_left(gadget)
    assert (verdict.uids, [one.uid for one in alice.rows(name)]) == ((1,), [1])
    other = SALES if name == SUPPORT else SUPPORT
    assert alice.rows(other) == []
    assert alice.recovered() == []


def test_to_a_group_that_takes_no_mail_nothing_is_done(alice: Desk, gadget: Incident) -> None:
    [uid] = alice.append(inside(gadget), mail()).uids
    assert alice.move(inside(gadget), [uid], "Trackers/Archive").code == "CANNOT"
    assert follow_ups(gadget) == ["Hello"]
    assert [one.uid for one in alice.rows(inside(gadget))] == [uid]


def test_to_another_folder_of_the_same_activity_it_comes_again(world: World, bob: Desk) -> None:
    own = incident(world, assigned_to=world.alice)
    alice = Desk(world, world.alice)
    bob.append(SUPPORT, mail(f"#{own.number}"))
    mine, shared = inside(own, "Assigned to me"), inside(own)
    alice.append(shared, mail("Alice's", 2))
    [uid] = [one.uid for one in alice.rows(shared) if one.content == mail(f"#{own.number}")]
    before = follow_ups(own)
    verdict = alice.move(shared, [uid], mine)
    assert verdict.outcome is Outcome.DONE, verdict.text
    assert follow_ups(own) == before
    assert {one.content for one in alice.rows(mine)} >= {mail(f"#{own.number}")}
    there = {one.content: one.uid for one in alice.rows(shared)}
    assert there[mail(f"#{own.number}")] > uid


# -- Recovered Messages ---------------------------------------------------------------------------


def test_into_recovered_messages_only_by_moving_out_of_a_group_or_an_activity(
    alice: Desk, gadget: Incident
) -> None:
    alice.append("INBOX", mail())
    assert alice.move("INBOX", [1], RECOVERED).code == "CANNOT"
    alice.append(SUPPORT, mail(n=2))
    assert alice.copy(SUPPORT, [1], RECOVERED).code == "CANNOT"
    verdict = alice.move(SUPPORT, [1], RECOVERED)
    assert (verdict.source_uids, verdict.uids) == ((1,), (1,))
    assert alice.rows(SUPPORT) == []
    assert alice.recovered() == [(mail(n=2), ("$TakenOut",))]
    assert alice.append(RECOVERED, mail(n=3)).code == "CANNOT"


def test_what_stays_in_its_group_stands_in_recovered_messages_if_it_was_dragged_there(
    alice: Desk, gadget: Incident, invoice: Incident
) -> None:
    both = mail(f"#{gadget.number} #{invoice.number}")
    alice.append(inside(gadget), both)
    verdict = alice.move(inside(gadget), [1], RECOVERED)
    assert verdict.uids == (1,)
    assert [content for content, _ in alice.recovered()] == [both]
    assert len(alice.rows(SUPPORT)) == 1
    assert follow_ups(invoice) == [f"#{gadget.number} #{invoice.number}"]

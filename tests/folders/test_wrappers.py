"""Wrapper mails on folders (rule 11): entries for what is attached, a UID for the wrapper."""

from __future__ import annotations

import pytest
from desk import Desk, activities, groups_of, links, mail, records, wrapper
from sqlalchemy import select
from world import World, build

from imapgate.activities import creators, groups, regrouping
from imapgate.folders import groups as folder_groups
from imapgate.folders.verdict import Outcome
from storage import Database, Tx
from storage.schema import expunged_run

SUPPORT = "Trackers/Support"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


def expunged(desk: Desk, name: str) -> list[tuple[int, int]]:
    folder_id = desk.folder(name).id
    rows = desk.world.db.read(
        lambda tx: tx.connection.execute(
            select(expunged_run.c.first_uid, expunged_run.c.last_uid).where(
                expunged_run.c.folder_id == folder_id
            )
        ).all()
    )
    return [(row[0], row[1]) for row in rows]


def stripped(contents: list[bytes]) -> list[bytes]:
    return [content.rstrip(b"\r\n") for content in contents]


def test_what_is_attached_is_filed_and_the_wrapper_has_a_uid_expunged_at_once(
    alice: Desk,
) -> None:
    inner = [mail("Inner", "a"), mail("Other", "b")]
    verdict = alice.append(SUPPORT, wrapper("> #GadgetASupport  Gadget is too loud", *inner))
    assert verdict.outcome is Outcome.DONE
    assert verdict.text == "Filed 2 attached messages in Support, linked to new #10000001."
    assert verdict.uids == (3,)
    assert stripped(alice.contents(SUPPORT)) == stripped(inner)
    assert expunged(alice, SUPPORT) == [(3, 3)]
    incident, first, second = activities(alice.world)
    assert incident.name == "Gadget is too loud"
    assert sorted(links(alice.world)) == [(first.id, incident.id), (second.id, incident.id)]
    record, *inside = records(alice.world)
    assert (record.is_wrapper, record.uid, record.activity_id) == (True, 3, incident.id)
    assert record.stored_message_id
    assert [(one.is_wrapper, one.uid, one.activity_id, one.subject) for one in inside] == [
        (False, 1, first.id, "Inner"),
        (False, 2, second.id, "Other"),
    ]


def test_the_same_wrapper_again_is_the_same_drop(alice: Desk) -> None:
    content = wrapper("> #GadgetASupport  Gadget is too loud", mail("Inner", "a"))
    first = alice.append(SUPPORT, content)
    second = alice.append(SUPPORT, b"X-TUID: x\r\n" + content)
    assert first.uids == second.uids
    assert len(activities(alice.world)) == 2
    assert len(alice.rows(SUPPORT)) == 1


def test_the_same_wrapper_dropped_by_two_people_is_one_drop(alice: Desk) -> None:
    """Each client has left its own line in it: other bytes, the same mail."""
    bob = Desk(alice.world, alice.world.bob)
    content = wrapper("> #GadgetASupport  Gadget is too loud", mail("Inner", "a"))
    first = alice.append(SUPPORT, b"X-TUID: alices\r\n" + content)
    second = bob.append(SUPPORT, b"X-Mozilla-Status: 0001\r\n" + content)
    assert first.uids == second.uids == (2,)
    assert [one.name for one in activities(alice.world)] == [
        "Gadget is too loud",
        "Inner [#10000001]",
    ]
    assert len(links(alice.world)) == 1


def test_a_wrapper_of_somebody_who_may_not_see_what_it_made_makes_its_own(alice: Desk) -> None:
    """Carol learns nothing of the incident that Alice's wrapper made in another group."""
    world = alice.world

    def work(tx: Tx) -> None:
        found = groups.find_group(tx, world.segment_id, "Sales")
        creators.add_creator(tx, world.segment_id, "Sales bugs", "Bug", [found])
        principal_id, _ = groups.set_member(tx, found, "carol@Standard", "contributor")
        folder_groups.members_changed(tx, found.id, principal_id)

    world.db.write(work)
    content = wrapper("> #Sales bugs  Loud", mail("Inner", "a"))
    sales = world.groups["Sales"]
    made = alice.append("Trackers/Sales", content)
    assert made.outcome is Outcome.DONE
    incident = activities(world)[0]
    world.db.write(lambda tx: regrouping.take_out(tx, world.alice, incident.id, sales))
    verdict = Desk(world, world.carol).append("Trackers/Sales", content)
    assert verdict.text.endswith("linked to new #10000003.")


def test_the_same_wrapper_twice_in_one_command_is_one_drop(alice: Desk) -> None:
    content = wrapper("> #GadgetASupport  Gadget is too loud", mail("Inner", "a"))
    verdict = alice.append(SUPPORT, content, content)
    assert verdict.uids == (2, 2)
    assert len(activities(alice.world)) == 2


def test_a_named_creator_beats_the_folder(alice: Desk) -> None:
    content = wrapper("> @Sales E-Mails  #GadgetASupport  x", mail("Inner", "a"))
    verdict = alice.append("Trackers/Archive", content)
    assert verdict.text == "Filed as #10000002 in Sales, linked to new #10000001."
    assert alice.rows("Trackers/Archive") == []
    (row,) = alice.rows("Trackers/Sales")
    assert row.activity_id is not None
    assert groups_of(alice.world, row.activity_id) == {alice.world.groups["Sales"]}


@pytest.mark.parametrize(
    ("subject", "named"),
    [
        ("> @Nobody  #10000001  x", 'no creator "Nobody"'),
        ("> @99999999999999999999  x", 'no creator "99999999999999999999"'),
        ("> #10000077  x", "no activity #10000077"),
        ("> #99999999999999999999  x", "no activity #99999999999999999999"),
        ("> #9999999999999999999 x", "no activity #9999999999999999999"),
        ("> #007 x", "no activity #007"),
    ],
)
def test_an_unknown_name_is_told_and_nothing_is_filed(
    alice: Desk, subject: str, named: str
) -> None:
    content = wrapper(subject, mail("Inner", "a"))
    verdict = alice.append(SUPPORT, content)
    assert (verdict.outcome, verdict.code) == (Outcome.REFUSED, "CANNOT")
    assert named in verdict.text
    assert activities(alice.world) == []
    assert alice.recovered() == [(content, ("$Refused",))]


def test_a_subject_that_merely_begins_like_one_is_an_ordinary_mail(alice: Desk) -> None:
    for number, content in enumerate((mail("> #10000001 quoted"), wrapper("> hello", mail()))):
        assert alice.append(SUPPORT, content).uids == (number + 1,)
    assert len(alice.rows(SUPPORT)) == 2


@pytest.mark.parametrize("moving", [False, True])
def test_a_wrapper_copied_from_a_personal_folder_is_unwrapped(alice: Desk, moving: bool) -> None:
    content = wrapper("> #GadgetASupport  x", mail("Inner", "a"))
    alice.append("INBOX", mail(n=1), content)
    verdict = (alice.move if moving else alice.copy)("INBOX", [1, 2], SUPPORT)
    assert (verdict.source_uids, verdict.uids) == ((1, 2), (1, 3))
    assert stripped(alice.contents(SUPPORT)) == stripped([mail(n=1), mail("Inner", "a")])
    assert len(alice.rows("INBOX")) == (0 if moving else 2)


def test_a_wrapper_above_a_mebibyte_is_read_from_a_file(alice: Desk) -> None:
    content = wrapper("> #GadgetASupport  x", mail("Inner", "a", body="long\r\n" * 200_000))
    alice.append("INBOX", content)
    assert alice.copy("INBOX", [1], SUPPORT).uids == (2,)
    (row,) = alice.rows(SUPPORT)
    assert row.content.startswith(b"From: Erika")


@pytest.mark.parametrize("by_copy", [False, True])
def test_more_messages_than_can_be_told_apart_are_refused(alice: Desk, by_copy: bool) -> None:
    """Else the last one would be filed with all the others in it."""
    many = wrapper("> @Support E-Mails  all", *[mail("Inner", n) for n in range(600)])
    if by_copy:
        alice.append("INBOX", many)
        verdict = alice.copy("INBOX", [1], SUPPORT)
    else:
        verdict = alice.append(SUPPORT, many)
    assert verdict.outcome is Outcome.REFUSED
    assert verdict.code == "LIMIT"
    assert "too many attached messages" in verdict.text
    assert activities(alice.world) == []
    some = wrapper("> @Support E-Mails  some", *[mail("Inner", n) for n in range(300)])
    assert alice.append(SUPPORT, some).outcome is Outcome.DONE
    assert len(activities(alice.world)) == 300

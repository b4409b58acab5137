"""What was filed wrongly is taken back: the link, its follow-up, the number in the name."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from crm import Crm, mail

from imapgate.activities import filing, groups, linking, processes, regrouping, undoing
from imapgate.activities.filing import Filed, NumberOutcome
from imapgate.activities.outcome import StoredMail
from storage import Tx, activities, links, revisions


def unlink(crm: Crm, number: int, target: int, who: str = "alice") -> bool:
    return crm.do(
        lambda tx: undoing.unlink(tx, crm.people[who], crm.id_of(number), crm.id_of(target))
    )


def turn(
    crm: Crm, filed: Filed, stored: StoredMail, target: int, to: str, to_target: int | None
) -> Filed:
    """Alice drags it away from the target's folder in Support."""
    wanted = None if to_target is None else crm.id_of(to_target)
    came = crm.do(
        lambda tx: regrouping.turn(
            tx,
            crm.people["alice"],
            filed.activity_id,
            stored,
            crm.id_of(target),
            crm.groups["Support"],
            crm.groups[to],
            wanted,
        )
    )
    assert isinstance(came, Filed)
    return came


def group_names(crm: Crm, filed: Filed) -> list[str]:
    found = crm.db.read(lambda tx: activities.groups_of(tx, filed.activity_id))
    return [name for _, name in found]


def without_times(shown: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in shown.items() if "modified" not in key}


def test_nothing_of_a_link_is_left(crm: Crm) -> None:
    number = crm.incident()
    before = crm.show(number)
    filed = crm.file(mail(f"Still dead #{number}"))
    assert len(crm.show(number)["follow_ups"]) == 1
    assert unlink(crm, filed.number, number)
    email = crm.show(filed.number)
    assert (email["name"], email["links"]) == (f"Still dead #{number}", [])
    assert without_times(crm.show(number)) == without_times(before)


def test_what_is_not_linked_is_left_alone(crm: Crm) -> None:
    one, other = crm.incident(), crm.incident("Invoice is wrong")
    filed = crm.file(mail(f"#{one}"))
    before = crm.show(filed.number), crm.show(other)
    assert not unlink(crm, filed.number, other)
    assert (crm.show(filed.number), crm.show(other)) == before
    assert unlink(crm, filed.number, one)
    assert not unlink(crm, filed.number, one)


def test_of_two_numbers_the_other_stays(crm: Crm) -> None:
    one, two = crm.incident(), crm.incident("Invoice is wrong")
    filed = crm.file(mail(f"Both #{one} #{two}"))
    assert unlink(crm, filed.number, one)
    email = crm.show(filed.number)
    assert email["links"] == [{"number": two, "kind": "RELATES_TO"}]
    assert email["name"] == f"Both #{one} #{two} [#{two}]"
    assert crm.show(one)["follow_ups"] == []
    assert len(crm.show(two)["follow_ups"]) == 1


@pytest.mark.parametrize(
    "subject", ["Re: [#{0}] boot", "boot [#{0}]", "[#{0}]", "a [#{0}] b [#{0}]"]
)
def test_a_number_that_the_subject_had_stays_in_the_name(crm: Crm, subject: str) -> None:
    number = crm.incident()
    subject = subject.format(number)
    filed = crm.file(mail(subject))
    assert unlink(crm, filed.number, number)
    assert crm.show(filed.number)["name"] == subject


def test_a_longer_number_that_begins_alike_keeps_its_mark(crm: Crm) -> None:
    number = crm.incident()
    filed = crm.file(mail(f"#{number}"))
    longer = f" [#{number}0]"
    name = crm.show(filed.number)["name"] + longer
    crm.do(lambda tx: activities.change(tx, filed.activity_id, name=name))
    assert unlink(crm, filed.number, number)
    assert crm.show(filed.number)["name"] == f"#{number}{longer}"


def test_a_mark_goes_from_a_name_that_was_changed_by_hand(crm: Crm) -> None:
    number = crm.incident()
    filed = crm.file(mail(f"#{number}"))
    crm.do(lambda tx: activities.change(tx, filed.activity_id, name=f"Other [#{number}]"))
    assert unlink(crm, filed.number, number)
    assert crm.show(filed.number)["name"] == "Other"


def test_a_mail_linked_by_what_it_answers_is_taken_back_alike(crm: Crm) -> None:
    number = crm.incident()
    crm.file(mail(f"#{number}", message_id="a@x"))
    answer = crm.file(mail("Re: it", in_reply_to=("a@x",), text="More."))
    assert answer.numbers == (NumberOutcome(number, "linked"),)
    assert unlink(crm, answer.number, number)
    assert [one["title"] for one in crm.show(number)["follow_ups"]] == [f"#{number}"]
    assert crm.show(answer.number)["name"] == "Re: it"


def test_a_closed_activity_gives_its_follow_up_back_and_stays_closed(crm: Crm) -> None:
    number = crm.incident()
    for name in ("Assign", "Complete", "Close"):
        crm.do(partial(processes.take, activity_id=crm.id_of(number), transition=name, person=None))
    closed = crm.show(number)
    filed = crm.file(mail(f"#{number}"))
    assert unlink(crm, filed.number, number, "bob")
    assert without_times(crm.show(number)) == without_times(closed)


def test_a_transition_that_was_taken_stays_taken_and_its_entry_too(crm: Crm) -> None:
    number = crm.incident()
    stored = crm.store(mail(f"#{number}"))
    filed = crm.file(mail(f"#{number}"))
    target_id = crm.id_of(number)

    def as_if_it_had_moved(tx: Tx) -> None:
        undoing.unlink(tx, crm.people["alice"], filed.activity_id, target_id)
        links.add_link(tx, filed.activity_id, target_id, linking.RELATES_TO)
        links.add_follow_up(
            tx,
            target_id,
            links.FollowUpRow(
                "Reopen", "Secret", "Words", crm.people["alice"].id, None, filed.activity_id, tx.now
            ),
        )

    crm.do(as_if_it_had_moved)
    assert unlink(crm, filed.number, number)
    (left,) = crm.show(number)["follow_ups"]
    assert (left["title"], left["text"], left["transition"]) == ("Taken back", "", "Reopen")
    assert left["from_activity"] is None
    again = crm.do(
        lambda tx: filing.file_into_group(
            tx, crm.people["alice"], stored, crm.groups["Support"], target_id
        )
    )
    assert isinstance(again, Filed)
    assert again.numbers == (NumberOutcome(number, "linked"),)
    assert len(crm.show(number)["follow_ups"]) == 2


def test_both_count_as_changed_by_who_did_it(crm: Crm) -> None:
    number = crm.incident()
    filed = crm.file(mail(f"#{number}"))

    def forget(tx: Tx) -> None:
        for one in revisions.due(tx, 100):
            revisions.done(tx, one.activity_id, one.version)

    crm.do(forget)
    assert unlink(crm, filed.number, number, "bob")
    due = {one.activity_id: one.doer_id for one in crm.db.read(lambda tx: revisions.due(tx, 100))}
    bob = crm.people["bob"].id
    assert due == {filed.activity_id: bob, crm.id_of(number): bob}


def test_a_mail_that_leaves_its_last_group_loses_its_links_and_gets_them_again(crm: Crm) -> None:
    number = crm.incident()
    filed = crm.file(mail(f"#{number}"))
    crm.file(mail(f"#{number}"), "Sales")
    alice = crm.people["alice"]

    def leave(group: str) -> tuple[int, ...]:
        return crm.do(
            lambda tx: regrouping.take_out(tx, alice, filed.activity_id, crm.groups[group])
        )

    assert leave("Support") == ()
    assert len(crm.show(number)["follow_ups"]) == 1
    assert leave("Sales") == (number,)
    assert crm.show(number)["follow_ups"] == []
    assert crm.show(filed.number)["links"] == []
    crm.do(lambda tx: groups.find_group(tx, crm.segment_id, "Sales"))
    again = crm.file(mail(f"#{number}"), "Sales", "bob")
    assert again.numbers == (NumberOutcome(number, "linked"),)
    assert len(crm.show(number)["follow_ups"]) == 1


def test_an_incident_that_leaves_its_last_group_keeps_what_it_relates_to(crm: Crm) -> None:
    one, other = crm.id_of(crm.incident()), crm.id_of(crm.incident("Other"))

    def work(tx: Tx) -> None:
        links.add_link(tx, one, other, linking.RELATES_TO)
        regrouping.take_out(tx, crm.people["bob"], one, crm.groups["Support"])

    crm.do(work)
    assert len(crm.db.read(lambda tx: links.links_from(tx, one))) == 1


def test_turned_to_another_activity_whatever_the_subject_names(crm: Crm) -> None:
    wrong, right = crm.incident(), crm.incident("Invoice is wrong")
    one = mail(f"It is about #{wrong}")
    filed = crm.file(one)
    came = turn(crm, filed, crm.store(one), wrong, "Support", right)
    assert came.activity_id == filed.activity_id
    assert came.numbers == (NumberOutcome(right, "linked"),)
    assert crm.show(wrong)["follow_ups"] == []
    (follow_up,) = crm.show(right)["follow_ups"]
    assert follow_up["from_activity"] == filed.number
    assert crm.show(filed.number)["name"] == f"It is about #{wrong} [#{right}]"
    assert group_names(crm, filed) == ["Support"]


def test_turned_to_another_group_it_goes_there_and_is_linked_to_nothing(crm: Crm) -> None:
    number = crm.incident()
    one = mail(f"#{number}")
    filed = crm.file(one)
    assert turn(crm, filed, crm.store(one), number, "Sales", None).numbers == ()
    assert crm.show(number)["follow_ups"] == []
    assert group_names(crm, filed) == ["Sales"]


def test_turned_away_it_stays_in_the_group_where_something_else_links_it(crm: Crm) -> None:
    wrong, other = crm.incident(), crm.incident("Invoice is wrong")
    one = mail(f"#{wrong} #{other}")
    filed = crm.file(one)
    turn(crm, filed, crm.store(one), wrong, "Sales", None)
    assert group_names(crm, filed) == ["Support", "Sales"]
    assert crm.show(filed.number)["links"] == [{"number": other, "kind": "RELATES_TO"}]


def test_regrouped_where_the_mail_is_another_activity_the_one_without_groups_is_not_linked(
    crm: Crm,
) -> None:
    sales = crm.db.read(lambda tx: groups.find_group(tx, crm.segment_id, "Sales"))
    number = crm.incident()
    one = mail(f"#{number}")
    first = crm.file(one)
    crm.do(lambda tx: groups.set_member(tx, sales, "dave@Standard", "contributor"))
    second = crm.file(one, "Sales", "dave")
    assert second.activity_id != first.activity_id
    stored = crm.store(one)
    alice, here, there = crm.people["alice"], crm.groups["Support"], crm.groups["Sales"]
    crm.do(lambda tx: regrouping.regroup(tx, alice, first.activity_id, stored, here, there))
    assert crm.show(first.number)["links"] == []
    (follow_up,) = crm.show(number)["follow_ups"]
    assert follow_up["from_activity"] == second.number

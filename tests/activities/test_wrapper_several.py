"""Wrappers with several creators and numbers, and those dropped on an activity's folder."""

from __future__ import annotations

import pytest
from crm import Crm, attachment, mail
from test_wrapper import outer, unwrap

from imapgate.activities import filing, groups
from imapgate.activities.filing import Cause, NumberOutcome, Refusal
from imapgate.activities.wrapper import Named


def linked(*numbers: int) -> tuple[NumberOutcome, ...]:
    return tuple(NumberOutcome(one, "linked") for one in numbers)


def titles(crm: Crm, number: int) -> list[str]:
    return [one["title"] for one in crm.show(number)["follow_ups"]]


def test_every_number_gets_link_follow_up_and_media(crm: Crm) -> None:
    one, two = crm.incident("One"), crm.incident("Two")
    asked = outer(f"> @Support E-Mails  #{two} #{one}  Look", "Both", attachments=(attachment(),))
    done = unwrap(crm, asked, mail("inner"))
    assert done.named == (
        Named(crm.id_of(two), two, False),
        Named(crm.id_of(one), one, False),
    )
    assert (done.activity_id, done.number, done.made) == (crm.id_of(two), two, False)
    assert done.filed[0].numbers == linked(two, one)
    assert crm.show(done.filed[0].number)["name"] == f"inner [#{two}] [#{one}]"
    for number in (one, two):
        assert titles(crm, number) == ["Look", "inner"]
        assert [media["name"] for media in crm.show(number)["media"]] == ["boot.log"]


def test_a_new_activity_is_made_beside_a_known_number(crm: Crm) -> None:
    number = crm.incident()
    done = unwrap(crm, outer(f"> #GadgetASupport #{number}  Loud", "Angry."), mail("inner"))
    made, known = done.named
    assert (made.made, known.made, known.number) == (True, False, number)
    assert done.filed[0].numbers == linked(made.number, number)
    assert crm.show(made.number)["name"] == "Loud"
    assert crm.show(made.number)["detailed_description"] == "Angry."
    assert titles(crm, made.number) == ["inner"]
    assert titles(crm, number) == ["Loud", "inner"]


def test_several_creators_behind_the_hash_make_one_activity_each_once(crm: Crm) -> None:
    asked = outer("> #GadgetASupport #Only meetings  Loud", "Angry.")
    first = unwrap(crm, asked, mail("inner"))
    assert [one.made for one in first.named] == [True, True]
    assert [crm.show(one.number)["class"] for one in first.named] == ["Incident", "Meeting"]
    before = [crm.show(one.number) for one in first.named]
    again = unwrap(crm, asked, mail("inner"), made_before=[one.activity_id for one in first.named])
    assert [one.activity_id for one in again.named] == [one.activity_id for one in first.named]
    assert not any(one.made for one in again.named)
    assert [crm.show(one.number) for one in first.named] == before
    assert crm.count() == 3


def test_a_known_number_by_the_same_creator_is_not_taken_for_what_was_made(crm: Crm) -> None:
    number = crm.incident()
    asked = outer(f"> #{number} #GadgetASupport  Loud")
    first = unwrap(crm, asked, mail("inner"))
    before = [crm.id_of(number), *(one.activity_id for one in first.named)]
    again = unwrap(crm, asked, mail("inner"), made_before=before)
    assert [one.number for one in again.named] == [one.number for one in first.named]
    only_named = unwrap(crm, asked, mail("other"), made_before=[crm.id_of(number)])
    assert only_named.named[1].made


def test_several_creators_file_one_activity_into_the_groups_of_all(crm: Crm) -> None:
    done = unwrap(crm, outer("> @Sales E-Mails @Support E-Mails  x"), mail("one"), mail("two"))
    assert len(done.filed) == 2
    for one in done.filed:
        assert one.groups == (crm.groups["Sales"], crm.groups["Support"])
        assert sorted(crm.show(one.number)["groups"]) == ["Sales", "Support"]
    assert crm.count() == 2


@pytest.mark.parametrize(
    ("subject", "who", "cause", "text"),
    [
        ("#{0} #77  x", "alice", Cause.UNKNOWN_NUMBER, "there is no activity #77"),
        ("#{0} #Nothing", "alice", Cause.UNKNOWN_NAME, 'there is no creator "Nothing"'),
        (
            "@Support E-Mails @Nobody  #{0}",
            "alice",
            Cause.UNKNOWN_NAME,
            'there is no creator "Nobody"',
        ),
        (
            "@Support E-Mails @Support  #{0}",
            "alice",
            Cause.NO_CREATOR,
            '"Support" is no e-mail creator',
        ),
        (
            "@Sales E-Mails @Support E-Mails  #{0}",
            "carol",
            Cause.NO_RIGHT,
            'you may not add mail to group "Support"',
        ),
        (
            " ".join(f"#{number}" for number in range(1, 52)),
            "alice",
            Cause.UNKNOWN_NAME,
            "a wrapper names at most 50 activities",
        ),
    ],
)
def test_one_that_can_t_be_done_refuses_all(
    crm: Crm, subject: str, who: str, cause: Cause, text: str
) -> None:
    number = crm.incident()
    sales = crm.db.read(lambda tx: groups.find_group(tx, crm.segment_id, "Sales"))
    crm.do(lambda tx: groups.set_member(tx, sales, "carol@Standard", "contributor"))
    asked = outer("> " + subject.format(number), "text")
    assert crm.unwrap(asked, mail("one"), group="Sales", who=who) == Refusal(cause, text)
    assert (crm.count(), titles(crm, number)) == (1, [])


def test_the_same_mail_twice_in_a_wrapper_is_one_activity(crm: Crm) -> None:
    number = crm.incident()
    done = unwrap(crm, outer(f"> #{number}"), mail("one"), mail("one"))
    assert done.filed[0].activity_id == done.filed[1].activity_id
    assert (crm.count(), titles(crm, number)) == (2, ["one"])


def test_on_an_activitys_folder_that_activity_is_what_a_wrapper_names(crm: Crm) -> None:
    """One that names nothing by itself."""
    number = crm.incident()
    asked = outer("> @Support E-Mails  Look", "Both", attachments=(attachment(),))
    done = unwrap(crm, asked, mail("inner"), beside=number)
    assert [(one.number, one.made) for one in done.named] == [(number, False)]
    assert done.filed[0].numbers == linked(number)
    assert titles(crm, number) == ["Look", "inner"]
    assert [media["name"] for media in crm.show(number)["media"]] == ["boot.log"]
    before = crm.show(number)
    unwrap(crm, asked, mail("inner"), beside=number, made_before=[crm.id_of(number)])
    assert crm.show(number) == before


def test_on_an_activitys_folder_what_a_wrapper_names_is_linked_too(crm: Crm) -> None:
    number, other = crm.incident(), crm.incident("Other")
    done = unwrap(crm, outer(f"> #{other}  Look", "Both"), mail("inner"), beside=number)
    assert [one.number for one in done.named] == [other]
    assert done.filed[0].numbers == linked(other, number)
    assert (titles(crm, other), titles(crm, number)) == (["Look", "inner"], ["inner"])
    same = unwrap(crm, outer(f"> #{number}", "Again"), mail("more"), beside=number)
    assert same.filed[0].numbers == linked(number)
    assert titles(crm, number) == ["inner", "(no subject)", "more"]


def test_a_mail_dropped_on_an_activitys_folder_is_linked_as_by_its_number(crm: Crm) -> None:
    number, other = crm.incident(), crm.incident("Other")
    stored = crm.store(mail(f"About #{other}"))
    alice, support = crm.people["alice"], crm.groups["Support"]
    filed = crm.do(lambda tx: filing.file_into_group(tx, alice, stored, support, crm.id_of(number)))
    assert isinstance(filed, filing.Filed)
    assert filed.numbers == linked(number, other)

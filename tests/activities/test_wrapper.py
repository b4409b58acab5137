"""Wrapper mails: every attached message is filed instead of the wrapper (rule 11)."""

from __future__ import annotations

from typing import Any

import pytest
from crm import Crm, attachment, mail

from imapgate.activities import creators, groups
from imapgate.activities.filing import Cause, NumberOutcome, Refusal
from imapgate.activities.wrapper import Unwrapped
from imapgate.mime.mail import Mail, Mailbox


def outer(subject: str, text: str = "", **fields: Any) -> Mail:
    """A wrapper of Alice's."""
    return mail(
        subject,
        text=text,
        from_=(Mailbox("Alice", "alice@example.org"),),
        messages=("2",),
        **fields,
    )


def unwrap(crm: Crm, *arguments: Mail, **options: Any) -> Unwrapped:
    done = crm.unwrap(*arguments, **options)
    assert isinstance(done, Unwrapped), done
    return done


def test_attached_messages_are_filed_by_the_named_creator_and_linked_to_the_number(
    crm: Crm,
) -> None:
    number = crm.incident()
    done = unwrap(crm, outer(f"> @Support E-Mails  #{number}  Two more"), mail("one"), mail("two"))
    assert (done.number, done.made) == (number, False)
    assert [crm.show(one.number)["name"] for one in done.filed] == [
        f"one [#{number}]",
        f"two [#{number}]",
    ]
    for one in done.filed:
        assert one.groups == (crm.groups["Support"],)
        assert one.numbers == (NumberOutcome(number, "linked"),)
        assert crm.show(one.number)["groups"] == ["Support"]
    assert [one["title"] for one in crm.show(number)["follow_ups"]] == ["one", "two"]
    assert crm.count() == 3


def test_a_creator_behind_the_hash_makes_one_activity(crm: Crm) -> None:
    done = unwrap(
        crm,
        outer("> @Support E-Mails  #GadgetASupport  Gadget is too loud", "Customer is angry.\n"),
        mail("one"),
        mail("two"),
    )
    assert done.made
    assert done.number is not None
    made = crm.show(done.number)
    assert (made["class"], made["name"]) == ("Incident", "Gadget is too loud")
    assert made["detailed_description"] == "Customer is angry."
    assert (made["groups"], made["reporting_contact"]) == (["Support"], "alice")
    assert [one["from_activity"] for one in made["follow_ups"]] == [
        one.number for one in done.filed
    ]


def test_without_a_creator_the_folder_decides(crm: Crm) -> None:
    number = crm.incident()
    done = unwrap(crm, outer(f"> #{number}"), mail("one"), group="Sales")
    assert crm.show(done.filed[0].number)["groups"] == ["Sales"]


def test_without_folder_and_creator_the_segments_default_creator_decides(crm: Crm) -> None:
    number = crm.incident()
    done = unwrap(crm, outer(f"> #{number}"), mail("one"), group=None)
    assert crm.show(done.filed[0].number)["groups"] == ["E-Mails"]


def test_without_a_target_the_messages_are_only_filed(crm: Crm) -> None:
    done = unwrap(crm, outer("> @Büro E-Mails Anfrage", attachments=(attachment(),)), mail("one"))
    assert (done.activity_id, done.number, done.made) == (None, None, False)
    shown = crm.show(done.filed[0].number)
    assert (shown["groups"], shown["links"]) == (["Büro & Ablage"], [])
    assert [one["name"] for one in shown["media"]] == ["boot.log"]


def test_numbers_of_the_attached_messages_are_matched_too(crm: Crm) -> None:
    named, other = crm.incident(), crm.incident("Other")
    done = unwrap(crm, outer(f"> #{named}"), mail(f"see #{other} and #{named}"))
    assert done.filed[0].numbers == (
        NumberOutcome(named, "linked"),
        NumberOutcome(other, "linked"),
    )


def test_the_wrappers_text_is_a_follow_up_on_the_number_once(crm: Crm) -> None:
    number = crm.incident()
    wrapped = outer(f"> #{number}  Please look", "The customer called.\n")
    unwrap(crm, wrapped, mail("one"))
    before = crm.show(number)
    assert [(one["title"], one["text"], one["author"]) for one in before["follow_ups"]] == [
        ("Please look", "The customer called.", "alice"),
        ("one", "It does not boot.", "Erika Example"),
    ]
    again = unwrap(crm, wrapped, mail("one"), made_before=[crm.id_of(number)])
    assert again.filed[0].numbers == (NumberOutcome(number, "already"),)
    assert crm.show(number) == before


def test_the_same_wrapper_again_makes_nothing_new(crm: Crm) -> None:
    wrapped = outer("> #GadgetASupport  Loud", "Text", attachments=(attachment(),))
    first = unwrap(crm, wrapped, mail("one"))
    assert first.number is not None
    before = crm.show(first.number)
    again = unwrap(crm, wrapped, mail("one"), made_before=[first.activity_id])
    assert (again.activity_id, again.made) == (first.activity_id, False)
    assert [one.activity_id for one in again.filed] == [one.activity_id for one in first.filed]
    assert crm.show(first.number) == before
    assert crm.count() == 2


def test_other_attachments_become_media_of_the_named_activity(crm: Crm) -> None:
    number = crm.incident()
    wrapped = outer(f"> #{number}", attachments=(attachment("plan.pdf", "3"),))
    unwrap(crm, wrapped, mail("one"))
    unwrap(crm, wrapped, mail("one"))
    assert [one["name"] for one in crm.show(number)["media"]] == ["plan.pdf"]


@pytest.mark.parametrize(
    ("subject", "who", "cause", "text"),
    [
        ("> @Nobody  #1", "alice", Cause.UNKNOWN_NAME, 'there is no creator "Nobody"'),
        ("> @Support E-Mails  #77", "alice", Cause.UNKNOWN_NUMBER, "there is no activity #77"),
        ("> #Nothing", "alice", Cause.UNKNOWN_NAME, 'there is no creator "Nothing"'),
        (
            "> @GadgetASupport  x",
            "alice",
            Cause.NO_CREATOR,
            '"GadgetASupport" is no e-mail creator',
        ),
        (
            "> @Support E-Mails  x",
            "carol",
            Cause.NO_RIGHT,
            'you may not add mail to group "Support"',
        ),
        (
            "> @Sales E-Mails  x",
            "carol",
            Cause.UNKNOWN_NAME,  # of a group that she isn't a member of
            'there is no creator "Sales E-Mails"',
        ),
        ("> @Homeless  x", "alice", Cause.NO_CREATOR, 'creator "Homeless" serves no group'),
    ],
)
def test_a_refused_wrapper_names_the_cause_and_leaves_nothing(
    crm: Crm, subject: str, who: str, cause: Cause, text: str
) -> None:
    crm.do(lambda tx: creators.add_creator(tx, crm.segment_id, "Homeless", "E-Mail"))
    assert crm.unwrap(outer(subject), mail("one"), who=who) == Refusal(cause, text)
    assert crm.count() == 0


def test_an_unseen_number_is_told_like_an_unknown_one(crm: Crm) -> None:
    number = crm.incident()
    sales = crm.db.read(lambda tx: groups.find_group(tx, crm.segment_id, "Sales"))
    crm.do(lambda tx: groups.set_member(tx, sales, "dave@Standard", "contributor"))
    done = crm.unwrap(outer(f"> #{number}"), mail("one"), group="Sales", who="dave")
    assert done == Refusal(Cause.UNKNOWN_NUMBER, f"there is no activity #{number}")


def test_the_dropper_needs_the_right_in_the_targets_groups_to_make_an_activity(crm: Crm) -> None:
    sales = crm.db.read(lambda tx: groups.find_group(tx, crm.segment_id, "Sales"))
    crm.do(lambda tx: groups.set_member(tx, sales, "carol@Standard", "contributor"))
    done = crm.unwrap(outer("> #GadgetASupport  x"), mail("one"), group="Sales", who="carol")
    assert done == Refusal(Cause.NO_RIGHT, 'you may not add mail to group "Support"')
    assert crm.count() == 0


def test_a_creator_of_several_groups_files_into_all_of_them(crm: Crm) -> None:
    both = [
        crm.db.read(lambda tx, name=name: groups.find_group(tx, crm.segment_id, name))
        for name in ("Sales", "Archive")
    ]
    crm.do(lambda tx: creators.add_creator(tx, crm.segment_id, "Both", "E-Mail", both))
    done = unwrap(crm, outer("> @both  x"), mail("one"))
    assert done.filed[0].groups == (crm.groups["Sales"], crm.groups["Archive"])
    assert crm.show(done.filed[0].number)["groups"] == ["Sales", "Archive"]


@pytest.mark.parametrize("subject", ["> hello", "> @ x", "> # 1"])
def test_what_names_nothing_is_an_ordinary_mail(crm: Crm, subject: str) -> None:
    assert crm.unwrap(outer(subject), mail("one")) is None


def test_a_wrapper_whose_messages_cannot_be_read_is_an_ordinary_mail(crm: Crm) -> None:
    assert crm.unwrap(outer("> @Support E-Mails  x")) is None

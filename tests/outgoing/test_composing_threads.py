"""Answers to what was sent find what it was about."""

from __future__ import annotations

import pytest
from desk import Desk, mail
from going_out import Posting, add_mailer
from postbox import Postbox, letter, outcomes
from world import World

from imapgate.activities import groups, segment_settings
from imapgate.folders import groups as folder_groups
from imapgate.folders.verdict import Outcome
from storage import Tx

ANSWER = "In-Reply-To: <{0}>\r\nReferences: <x@y> <{0}>\r\n"


@pytest.fixture
def alice(world: World) -> Posting:
    add_mailer(world)
    return Posting(world, world.alice)


def test_an_answer_is_linked_by_the_subject(alice: Posting) -> None:
    """As it comes back: behind `Re:`."""
    number = alice.file(mail("Gadget"))
    went = alice.sent(number)
    came = Postbox(alice.world).take(letter(f"Re: {went.mail.subject}", text="Thanks."))
    assert outcomes(came) == [(number, "linked")]
    told = alice.show(number)["follow_ups"][-1]
    assert (told["title"], told["text"].strip()) == (f"Re: {went.mail.subject}", "Thanks.")
    assert told["from_activity"] == came.number


def test_by_the_segment_s_own_pattern(alice: Posting) -> None:
    alice.world.db.write(
        lambda tx: segment_settings.edit_segment(
            tx,
            "Standard",
            "test",
            subject_pattern=r"\(case ([0-9]+)\)",
            subject_template="(case {number}) {subject}",
        )
    )
    number = alice.file(mail("Gadget"))
    went = alice.sent(number)
    came = Postbox(alice.world).take(letter(f"AW: {went.mail.subject}"))
    assert outcomes(came) == [(number, "linked")]


def test_an_answer_without_the_number_is_linked_by_its_message_id(alice: Posting) -> None:
    """What was sent has another Message-ID than the activity's own mail."""
    number = alice.file(mail("Gadget"))
    went = alice.sent(number)
    assert went.mail.message_id != "m1@example.com"
    extra = ANSWER.format(went.mail.message_id)
    came = Postbox(alice.world).take(letter("Re: something else", extra=extra))
    assert outcomes(came) == [(number, "linked")]


def test_so_is_one_to_each_of_two_sends(alice: Posting) -> None:
    number = alice.file(mail("Gadget"))
    for n in (1, 2):
        extra = ANSWER.format(alice.sent(number).mail.message_id)
        came = Postbox(alice.world).take(letter("Hello", n, extra=extra))
        assert outcomes(came) == [(number, "linked")]


def test_one_to_a_mail_about_a_case_is_the_case_s(alice: Posting) -> None:
    case = Postbox(alice.world).incident()
    number = alice.file(mail(f"Gadget [#{case}]"))
    extra = ANSWER.format(alice.sent(number).mail.message_id)
    came = Postbox(alice.world).take(letter("Other words", extra=extra))
    assert outcomes(came) == [(case, "linked")]


def test_one_to_a_draft_too(alice: Posting) -> None:
    draft = mail("Offer").replace(b"Erika <erika@example.com>", b"alice@example.org")
    number = alice.file(draft)
    went = alice.sent(number)
    assert went.content == draft
    extra = ANSWER.format(went.mail.message_id)
    assert outcomes(Postbox(alice.world).take(letter("Yes", extra=extra))) == [(number, "linked")]


def test_who_may_not_see_the_activity_finds_nothing(alice: Posting) -> None:
    """A Message-ID gives no right: dave is a member of Sales alone."""
    world = alice.world
    number = alice.file(mail("Gadget"))
    extra = ANSWER.format(alice.sent(number).mail.message_id)

    def join(tx: Tx) -> None:
        sales = groups.find_group(tx, world.segment_id, "Sales")
        principal_id, new = groups.set_member(tx, sales, "dave@Standard", "contributor")
        folder_groups.members_changed(tx, sales.id, principal_id if new else None)

    world.db.write(join)
    for person, seen in ((world.dave, False), (world.bob, True)):
        answer = mail("Hello", person.name, extra=extra)
        verdict = Desk(world, person).append("Trackers/Sales", answer)
        assert verdict.outcome is Outcome.DONE
        came_from = [one["from_activity"] for one in alice.show(number)["follow_ups"]]
        assert any(came_from) is seen

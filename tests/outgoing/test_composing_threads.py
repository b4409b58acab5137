"""Answers to what was sent find what it was about."""

from __future__ import annotations

import pytest
from desk import Desk, mail
from going_out import Posting, add_mailer
from hypothesis import given, settings
from hypothesis import strategies as st
from postbox import Postbox, letter, outcomes
from world import World

from imapgate.activities import groups, segment_settings
from imapgate.activities.matching import SENT, numbers_in
from imapgate.folders import groups as folder_groups
from imapgate.folders.verdict import Outcome
from imapgate.mime.mail import Mailbox
from imapgate.mime.reading import read
from imapgate.mime.writing import Headers, message
from imapgate.outgoing.composing.subject import subject
from storage import Tx, sent

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


def test_another_segment_s_message_ids_are_its_own(alice: Posting) -> None:
    went = alice.sent(alice.file(mail("Gadget")))

    def found(segment_id: int) -> list[int]:
        return alice.world.db.read(
            lambda tx: sent.activities_of(tx, segment_id, str(went.row.message_id), SENT, 9)
        )

    assert found(alice.world.segment_id) == [went.row.activity_id]
    assert found(alice.world.segment_id + 1) == []


NUMBERS = st.integers(10_000_001, 10_000_009)
NAMED = NUMBERS.map("[#{}]".format)


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.text(max_size=20) | NAMED | st.just("x" * 300), max_size=6).map(" ".join),
    NUMBERS,
    st.lists(NUMBERS, max_size=2),
)
def test_whatever_the_subject_the_answer_finds_what_it_is_about(
    own: str, number: int, linked: list[int]
) -> None:
    """As it comes back: behind `Re:`, from a header that was folded and encoded."""
    made = subject(own, number, linked, None, None)
    headers = Headers(Mailbox("", "a@b"), made, 0, "a@b")
    came = read(message(headers, "")).mail.subject
    found = numbers_in(f"Re: {came}")
    assert set(found) & {number, *linked}
    named = set(numbers_in(own))
    assert set(found) <= named | {(*linked, number)[0]}


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

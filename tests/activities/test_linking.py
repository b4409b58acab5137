"""Linking: numbers, what a mail answers, linkToAndFollowUp (rules 9, 10)."""

from __future__ import annotations

from crm import Crm, mail

from imapgate.activities import (
    by_hand,
    creators,
    filing,
    groups,
    linking,
    regrouping,
    segments,
)
from imapgate.activities.filing import NumberOutcome
from storage import Tx, activities


def test_a_number_links_names_and_follows_up(crm: Crm) -> None:
    number = crm.incident()
    filed = crm.file(mail(f"Still dead #{number}", text="Mine\n\n> quoted"))
    assert filed.numbers == (NumberOutcome(number, "linked"),)
    email = crm.show(filed.number)
    assert email["name"] == f"Still dead #{number} [#{number}]"
    assert email["subject"] == f"Still dead #{number}"
    assert email["links"] == [{"number": number, "kind": "RELATES_TO"}]
    (entry,) = crm.show(number)["follow_ups"]
    assert entry["title"] == f"Still dead #{number}"
    assert entry["text"].strip() == "Mine"
    assert entry["author"] == "Erika Example"
    assert entry["from_activity"] == filed.number
    assert entry["transition"] is None


def test_linking_twice_is_once(crm: Crm) -> None:
    number = crm.incident()
    first = crm.file(mail(f"#{number}"))
    before = crm.show(number), crm.show(first.number)
    again = crm.file(mail(f"#{number}"), who="bob")
    assert again.numbers == (NumberOutcome(number, "already"),)
    assert (crm.show(number), crm.show(first.number)) == before


def test_several_numbers_are_each_linked_and_unknown_ones_told(crm: Crm) -> None:
    one, two = crm.incident(), crm.incident("Invoice is wrong")
    filed = crm.file(mail(f"#{two} #77 #{one}"))
    assert filed.numbers == (
        NumberOutcome(two, "linked"),
        NumberOutcome(77, "unknown"),
        NumberOutcome(one, "linked"),
    )
    assert [link["number"] for link in crm.show(filed.number)["links"]] == [one, two]
    assert crm.show(filed.number)["name"].endswith(f" [#{two}] [#{one}]")


def test_a_mark_that_the_subject_has_already_is_not_repeated(crm: Crm) -> None:
    number = crm.incident()
    filed = crm.file(mail(f"Re: [#{number}] boot"))
    assert crm.show(filed.number)["name"] == f"Re: [#{number}] boot"


def test_what_the_dropper_may_not_see_is_unknown(crm: Crm) -> None:
    number = crm.incident()
    sales = crm.db.read(lambda tx: groups.find_group(tx, crm.segment_id, "Sales"))
    crm.do(lambda tx: groups.set_member(tx, sales, "dave@Standard", "contributor"))
    filed = crm.file(mail(f"#{number}"), "Sales", "dave")
    assert filed.numbers == (NumberOutcome(number, "unknown"),)
    assert crm.show(number)["follow_ups"] == []


def test_an_activity_of_another_segment_is_unknown(crm: Crm) -> None:
    def elsewhere(tx: Tx) -> int:
        segment, _ = segments.add_segment(tx, "Other", first_number=500)
        return by_hand.new_activity(tx, segment.id, "Theirs", type_name="Bug")

    number = crm.do(elsewhere)
    assert crm.file(mail(f"#{number}")).numbers == (NumberOutcome(number, "unknown"),)


def test_a_number_made_since_is_linked_by_dropping_once_more(crm: Crm) -> None:
    coming = 10_000_002
    filed = crm.file(mail(f"#{coming}"))
    assert filed.numbers == (NumberOutcome(coming, "unknown"),)
    assert crm.incident() == coming
    assert crm.file(mail(f"#{coming}")).numbers == (NumberOutcome(coming, "linked"),)


def test_a_mail_that_gets_the_number_of_its_own_subject_is_not_linked_to_itself(crm: Crm) -> None:
    filed = crm.file(mail("#10000001"))
    assert filed.number == 10_000_001
    assert filed.numbers == (NumberOutcome(10_000_001, "unknown"),)
    assert crm.file(mail("#10000001")).numbers == filed.numbers
    assert crm.show(filed.number)["links"] == []


def test_a_closed_activity_is_linked_and_stays_closed(crm: Crm) -> None:
    number = crm.incident()
    for name in ("Assign", "Complete", "Close"):
        crm.do(lambda tx, name=name: by_hand.follow_up(tx, crm.segment_id, number, transition=name))
    crm.file(mail(f"#{number}"))
    shown = crm.show(number)
    assert (shown["closed"], shown["follow_ups"][-1]["title"]) == (True, f"#{number}")


def test_the_creators_follow_up_transition_is_taken_where_it_is_possible(crm: Crm) -> None:
    crm.do(
        lambda tx: creators.edit_creator(
            tx, crm.segment_id, "GadgetASupport", follow_up_transition="Reopen"
        )
    )
    number = crm.incident()
    crm.file(mail(f"one #{number}"))
    assert crm.show(number)["state"] == "New"
    for name in ("Assign", "Complete"):
        crm.do(lambda tx, name=name: by_hand.follow_up(tx, crm.segment_id, number, transition=name))
    crm.file(mail(f"two #{number}"))
    shown = crm.show(number)
    assert (shown["state"], shown["percent_complete"]) == ("In Progress", 50)
    assert shown["follow_ups"][-1]["transition"] == "Reopen"


def test_a_reply_goes_where_the_answered_mail_is_linked(crm: Crm) -> None:
    number = crm.incident()
    crm.file(mail(f"#{number}", message_id="q@example.net"))
    reply = crm.file(mail("Re: boot", in_reply_to=("q@example.net",)))
    assert reply.numbers == (NumberOutcome(number, "linked"),)
    assert crm.show(number)["follow_ups"][-1]["from_activity"] == reply.number


def test_a_reply_to_a_mail_that_is_linked_to_nothing_goes_to_that_mail(crm: Crm) -> None:
    asked = crm.file(mail("boot", message_id="q@example.net"))
    reply = crm.file(mail("Re: boot", in_reply_to=("q@example.net",), message_id="r@example.net"))
    assert reply.numbers == (NumberOutcome(asked.number, "linked"),)
    # The whole thread gathers there.
    third = crm.file(mail("Re: Re: boot", references=("q@example.net", "r@example.net")))
    assert third.numbers == (NumberOutcome(asked.number, "linked"),)


def test_in_reply_to_comes_before_references_and_the_newest_reference_first(crm: Crm) -> None:
    old = crm.file(mail("old", message_id="old@x"))
    new = crm.file(mail("new", message_id="new@x"))
    by_reference = crm.file(mail("a", references=("old@x", "new@x", "gone@x")))
    by_reply = crm.file(mail("b", in_reply_to=("old@x",), references=("new@x",)))
    assert by_reference.numbers == (NumberOutcome(new.number, "linked"),)
    assert by_reply.numbers == (NumberOutcome(old.number, "linked"),)


def test_references_count_only_where_no_number_is_known(crm: Crm) -> None:
    number = crm.incident()
    asked = crm.file(mail("boot", message_id="q@example.net"))
    known = crm.file(mail(f"#{number}", in_reply_to=("q@example.net",)))
    assert known.numbers == (NumberOutcome(number, "linked"),)
    unknown = crm.file(mail("#77", in_reply_to=("q@example.net",)))
    assert unknown.numbers == (
        NumberOutcome(77, "unknown"),
        NumberOutcome(asked.number, "linked"),
    )


def test_an_answered_mail_out_of_sight_is_no_target(crm: Crm) -> None:
    crm.file(mail("boot", message_id="q@example.net"), "Support")
    sales = crm.db.read(lambda tx: groups.find_group(tx, crm.segment_id, "Sales"))
    crm.do(lambda tx: groups.set_member(tx, sales, "dave@Standard", "contributor"))
    reply = crm.file(mail("Re: boot", in_reply_to=("q@example.net",)), "Sales", "dave")
    assert reply.numbers == ()


def test_a_mail_that_cites_itself_is_linked_to_nothing(crm: Crm) -> None:
    one = mail("boot", message_id="q@example.net", references=("q@example.net",))
    assert crm.file(one).numbers == ()
    assert crm.file(one).numbers == ()


def test_the_segments_own_pattern_links_too(crm: Crm) -> None:
    number = crm.incident()
    crm.do(lambda tx: segments.set_subjects(tx, crm.segment_id, r"CASE-([0-9]+)"))
    assert crm.file(mail(f"CASE-{number}")).numbers == (NumberOutcome(number, "linked"),)


def test_without_a_sender_the_dropper_is_the_author(crm: Crm) -> None:
    number = crm.incident()
    crm.file(mail(f"#{number}", from_=()))
    assert crm.show(number)["follow_ups"][0]["author"] == "alice"


def test_an_activity_is_never_linked_to_itself(crm: Crm) -> None:
    filed = crm.file(mail())
    activity = filed.activity_id
    alice = crm.people["alice"]
    assert not crm.do(
        lambda tx: linking.link_to_and_follow_up(
            tx, activity, activities.by_id(tx, activity), alice, "t", "x"
        )
    )
    assert crm.show(filed.number)["follow_ups"] == []


def test_a_regrouped_mail_is_matched_once_more(crm: Crm) -> None:
    one = mail("#10000002")
    filed = crm.file(one)
    stored = crm.store(one)
    crm.incident()
    moved = crm.do(
        lambda tx: regrouping.regroup(
            tx,
            crm.people["alice"],
            filed.activity_id,
            stored,
            crm.groups["Support"],
            crm.groups["Sales"],
        )
    )
    assert isinstance(moved, filing.Filed)
    assert moved.numbers == (NumberOutcome(10_000_002, "linked"),)

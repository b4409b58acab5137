"""Mail that comes in by itself: creators that make a case of each."""

from __future__ import annotations

import pytest
from desk import Desk, mail
from postbox import Postbox, letter, outcomes
from test_arriving_wrappers import wrapped
from world import World, build

from imapgate.activities import creators
from imapgate.folders.arriving import Arrived, NotFiled
from storage import Database


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def box(world: World) -> Postbox:
    """An account whose creator makes bugs."""
    box = Postbox(world)
    box.policy = {"creator_id": box.creator("GadgetASupport"), "stranger": "link"}
    return box


def case_of(came: Arrived) -> int:
    assert came.case is not None
    return came.case


def test_a_mail_becomes_a_case_and_is_linked_to_it(box: Postbox) -> None:
    came = box.take(letter(extra="Importance: high\r\n"))
    case, email = box.show(case_of(came)), box.show(came.number)
    assert came.text == f"Filed as #{came.number} in E-Mails, linked to new #{case['number']}."
    assert (case["class"], case["name"]) == ("Incident", "It does not boot")
    assert (case["detailed_description"], case["priority"]) == ("Please help.", "high")
    assert (case["reporting_contact"], case["created_by"]) == ("Erika", "admin")
    assert case["groups"] == ["Support"]
    assert (email["class"], email["groups"]) == ("E-Mail", ["E-Mails"])
    assert email["links"] == [{"number": case["number"], "kind": "RELATES_TO"}]
    assert email["name"] == f"It does not boot [#{case['number']}]"


def test_the_cases_text_stands_in_it_once(box: Postbox) -> None:
    """The follow-up tells which mail it came from, and whose that is."""
    came = box.take(letter())
    (entry,) = box.show(case_of(came))["follow_ups"]
    assert (entry["title"], entry["text"]) == ("It does not boot", "")
    assert (entry["author"], entry["from_activity"]) == ("Erika", came.number)


def test_the_same_mail_again_makes_no_second_case(box: Postbox) -> None:
    first = box.take(letter())
    again = box.take(letter())
    other = box.take(letter(extra="Received: elsewhere\r\n"))
    assert (again.case, other.case) == (None, None)
    assert (again.number, other.number) == (first.number, first.number)
    assert box.numbers("Incident") == [first.case]
    assert len(box.show(case_of(first))["follow_ups"]) == 1


def test_a_reply_finds_the_case_through_the_thread(box: Postbox) -> None:
    first = box.take(letter(n=1))
    reply = letter(
        "Re: It does not boot", 2, text="Still.", extra="In-Reply-To: <l1@example.com>\r\n"
    )
    answer = box.take(reply)
    assert (answer.case, outcomes(answer)) == (None, [(first.case, "linked")])
    third = box.take(letter("Re: Re:", 3, text="Now.", extra="References: <l2@example.com>\r\n"))
    assert outcomes(third) == [(first.case, "linked")]
    texts = [one["text"] for one in box.show(case_of(first))["follow_ups"]]
    assert texts == ["", "Still.", "Now."]


def test_a_colleagues_case_is_logged_by_them(box: Postbox) -> None:
    came = box.take(letter(sender="alice@example.org"), use_linked_user=True)
    case = box.show(case_of(came))
    assert (case["created_by"], case["reporting_contact"]) == ("alice", "alice")


def test_a_reply_finds_the_case_where_its_account_files_whoever_logs_it(box: Postbox) -> None:
    """What is elsewhere is found by the logging user's rights alone."""
    box.logging_user = "dave"
    first = box.take(letter(n=1))
    answer = {"text": "Still.", "extra": "In-Reply-To: <l1@example.com>\r\n"}
    assert outcomes(box.take(letter("Re: boot", 2, **answer))) == [(first.case, "linked")]
    elsewhere = box.take(letter("Re: boot", 3, **answer), creator_id=box.creator("Büro E-Mails"))
    assert outcomes(elsewhere) == []


def test_a_number_keeps_it_from_becoming_a_case(box: Postbox) -> None:
    number = box.incident()
    came = box.take(letter(f"#{number} still dead"))
    assert (came.case, outcomes(came)) == (None, [(number, "linked")])
    assert box.show(came.number)["groups"] == ["E-Mails"]


def test_a_number_that_is_not_taken_does_not(box: Postbox) -> None:
    number = box.incident()
    came = box.take(letter(f"#{number} still dead"), stranger="never")
    assert outcomes(came) == [(number, "stranger"), (case_of(came), "linked")]


def test_a_new_case_is_not_moved_on_by_its_own_mail(box: Postbox) -> None:
    box.world.db.write(
        lambda tx: creators.edit_creator(
            tx, box.world.segment_id, "GadgetASupport", follow_up_transition="Assign"
        )
    )
    number = case_of(box.take(letter()))
    state = box.show(number)["state"]
    assert box.show(number)["follow_ups"][0]["transition"] is None
    box.take(letter(f"#{number}", 2))
    assert box.show(number)["state"] != state


@pytest.mark.parametrize(
    ("kind", "makes"),
    [
        (None, True),
        ("list", True),
        ("auto-generated", True),
        ("auto-reply", False),
        ("out-of-office", False),
        ("bounce", False),
        ("receipt", False),
        ("notification", False),
    ],
)
def test_what_a_machine_answers_is_no_case(box: Postbox, kind: str | None, makes: bool) -> None:
    """Alarms and web forms report something; an answer of a machine would begin a loop."""
    came = box.take(letter(), automatic=kind)
    assert (came.case is not None) == makes
    assert box.show(came.number)["groups"] == ["E-Mails"]


def test_a_mail_without_subject_sender_or_text_makes_a_case_too(box: Postbox) -> None:
    case = box.show(case_of(box.take(letter("", sender="", text=""))))
    assert (case["name"], case["detailed_description"]) == ("(no subject)", "")
    assert case["reporting_contact"] is None


def test_each_message_of_a_wrapper_may_be_a_case(box: Postbox) -> None:
    number = box.incident()
    box.take(wrapped("Support", mail("A", "a")))
    assert box.numbers("Incident") == [number]
    never = {"stranger": "never"}
    box.take(wrapped(f"> #{number}", mail("B", "b"), mail("C", "c")), **never)
    assert [box.show(one)["name"] for one in box.numbers("Incident")] == [
        "Gadget is dead",
        "B",
        "C",
    ]


def test_a_group_that_was_asked_for_gets_the_case(box: Postbox) -> None:
    came = box.take(letter(), group_id=box.world.groups["Sales"])
    assert box.show(case_of(came))["groups"] == ["Sales"]
    assert box.show(came.number)["groups"] == ["E-Mails"]


def test_a_creator_that_serves_no_group_makes_no_case_that_nobody_sees(box: Postbox) -> None:
    box.world.db.write(
        lambda tx: creators.edit_creator(tx, box.world.segment_id, "GadgetASupport", groups=[])
    )
    refused = NotFiled("$NoCreator", 'creator "GadgetASupport" serves no group')
    assert box.try_(letter()) == refused


def test_a_mail_that_was_dropped_before_becomes_a_case_when_it_comes_in(box: Postbox) -> None:
    Desk(box.world, box.world.alice).append("Trackers/Sales", letter())
    came = box.take(letter())
    assert (came.created, came.case) == (False, 10000002)
    assert box.show(came.number)["groups"] == ["E-Mails", "Sales"]

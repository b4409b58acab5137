"""Mail that comes in by itself: wrappers, and names alone as the subject."""

from __future__ import annotations

import pytest
from desk import Desk, mail, records, wrapper
from postbox import Postbox, letter, outcomes
from world import World, build

from imapgate.activities import creators
from imapgate.folders import refusals
from imapgate.folders.arriving import NotFiled
from storage import Database

SUPPORT, SALES, E_MAILS = "Trackers/Support", "Trackers/Sales", "Trackers/E-Mails"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def box(world: World) -> Postbox:
    return Postbox(world)


@pytest.fixture
def alice(world: World) -> Desk:
    return Desk(world, world.alice)


def wrapped(
    subject: str,
    *attached: bytes,
    text: str = "Please look.",
    sender: str = "alice@example.org",
    extra: str = "",
) -> bytes:
    """A mail with other mails attached."""
    parts = [f"Content-Type: text/plain\r\n\r\n{text}\r\n".encode()] if text else []
    parts += [b"Content-Type: message/rfc822\r\n\r\n" + one for one in attached]
    head = (
        f"From: {sender}\r\nTo: support@example.org\r\nSubject: {subject}\r\n{extra}"
        "Message-ID: <w@example.com>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="=_b"\r\n\r\n'
    ).encode()
    return head + b"".join(b"--=_b\r\n" + part + b"\r\n" for part in parts) + b"--=_b--\r\n"


def test_a_wrappers_messages_are_filed_where_it_says(box: Postbox, alice: Desk) -> None:
    number = box.incident()
    inner = [mail("One", "a"), mail("Two", "b")]
    came = box.take(wrapped(f"> @Sales E-Mails  #{number}  Both of them", *inner))
    assert (came.number, came.created) == (number, False)
    assert came.text == f"Filed 2 attached messages in Sales, linked to #{number}."
    assert [one.content.strip() for one in alice.rows(SALES)] == [one.strip() for one in inner]
    assert alice.rows(E_MAILS) == []
    shown = box.show(number)
    assert [one["title"] for one in shown["follow_ups"]] == ["Both of them", "One", "Two"]
    assert [one["author"] for one in shown["follow_ups"]] == ["alice", "Erika", "Erika"]
    record, *inside = records(box.world)
    assert (record.is_wrapper, record.uid, record.folder_name) == (True, None, SALES)
    assert [one.uid for one in inside] == [1, 2]


def test_a_wrapper_makes_what_it_names_once(box: Postbox) -> None:
    content = wrapped("> #GadgetASupport  Too loud", mail("Inner"))
    came, again = box.take(content), box.take(content)
    assert (came.created, again.created, again.number) == (True, False, came.number)
    shown = box.show(came.number)
    assert (shown["class"], shown["name"]) == ("Incident", "Too loud")
    assert (shown["detailed_description"], shown["reporting_contact"]) == ("Please look.", "alice")
    assert len(box.numbers()) == 2


@pytest.mark.parametrize("text", ["", "Please look."])
@pytest.mark.parametrize("subject", ["", "Inner"])
def test_empty_subjects_and_bodies_do_no_harm(box: Postbox, subject: str, text: str) -> None:
    came = box.take(wrapped("> #GadgetASupport", mail(subject, body=""), text=text))
    shown = box.show(came.number)
    assert (shown["name"], shown["detailed_description"]) == (subject or "(no subject)", text)


@pytest.mark.parametrize(
    ("subject", "groups", "linked_to"),
    [
        ("Sales E-Mails", ["Sales"], None),
        ("  sales   e-mails ", ["Sales"], None),
        ("Sales", ["Sales"], None),
        ("SUPPORT", ["Support"], None),
        ("GadgetASupport", ["E-Mails"], "Incident"),
    ],
)
def test_a_name_alone_is_enough_with_attached_messages(
    box: Postbox, subject: str, groups: list[str], linked_to: str | None
) -> None:
    box.take(wrapped(subject, mail("Inner")))
    (number,) = box.numbers("E-Mail")
    shown = box.show(number)
    assert (shown["subject"], shown["groups"]) == ("Inner", groups)
    linked = [box.show(one["number"])["class"] for one in shown["links"]]
    assert linked == ([linked_to] if linked_to else [])


@pytest.mark.parametrize(
    "subject", ["Re: Sales", "Sales E", "VIP customers", "Release 1.0", "> Sales", ""]
)
def test_other_subjects_with_attached_messages_are_ordinary_mails(
    box: Postbox, subject: str
) -> None:
    """Categories and milestones take what a wrapper's creator files, but aren't named alone."""
    came = box.take(wrapped(subject, mail("Inner")))
    assert box.numbers() == [came.number]
    assert box.show(came.number)["groups"] == ["E-Mails"]


def test_a_name_alone_without_attached_messages_is_an_ordinary_mail(box: Postbox) -> None:
    assert box.show(box.take(letter("Sales")).number)["groups"] == ["E-Mails"]


def test_a_drops_folder_is_not_overruled_by_a_name_alone(alice: Desk) -> None:
    alice.append(SUPPORT, wrapped("Sales", mail("Inner")))
    assert (len(alice.rows(SUPPORT)), alice.rows(SALES)) == (1, [])


def test_names_go_by_the_logging_users_rights(box: Postbox) -> None:
    """A name that this user may not know of is as good as none."""
    box.logging_user = "carol"
    assert box.show(box.take(wrapped("Sales", mail())).number)["groups"] == ["E-Mails"]
    unseen = NotFiled("$NoCreator", 'there is no creator "Sales E-Mails"')
    assert box.try_(wrapped("> @Sales E-Mails  x", mail())) == unseen
    viewer = NotFiled("$NoRight", 'you may not add mail to group "Support"')
    assert box.try_(wrapped("> @Support E-Mails  x", mail())) == viewer
    assert box.try_(wrapped("Support", mail())) == viewer


@pytest.mark.parametrize(
    ("subject", "code", "text"),
    [
        ("> @Nobody  x", "$NoCreator", 'there is no creator "Nobody"'),
        ("> @E-Mails  #99999999  x", "$NoNumber", "there is no activity #99999999"),
        ("> @GadgetASupport  x", "$NoCreator", '"GadgetASupport" is no e-mail creator'),
        ("Archive", "$NoCreator", 'group "Archive" has no e-mail creator'),
    ],
)
def test_a_wrapper_that_can_t_be_done_files_nothing(
    box: Postbox, subject: str, code: str, text: str
) -> None:
    known = box.contacts()
    assert box.try_(wrapped(subject, mail("Inner"))) == NotFiled(code, text)
    assert (box.numbers(), box.contacts()) == ([], known)


@pytest.mark.parametrize("policy", [{"commands": False}, {"automatic": "auto-reply"}])
def test_machines_and_archives_give_no_orders(box: Postbox, policy: dict[str, object]) -> None:
    came = box.take(wrapped("> #GadgetASupport  x", mail("Inner")), **policy)
    assert (box.numbers("E-Mail"), box.numbers()) == ([came.number], [came.number])


def test_a_list_may_carry_a_wrapper(box: Postbox) -> None:
    """A group's address is a list to its mail server."""
    box.take(wrapped("Sales", mail("Inner"), extra="List-Id: <support.example.org>\r\n"))
    (number,) = box.numbers()
    assert box.show(number)["groups"] == ["Sales"]


def test_a_strangers_wrapper_is_filed_without_its_number(box: Postbox, alice: Desk) -> None:
    number = box.incident()
    stranger = wrapped(f"> @Sales E-Mails  #{number}  x", mail("A"), sender="eve@example.net")
    came = box.take(stranger)
    assert outcomes(came) == [(number, "stranger")]
    assert came.text == (
        f"Filed as #{came.number} in Sales. #{number} is not linked: the sender has no part in it."
    )
    assert box.show(number)["follow_ups"] == []


def test_what_staff_forward_is_linked_whoever_wrote_it(box: Postbox) -> None:
    number = box.incident()
    inner = mail(f"About #{number}", "a").replace(b"erika@", b"eve@")
    assert outcomes(box.take(letter(f"About #{number}"))) == [(number, "stranger")]
    assert outcomes(box.take(wrapped("Sales", inner))) == [(number, "linked")]


def test_who_sends_a_wrapper_logs_what_is_in_it(box: Postbox) -> None:
    """Its writer may be staff too; they didn't send it in."""
    inner = mail("Inner").replace(b"erika@example.com", b"bob@example.org")
    came = box.take(wrapped("> #GadgetASupport", inner), use_linked_user=True)
    (filed,) = box.numbers("E-Mail")
    assert box.show(came.number)["created_by"] == "alice"
    shown = box.show(filed)
    assert (shown["reporting_contact"], shown["created_by"]) == ("bob", "alice")


def test_who_wrote_what_is_in_a_wrapper_becomes_a_customer(box: Postbox) -> None:
    bob, machine = (
        mail("Inner", name, extra=extra).replace(
            b"erika@example.com", f"{name}@example.org".encode()
        )
        for name, extra in (("bob", ""), ("carol", "Auto-Submitted: auto-replied\r\n"))
    )
    box.take(wrapped("Sales", bob, machine))
    found = box.contacts()
    assert (found["bob"].is_customer, found["carol"].is_customer) == (True, False)


def test_an_unknown_senders_wrapper_makes_no_contact_of_theirs(box: Postbox) -> None:
    content = wrapped("> #GadgetASupport  x", mail("A"), sender="Eve <eve@example.net>")
    came = box.take(content, unknown_sender="administrator")
    assert box.show(came.number)["reporting_contact"] == "admin"
    number = box.incident()
    named = wrapped(f"> #{number}  y", mail("B", "b"), sender="Eve <eve@example.net>")
    box.take(named, unknown_sender="administrator", stranger="link")
    assert [one["author"] for one in box.show(number)["follow_ups"]] == ["admin", "admin"]
    assert not {"Eve", "Erika"} & set(box.contacts())


def test_without_a_place_of_its_own_a_wrapper_goes_where_the_account_files(box: Postbox) -> None:
    number = box.incident()
    box.take(wrapped(f"> #{number}", mail("A")), creator_id=box.creator("Sales E-Mails"))
    (filed,) = box.numbers("E-Mail")
    assert box.show(filed)["groups"] == ["Sales"]
    box.world.db.write(lambda tx: creators.remove_creator(tx, box.world.segment_id, "E-Mails"))
    refused = box.try_(wrapped(f"> #{number}", mail("B")))
    assert refused == NotFiled("$NoCreator", "the segment has no default e-mail creator")
    assert outcomes(box.take(wrapped(f"> @Sales E-Mails  #{number}", mail("C", "c")))) == [
        (number, "named"),
        (number, "linked"),
    ]


def test_a_machines_mail_in_a_wrapper_keeps_its_mark(box: Postbox, alice: Desk) -> None:
    inner = mail("Gone fishing", extra="Auto-Submitted: auto-replied\r\n")
    box.take(wrapped("Sales", inner, mail("Hello", 2)))
    assert [one.keywords for one in alice.rows(SALES)] == [("$AutoSubmitted",), ()]


def test_more_messages_than_can_be_told_apart_are_not_filed(box: Postbox) -> None:
    many = wrapper("Sales", *[mail("Inner", n) for n in range(600)])
    assert box.try_(many) == NotFiled("$Refused", refusals.MANY_ATTACHED)
    assert box.numbers() == []


def test_several_creators_and_numbers_count_as_in_a_drop(box: Postbox, alice: Desk) -> None:
    number = box.incident()
    subject = f"> @Sales E-Mails @Support E-Mails  #{number} #GadgetASupport  Both"
    came = box.take(wrapped(subject, mail("One", "a")))
    made = next(one for one in box.numbers("Incident") if one != number)
    assert came.text == f"Filed as #{made + 1} in Sales, linked to #{number}, new #{made}."
    assert outcomes(came) == [
        (number, "named"),
        (made, "made"),
        (number, "linked"),
        (made, "linked"),
    ]
    assert (len(alice.rows(SALES)), len(alice.rows(SUPPORT))) == (1, 1)
    shown = {one: box.show(one) for one in (number, made)}
    again = box.take(wrapped(subject, mail("One", "a")))
    assert again.text == f"Filed as #{made + 1} in Sales, linked to #{number}, #{made}."
    assert {one: box.show(one) for one in (number, made)} == shown
    assert len(box.numbers()) == 3


def test_a_stranger_is_kept_from_the_numbers_in_which_they_have_no_part(box: Postbox) -> None:
    theirs, foreign = box.incident("Theirs"), box.incident("Foreign")
    eve = "eve@example.net"
    box.take(letter(f"#{theirs}", sender=eve), stranger="link")
    came = box.take(wrapped(f"> #{foreign} #{theirs}  x", mail("A", "a"), sender=eve))
    assert outcomes(came) == [(theirs, "named"), (foreign, "stranger"), (theirs, "linked")]
    assert box.show(foreign)["follow_ups"] == []
    assert f"#{foreign} is not linked: the sender has no part in it." in came.text

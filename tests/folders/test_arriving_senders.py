"""Mail that comes in by itself: whose it is, and who logs it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import pytest
from desk import records
from postbox import Postbox, letter
from world import World, build

from imapgate.activities import users
from storage import Database, Tx, contacts, emails

ADDRESS = "sam@example.com"


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


@pytest.fixture
def box(world: World) -> Postbox:
    return Postbox(world)


@dataclass(frozen=True)
class Case:
    """kind: what the sender's contact is, unknown: there is none. several: a younger contact has
    the address too, and is the other kind. user: whether the contact is a user's (yes, no,
    disabled)."""

    kind: str
    several: bool
    user: str
    use_linked_user: bool
    unknown_sender: str

    def __str__(self) -> str:
        return "-".join(
            (
                self.kind,
                "several" if self.several else "one",
                f"user_{self.user}",
                "linked" if self.use_linked_user else "default",
                self.unknown_sender,
            )
        )


CASES = [
    case
    for case in (
        Case(*values)
        for values in product(
            ("customer", "staff", "both", "unknown"),
            (False, True),
            ("no", "yes", "disabled"),
            (False, True),
            ("create", "administrator"),
        )
    )
    if case.kind != "unknown" or (not case.several and case.user == "no")
]


def set_up(box: Postbox, case: Case) -> None:
    if case.kind == "unknown":
        return
    flags = {
        "is_customer": case.kind in ("customer", "both"),
        "is_staff": case.kind in ("staff", "both"),
    }
    oldest = box.contact("Sam", ADDRESS, **flags)
    if case.several:
        box.contact("Younger", ADDRESS.upper(), is_customer=False, is_staff=True)

    def work(tx: Tx) -> None:
        users.add_user(tx, box.world.segment_id, "sam", ADDRESS, "hash")
        contacts.change(tx, oldest.id, **flags)
        if case.user == "disabled":
            users.set_disabled(tx, "sam@Standard")

    if case.user != "no":
        box.world.db.write(work)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_table(box: Postbox, case: Case) -> None:
    """Reporting contact and author are the sender's (the oldest's of several), or the
    administrator's for one whom nobody knows; a linked user logs only who is staff and may come
    in; staff who report become customers."""
    set_up(box, case)
    number = box.incident()
    known = set(box.contacts())
    came = box.take(
        letter(f"About #{number}", sender=f"Sam Stranger <{ADDRESS}>"),
        use_linked_user=case.use_linked_user,
        unknown_sender=case.unknown_sender,
        stranger="link",
    )
    stood_in = case.kind == "unknown" and case.unknown_sender == "administrator"
    created = case.kind == "unknown" and not stood_in
    reporter = "admin" if stood_in else "Sam Stranger" if created else "Sam"
    links_user = case.use_linked_user and case.kind in ("staff", "both") and case.user == "yes"

    shown, found = box.show(came.number), box.contacts()
    assert shown["reporting_contact"] == reporter
    assert shown["created_by"] == ("sam" if links_user else "admin")
    (follow_up,) = box.show(number)["follow_ups"]
    assert follow_up["author"] == reporter
    new = set(found) - known - {"support@example.org"}
    assert new == ({"Sam Stranger"} if created else set())
    assert ("2 contacts have the sender's address" in came.text) == case.several
    if case.kind != "unknown":
        assert (found["Sam"].is_customer, found["Sam"].is_staff) == (
            True,
            case.kind in ("staff", "both"),
        )
    if case.several:
        assert not found["Younger"].is_customer


def test_of_several_contacts_the_choice_is_recorded(box: Postbox) -> None:
    box.contact("Old", ADDRESS)
    box.contact("Young", ADDRESS)
    came = box.take(letter(sender=ADDRESS))
    assert came.text == (
        f"Filed as #{came.number} in E-Mails. "
        "2 contacts have the sender's address; the oldest was taken."
    )
    assert records(box.world)[0].text == came.text


def test_the_administrators_address_stands_for_an_unknown_one(box: Postbox) -> None:
    """What the mail had stays to be read beside it, and makes no contact, not by Cc either."""
    extra = f"Cc: {ADDRESS}\r\n"
    came = box.take(letter(sender=f"Sam <{ADDRESS}>", extra=extra), unknown_sender="administrator")
    shown = box.show(came.number)
    assert shown["sender"] == "admin@example.org"
    names = box.world.db.read(
        lambda tx: [(one.kind, one.display_name) for one in emails.recipients(tx, came.activity_id)]
    )
    assert names == [("from", f"Sam <{ADDRESS}>"), ("to", ""), ("cc", f"<{ADDRESS}>")]
    assert not any(ADDRESS in one.addresses for one in box.contacts().values())


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ("From: a@x.example\r\nSender: b@x.example\r\n", "a@x.example"),
        ("From: a@x.example, b@x.example\r\nSender: b@x.example\r\n", "a@x.example"),
        ("From: Nobody\r\nSender: b@x.example\r\n", "Nobody"),
        ("From: \r\nSender: Bea <b@x.example>\r\nReply-To: c@x.example\r\n", "b@x.example"),
        ("Sender: \r\nReply-To: c@x.example\r\n", "c@x.example"),
        ("Return-Path: <d@x.example>\r\n", None),
        ("From: undisclosed-recipients:;\r\nReply-To: c@x.example\r\n", "c@x.example"),
    ],
)
def test_who_wrote_it(box: Postbox, header: str, sender: str | None) -> None:
    content = letter(sender="", extra=header)
    shown = box.show(box.take(content).number)
    assert shown["sender"] == sender
    name = {None: None, "b@x.example": "Bea" if "Bea" in header else "b@x.example"}
    assert shown["reporting_contact"] == name.get(sender, sender)


@pytest.mark.parametrize(
    "written",
    [
        "/o=example/ou=first/cn=recipients/cn=sam",
        "EX:/O=EXAMPLE/OU=FIRST/CN=RECIPIENTS/CN=SAM",
        "IMCEAEX-_O=EXAMPLE_OU=FIRST_CN=RECIPIENTS_CN=SAM@example.com",
    ],
)
def test_an_x500_name_is_whose_contact_has_it(box: Postbox, written: str) -> None:
    """In each of Exchange's forms, linked to the contact's address."""
    box.contact("Sam", ADDRESS, "/O=EXAMPLE/OU=FIRST/CN=RECIPIENTS/CN=SAM")
    shown = box.show(box.take(letter(sender=f'"Sam" <{written}>')).number)
    assert (shown["reporting_contact"], shown["sender"]) == ("Sam", ADDRESS)


@pytest.mark.parametrize(
    ("policy", "extra"),
    [
        ({"commands": False}, ""),
        ({}, "Auto-Submitted: auto-replied\r\n"),
    ],
)
def test_archives_and_machines_make_nobody_a_customer(
    box: Postbox, policy: dict[str, object], extra: str
) -> None:
    box.take(letter(sender="alice@example.org", extra=extra), **policy)
    assert not box.contacts()["alice"].is_customer
    box.take(letter(sender="alice@example.org"))
    assert box.contacts()["alice"].is_customer


def test_users_contacts_are_staff(box: Postbox) -> None:
    box.contact("Erika", "erika@example.com")
    box.world.db.write(
        lambda tx: users.add_user(tx, box.world.segment_id, "eri", "erika@example.com", "hash")
    )
    found = box.contacts()
    assert (found["Erika"].is_customer, found["Erika"].is_staff) == (True, True)
    assert (found["alice"].is_customer, found["alice"].is_staff) == (False, True)

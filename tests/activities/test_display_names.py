"""What of a mail's display name a contact is called by."""

from __future__ import annotations

import unicodedata

import pytest
from crm import Crm, mail
from hypothesis import given
from hypothesis import strategies as st

from imapgate.activities import contacts
from imapgate.activities.display_names import person_name
from imapgate.activities.names import LONGEST
from imapgate.mime.mail import Mailbox
from imapgate.mime.reading import read
from storage import Tx

ADDRESS = "erika@example.net"
OWN = Mailbox("", "alice@example.org")


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Erika Muster", "Erika Muster"),
        ("Erika", "Erika"),
        ("  Erika \t Muster ", "Erika Muster"),
        ("'Erika'", "Erika"),
        ("\"'Erika Muster'\"", "Erika Muster"),
        ("\u201eErika Muster\u201c", "Erika Muster"),
        ("Muster, Erika", "Muster, Erika"),
        ("Erika Muster (Acme)", "Erika Muster (Acme)"),
        ("O'Brien", "O'Brien"),
        ("'t Hooft", "'t Hooft"),
        ("Via Roma GmbH", "Via Roma GmbH"),
        ("Octavia Muster", "Octavia Muster"),
        ("Mu\u0308ller", "M\u00fcller"),
        ("\u202eErika\u202c", "Erika"),
        ("Erika\r\nBcc: x", "Erika Bcc: x"),
        ("E\0rika\ud800", "Erika?"),
        ("", ""),
        ("''", ""),
        ("erika", ""),
        ("erika@example.net", ""),
        ("Erika <e@x>", ""),
        ("'erika@example.net'", ""),
        ("/O=ACME/CN=ERIKA", ""),
        ("EX:/O=ACME/CN=ERIKA", ""),
        ("=?utf-8?q?Erika", ""),
        ("+41 44 111", ""),
        ("Erika via Support", ""),
        ("Erika (via Google Docs)", ""),
        ("Erika VIA Support", ""),
        ("Otto on behalf of Erika", ""),
        ("Otto im Auftrag von Erika", ""),
        ("A" * LONGEST, "A" * LONGEST),
        ("A" * (LONGEST + 1), ""),
    ],
)
def test_what_names_a_person(written: str, name: str) -> None:
    assert person_name(written, ADDRESS) == name


@given(st.text(st.characters(codec=None)))
def test_a_name_is_one_line_and_bounded(written: str) -> None:
    """Whatever stands in the header, it can be stored, written into a header, and learned again."""
    name = person_name(written, ADDRESS)
    name.encode()
    assert len(name) <= LONGEST
    assert not {unicodedata.category(one) for one in name} & {"Cc", "Cs", "Zl", "Zp"}
    assert "@" not in name


def names(crm: Crm) -> dict[str, str]:
    """Address -> contact's name."""
    known = crm.db.read(lambda tx: contacts.list_contacts(tx, crm.segment_id))
    return {address: one.name for one in known for address in one.addresses}


@pytest.mark.parametrize("field", ["from_", "to", "cc"])
def test_the_first_name_counts(crm: Crm, field: str) -> None:
    """A contact that is named by nothing but its address takes it, as it calls itself or as a user
    does; later ones change nothing."""
    for n, name in enumerate(("", "erika via List", "'Erika Muster'", "Somebody Else")):
        boxes = {"from_": (OWN,), field: (Mailbox(name, ADDRESS.upper()),)}
        crm.file(mail(f"Question {n}", **boxes))
        expected = ADDRESS.upper() if n < 2 else "Erika Muster"
        assert names(crm)[ADDRESS.upper()] == expected


@pytest.mark.parametrize(
    "boxes",
    [
        {"from_": (Mailbox("Eve", "eve@elsewhere.example"),), "to": (Mailbox("Pest", ADDRESS),)},
        {"from_": (), "cc": (Mailbox("Pest", ADDRESS),)},
        {"from_": (Mailbox("Eve", "eve@elsewhere.example"), Mailbox("Pest", ADDRESS))},
    ],
)
def test_how_strangers_call_others_is_no_name(
    crm: Crm, boxes: dict[str, tuple[Mailbox, ...]]
) -> None:
    """For who is known by the address already."""
    crm.file(mail("One", from_=(Mailbox("", ADDRESS),)))
    crm.file(mail("Two", **boxes))
    assert names(crm)[ADDRESS] == ADDRESS
    crm.file(mail("Three", from_=(Mailbox("Erika Muster", ADDRESS),)))
    assert names(crm)[ADDRESS] == "Erika Muster"


def test_a_name_that_somebody_gave_stays(crm: Crm) -> None:
    """Also one that is an address of nobody's; of several addresses each counts as none."""

    def work(tx: Tx) -> None:
        contacts.add_contact(tx, crm.segment_id, "Desk", [ADDRESS])
        contacts.add_contact(tx, crm.segment_id, "me@home", ["me@example.net"])
        contacts.add_contact(
            tx,
            crm.segment_id,
            "old@example.net",
            ["old@example.net", "new@example.net"],
        )

    crm.do(work)
    boxes = (
        Mailbox("Erika Muster", ADDRESS),
        Mailbox("Me Myself", "me@example.net"),
        Mailbox("Otto Muster", "new@example.net"),
    )
    crm.file(mail(from_=(OWN,), to=boxes))
    found = names(crm)
    assert found[ADDRESS] == "Desk"
    assert found["me@example.net"] == "me@home"
    assert found["old@example.net"] == found["new@example.net"] == "Otto Muster"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('"Muster, Erika" <erika@example.net>', "Muster, Erika"),
        ("=?utf-8?q?Erika_M=C3=BCller?= <erika@example.net>", "Erika M\u00fcller"),
        ("\"'=?utf-8?q?Erika_M=C3=BCller?='\" <erika@example.net>", "Erika M\u00fcller"),
        ("erika@example.net (Erika Muster)", "Erika Muster"),
        ("=?utf-8?q?a=0D=0ABcc=3A_x?= <erika@example.net>", "a Bcc: x"),
    ],
)
def test_names_of_real_headers(crm: Crm, header: str, name: str) -> None:
    """Quoted and coded ones (RFC 5322 3.2.4, RFC 2047)."""
    crm.file(read(f"From: {header}\r\nSubject: Hello\r\n\r\n".encode()).mail)
    assert names(crm)[ADDRESS] == name

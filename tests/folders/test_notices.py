"""Mails of imapgate's own."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from desk import Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from mailroom import opened
from world import World, build

from imapgate.activities.people import Person
from imapgate.folders import notices
from imapgate.mime.automatic import NOTIFICATION, kind_of
from imapgate.mime.reading import read
from storage import Database

TEXT = st.text(alphabet=st.characters(), max_size=200)
EVE = Person(1, 1, "eve", "Standard", "eve@example.org", True)


@pytest.fixture
def world(db: Database) -> World:
    return build(db)


def _read(octets: bytes) -> EmailMessage:
    return email.message_from_bytes(octets, policy=email.policy.default)  # type: ignore[return-value]


def test_a_notice_stands_in_the_inbox_as_a_new_mail(world: World) -> None:
    """Unseen and recent, with the folder's next UID."""
    world.db.write(
        lambda tx: notices.tell(tx, world.bob.id, "Account “Büro” fails", "Zum Ersten\n\nEnde €")
    )
    here = opened(world, world.bob)
    assert (list(here.uids), here.recent_from, here.first_unseen) == ([1], 1, 1)
    (row,) = Desk(world, world.bob).rows("INBOX")
    mail = _read(row.content)
    assert mail["Subject"] == "Account “Büro” fails"
    assert mail["From"] == "imapgate <no-reply@imapgate.invalid>"
    assert mail["To"] == "bob@example.org"
    assert mail.get_content().splitlines() == ["Zum Ersten", "", "Ende €"]
    assert mail["Date"].datetime == datetime.fromtimestamp(row.internal_at, UTC)
    assert Desk(world, world.alice).rows("INBOX") == []


def test_what_answers_by_itself_doesn_t_answer_it() -> None:
    """RFC 3834 2: no answer to what was generated."""
    mail = _read(notices.written(EVE, "a", "b", 0))
    assert mail["Auto-Submitted"] == "auto-generated"
    assert kind_of(read(notices.written(EVE, "a", "b", 0)).mail) == NOTIFICATION
    assert mail["Message-ID"] != _read(notices.written(EVE, "a", "b", 0))["Message-ID"]


def test_nobody_is_told_who_isn_t_there(world: World) -> None:
    with pytest.raises(LookupError):
        world.db.write(lambda tx: notices.tell(tx, 9999, "a", "b"))


@settings(deadline=None, max_examples=100)
@given(TEXT, TEXT)
def test_no_text_makes_a_header_or_a_long_line(subject: str, text: str) -> None:
    """What a notice tells may come from a mail: line ends, controls, lone surrogates."""
    octets = notices.written(EVE, subject, text, 0)
    assert octets.isascii()
    mail = _read(octets)
    headers = "Auto-Submitted Content-Transfer-Encoding Content-Type Date From MIME-Version"
    others = ("Message-ID", "Subject", "To", "X-imapgate")
    assert sorted(mail.keys()) == sorted([*headers.split(), *others])
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    assert b"\n" not in octets.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "subject", ["=?utf-8?q?a=0d=0aBcc:_eve@example.org?=", "a\r\nBcc: x", "=?utf-8?b?DQpCY2M6eA?="]
)
def test_an_encoded_word_makes_no_header_either(subject: str) -> None:
    """Python's EmailMessage decodes it, and writes the line ends that were in it."""
    assert _read(notices.written(EVE, subject, "", 0))["Bcc"] is None


def test_a_long_text_is_cut_and_says_so() -> None:
    mail = _read(notices.written(EVE, "x" * 1000, "y" * 200_000, 0))
    assert len(mail["Subject"]) == notices.LONGEST_SUBJECT
    assert mail.get_content().splitlines()[-1].startswith("(The rest is left out")


def test_who_has_no_address_is_told_all_the_same(world: World) -> None:
    nobody = Person(1, 1, "eve", "Mein Segment", None, True)
    assert _read(notices.written(nobody, "a", "b", 0))["To"] is None

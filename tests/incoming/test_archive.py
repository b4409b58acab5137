"""A journal mailbox: the original filed once, with its direction and envelope."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest
from coming_in import LIMITS, add_account
from desk import Desk, content_of
from journals import ORIGINAL, report
from sqlalchemy import select, update
from world import World

from imapgate.activities import by_hand, journals, x500
from imapgate.activities.show import show_activity
from imapgate.cli.activity_page import print_activity
from imapgate.incoming import filing, queue
from storage import Tx, people, schema

_numbers = count()
ENVELOPE = (
    "Sender: joe@example.org\nSubject: Offer\nMessage-Id: <offer@example.org>\n"
    "To: ann@example.net\nCc: bob@example.org\nBcc: boss@example.com\n"
)


@dataclass(frozen=True)
class Archive:
    """An account of kind archive, into Trackers/Archive."""

    world: World
    account_id: int

    def comes(self, content: bytes) -> filing.Came:
        origin = queue.Origin(self.world.segment_id, "journal INBOX", self.account_id)
        fetched = queue.Fetched(f"1.{next(_numbers)}", content)
        (taken,) = queue.take(self.world.db, origin, [fetched], LIMITS)
        return filing.file_one(self.world.db, taken.row_id, LIMITS)

    def shown(self, number: int | None) -> dict[str, Any]:
        assert number is not None
        return self.world.db.read(lambda tx: show_activity(tx, self.world.segment_id, number))

    def recipients(self, number: int | None) -> list[tuple[str, str]]:
        return [(one["kind"], one["address"]) for one in self.shown(number)["recipients"]]


@pytest.fixture
def archive(world: World) -> Archive:
    """example.org is the house's domain."""
    account_id = add_account(world, "journal", "Sales E-Mails")

    def work(tx: Tx) -> None:
        people.set_domains(tx, world.segment_id, ["example.org"])
        tx.connection.execute(
            update(schema.account).where(schema.account.c.id == account_id).values(kind="archive")
        )

    world.db.write(work)
    return Archive(world, account_id)


@pytest.fixture
def tracker(world: World) -> Desk:
    return Desk(world, world.bob)


TRACKER = "Trackers/Sales"
HEADERS = [("from", "joe@example.org"), ("to", "ann@example.net"), ("cc", "bob@example.org")]


def test_the_original_comes_out_of_its_envelope(archive: Archive, tracker: Desk) -> None:
    """Octet for octet; who got a blind copy is known; the report itself stands nowhere."""
    came = archive.comes(report(ENVELOPE))
    assert came.state == "filed"
    assert tracker.contents(TRACKER) == [ORIGINAL]
    shown = archive.shown(came.number)
    assert (shown["subject"], shown["direction"], shown["automatic"]) == ("Offer", "out", None)
    assert shown["sha256"] == hashlib.sha256(ORIGINAL).hexdigest()
    assert archive.recipients(came.number) == [*HEADERS, ("envelope", "boss@example.com")]
    assert shown["groups"] == ["Sales"]


def test_x500_names_of_the_envelope_are_their_contacts(archive: Archive) -> None:
    """Whose address stands in the mail isn't added again; of a blind copy the address is."""
    pairs = {"/o=Acme/cn=bob": "bob@example.org", "/o=Acme/cn=boss": "boss@example.com"}

    def work(tx: Tx) -> None:
        for name, address in pairs.items():
            x500.remember(tx, archive.world.segment_id, name, address)

    archive.world.db.write(work)
    named = ENVELOPE.replace("bob@example.org", "EX:/O=ACME/CN=BOB")
    named = named.replace(
        "boss@example.com", "/O=ACME/CN=BOSS\nBcc: IMCEAEX-_O=ACME_CN=BOSS@example.org"
    )
    came = archive.comes(report(named))
    assert archive.recipients(came.number) == [*HEADERS, ("envelope", "boss@example.com")]


@pytest.mark.parametrize("in_base64", [False, True])
def test_a_large_original_too(archive: Archive, tracker: Desk, in_base64: bool) -> None:
    """In several chunks; with bare line feeds and octets that need an encoding."""
    original = ORIGINAL + b"\xff\n" * 70 + b"0123456789" * 200_000 + b"\r\n"
    archive.comes(report(ENVELOPE, original, in_base64=in_base64))
    assert tracker.contents(TRACKER) == [original]


def test_of_two_originals_the_first_counts(archive: Archive, tracker: Desk) -> None:
    """Where a server adds a decrypted copy; the report keeps both."""
    other = b"--report\r\nContent-Type: message/rfc822\r\n\r\nSubject: other\r\n\r\nx\r\n"
    archive.comes(report(ENVELOPE).replace(b"--report--", other + b"--report--"))
    assert tracker.contents(TRACKER) == [ORIGINAL]


def test_the_page_of_an_activity_tells_the_direction(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the recipients of the envelope."""
    print_activity(archive.shown(archive.comes(report(ENVELOPE)).number))
    shown = capsys.readouterr().out
    assert re.search(r"direction +out\b", shown)
    assert re.search(r"envelope +boss@example.com", shown)


def test_a_plain_copy_is_filed_as_it_is(archive: Archive, tracker: Desk) -> None:
    """With whom Gmail says that it was delivered to."""
    came = archive.comes(b"X-Gm-Original-To: sam@example.org\r\n" + ORIGINAL)
    assert len(tracker.contents(TRACKER)) == 1
    assert archive.recipients(came.number) == [*HEADERS, ("envelope", "sam@example.org")]
    assert archive.shown(came.number)["direction"] == "out"


def test_two_copies_of_one_mail_are_one(archive: Archive, tracker: Desk) -> None:
    """The sender's report and the recipient's: one activity, one message, all recipients."""
    first = archive.comes(report(ENVELOPE))
    other = ENVELOPE.replace("Bcc: boss@example.com", "Recipient: sam@example.org")
    second = archive.comes(report(other))
    assert second.number == first.number
    assert tracker.contents(TRACKER) == [ORIGINAL]
    both = [("envelope", "boss@example.com"), ("envelope", "sam@example.org")]
    assert archive.recipients(first.number) == [*HEADERS, *both]


def test_a_copy_that_took_another_way_is_the_same_mail(archive: Archive, tracker: Desk) -> None:
    """Other Received lines: its recipients are added, its bytes stay in the queue alone; what the
    envelope told outlasts a drop of the same mail."""
    first = archive.comes(report(ENVELOPE))
    received = (
        b"Received: from mx.example.net by mail.example.org; Mon, 6 Jan 2025 10:00:01 +0100\r\n"
    )
    text = ENVELOPE.replace("Bcc: boss@example.com", "Recipient: sam@example.org")
    content = report(text, received + ORIGINAL)
    second = archive.comes(content)
    assert second.number == first.number
    assert second.text == (
        f"The same mail as #{first.number} in Trackers/Sales: its recipients were added."
    )
    assert tracker.contents(TRACKER) == [ORIGINAL]
    kept = archive.world.db.read(
        lambda tx: content_of(
            tx,
            tx.connection.execute(
                select(schema.incoming.c.stored_message_id).where(
                    schema.incoming.c.id == second.row_id
                )
            ).scalar_one(),
        )
    )
    assert kept == content
    tracker.append("Trackers/Support", ORIGINAL)
    tracker.append("Trackers/Sales", ORIGINAL)
    both = [("envelope", "boss@example.com"), ("envelope", "sam@example.org")]
    assert archive.recipients(first.number) == [*HEADERS, *both]


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"Here it is.", b"Here it isn't."), (b"10:00:00", b"10:00:01"), (b"joe@", b"jim@")],
    ids=["text", "date", "sender"],
)
def test_what_differs_is_another_mail(
    archive: Archive, tracker: Desk, old: bytes, new: bytes
) -> None:
    """A Message-ID alone proves nothing."""
    first = archive.comes(report(ENVELOPE))
    second = archive.comes(report(ENVELOPE, ORIGINAL.replace(old, new)))
    assert second.number != first.number
    assert len(tracker.contents(TRACKER)) == 2


def test_the_same_report_twice_is_one(archive: Archive, tracker: Desk) -> None:
    """Fetched again under another key."""
    first, second = archive.comes(report(ENVELOPE)), archive.comes(report(ENVELOPE))
    assert (second.state, second.number) == ("filed", first.number)
    assert tracker.contents(TRACKER) == [ORIGINAL]


def test_a_mail_that_was_filed_otherwise_is_joined(archive: Archive, tracker: Desk) -> None:
    """What only the archive knows is added to it."""
    received = (
        b"Received: from mx.example.net by mail.example.org; Mon, 6 Jan 2025 10:00:01 +0100\r\n"
    )
    tracker.append(TRACKER, received + ORIGINAL)
    came = archive.comes(report(ENVELOPE))
    assert came.text.startswith("The same mail as #")
    assert archive.shown(came.number)["direction"] == "out"
    assert archive.recipients(came.number)[-1] == ("envelope", "boss@example.com")
    assert tracker.contents(TRACKER) == [received + ORIGINAL]


def test_recipients_of_many_reports_are_bounded(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many there are."""
    monkeypatch.setattr(journals, "MOST_RECIPIENTS", 5)
    many = "".join(f"Recipient: user{number}@example.org\n" for number in range(9))
    came = archive.comes(report(ENVELOPE + many))
    assert len(archive.recipients(came.number)) == 5
    archive.comes(report(ENVELOPE + many))
    assert len(archive.recipients(came.number)) == 5


def test_where_numbers_never_link_they_don_t_in_an_archive(archive: Archive) -> None:
    """The account's word counts."""
    world = archive.world
    number = world.db.write(
        lambda tx: by_hand.new_activity(tx, world.segment_id, "Hot", creator="GadgetASupport")
    )
    world.db.write(
        lambda tx: tx.connection.execute(
            update(schema.account)
            .where(schema.account.c.id == archive.account_id)
            .values(settings=json.dumps({"stranger": "never"}))
        )
    )
    named = ORIGINAL.replace(b"Subject: Offer", f"Subject: Offer #{number}".encode())
    came = archive.comes(report(ENVELOPE, named))
    assert archive.shown(came.number)["links"] == []


def test_links_are_made_and_nothing_is_a_command(archive: Archive, tracker: Desk) -> None:
    """By number, from a stranger not; a wrapper in the archive is a mail like any other."""
    world = archive.world
    number = world.db.write(
        lambda tx: by_hand.new_activity(
            tx, world.segment_id, "Gadget is hot", creator="GadgetASupport"
        )
    )
    subject = f"Offer #{number}"
    named = ORIGINAL.replace(b"Subject: Offer", f"Subject: {subject}".encode())
    stranger = named.replace(b"joe@", b"joe@not.").replace(b"Message-ID: <", b"Message-ID: <x")
    came = archive.comes(report(ENVELOPE.replace("joe@", "joe@not."), stranger))
    assert archive.shown(came.number)["links"] == []
    came = archive.comes(report(ENVELOPE, named))
    assert archive.shown(came.number)["links"] == [{"number": number, "kind": "RELATES_TO"}]
    wrapping = (
        b"From: joe@example.org\r\nSubject: > @Support E-Mails  #GadgetASupport  Hot\r\n"
        b'Content-Type: multipart/mixed; boundary="w"\r\n\r\n--w\r\n'
        b"Content-Type: message/rfc822\r\n\r\n" + ORIGINAL + b"\r\n--w--\r\n"
    )
    came = archive.comes(wrapping)
    assert archive.shown(came.number)["class"] == "E-Mail"
    assert wrapping in tracker.contents(TRACKER)
    assert tracker.contents("Trackers/Support") == []


def test_an_automatic_original_is_marked_and_its_report_isn_t_one(
    archive: Archive, tracker: Desk
) -> None:
    """Exchange sends its reports as it sends its bounces."""
    archive.comes(report(ENVELOPE))
    assert tracker.rows(TRACKER)[0].keywords == ()
    automatic = b"Auto-Submitted: auto-generated\r\n" + ORIGINAL.replace(b"offer@", b"other@")
    came = archive.comes(report(ENVELOPE, automatic))
    assert archive.shown(came.number)["automatic"] == "auto-generated"
    assert tracker.rows(TRACKER)[1].keywords == ("$AutoSubmitted",)


def test_a_report_whose_original_is_lost_is_filed_itself(archive: Archive, tracker: Desk) -> None:
    """Nothing is lost."""
    content = report(ENVELOPE).partition(b"\r\n--report\r\nContent-Type: message/rfc822")[0]
    archive.comes(content)
    assert tracker.contents(TRACKER) == [content]


@pytest.mark.parametrize(
    ("sender", "recipients", "told"),
    [
        ("a@example.net", ("b@example.org",), "in"),
        ("a@example.net", (), "in"),
        ("a@example.net", ("b@example.com",), "in"),
        ("a@example.org", ("b@example.net",), "out"),
        ("A@EXAMPLE.ORG", ("b@Example.Org", "c@example.net"), "out"),
        ("a@example.org", ("b@example.org", "c@example.org"), "internal"),
        ("/O=X/CN=A", ("b@example.org", "/O=X/CN=B"), "internal"),
        ("/O=X/CN=A", ("b@example.net",), "out"),
        ("a@example.org", (), "out"),
        ("a@sub.example.org", ("b@example.org",), "in"),
        ("nobody", ("b@example.org",), "in"),
        (None, ("b@example.org",), None),
    ],
)
def test_directions(sender: str | None, recipients: tuple[str, ...], told: str | None) -> None:
    """From the domains of the house."""
    assert journals.direction({"example.org"}, sender, recipients) == told
    assert journals.direction((), sender, recipients) is None


def test_without_domains_those_of_the_users_count(archive: Archive) -> None:
    """They have addresses at example.org."""
    world = archive.world
    world.db.write(lambda tx: people.set_domains(tx, world.segment_id, []))
    assert archive.shown(archive.comes(report(ENVELOPE)).number)["direction"] == "out"

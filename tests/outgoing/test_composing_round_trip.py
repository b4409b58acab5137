"""From the transition to a real SMTP server, and the answer back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import mail
from going_out import EXPORT, SEND, Posting, add_mailer
from postbox import Postbox, letter, outcomes
from smtp_sink import HOST, Sink
from world import World

from imapgate.mime.reading import decoded, read
from imapgate.outgoing import carrying
from imapgate.outgoing.delivery import SENT
from imapgate.outgoing.opening import Opener
from imapgate.outgoing.sending import send_one

GERMAN = mail("Gadget", body="Käse\r\n.\r\n..dots\r\n", extra="Cc: Bob <bob@example.net>\r\n")
DRAFT = (
    b"From: alice@example.org\r\nTo: ann@example.net\r\nBcc: dan@example.net\r\nSubject: Offer\r\n"
    b"Date: Mon, 06 Jan 2025 10:00:00 +0000\r\nMessage-ID: <d1@example.org>\r\n\r\n.one\r\nend\r\n"
)


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    with Sink(tmp_path) as made:
        yield made


@pytest.fixture
def alice(world: World, sink: Sink) -> Posting:
    add_mailer(world, port=sink.port, host=HOST)
    return Posting(world, world.alice)


def delivered(alice: Posting, tmp_path: Path, number: int, transition: str) -> int:
    """Its row in the outbox."""
    (came,) = carrying.carry_out_actions(alice.world.db, alice.take(number, transition))
    assert came.row_id is not None
    opener = Opener(alice.world.db, tmp_path / "secrets.key", tmp_path)
    results = send_one(alice.world.db, came.row_id, opener)
    assert {one.outcome for one in results} == {SENT}
    return came.row_id


def test_what_arrives_is_the_mail_and_its_answer_comes_back(
    alice: Posting, sink: Sink, tmp_path: Path
) -> None:
    number = alice.file(GERMAN)
    delivered(alice, tmp_path, number, SEND)
    (content,) = sink.messages
    assert sink.to == ["support@example.org", "bob@example.net"]
    assert sink.senders == ["alice@example.org"]
    arrived = read(content).mail
    assert arrived.subject == f"[#{number}] Gadget"
    assert arrived.text.split("\n")[:3] == ["Käse", ".", "..dots"]
    answer = letter(
        "Re: without any number",
        sender="Bob <bob@example.net>",
        extra=f"In-Reply-To: <{arrived.message_id}>\r\n",
    )
    assert outcomes(Postbox(alice.world).take(answer)) == [(number, "linked")]


def test_a_draft_arrives_octet_for_octet_and_nobody_reads_bcc(
    alice: Posting, sink: Sink, tmp_path: Path
) -> None:
    delivered(alice, tmp_path, alice.file(DRAFT), SEND)
    assert sink.messages == [re.sub(rb"Bcc: [^\n]*\n", b"", DRAFT)]
    assert sink.to == ["ann@example.net", "dan@example.net"]


@pytest.mark.parametrize(
    "content", [GERMAN, DRAFT, mail(body="a\0b\n" + "x" * 3000)], ids=["8-bit", "lines", "odd"]
)
def test_an_export_arrives_octet_for_octet(
    alice: Posting, sink: Sink, tmp_path: Path, content: bytes
) -> None:
    delivered(alice, tmp_path, alice.file(content), EXPORT)
    (came,) = sink.messages
    assert b"".join(decoded(came, read(came).root.children[1])) == content
    assert sink.to == ["alice@example.org"]
    assert sink.senders == ["crm@example.org"]

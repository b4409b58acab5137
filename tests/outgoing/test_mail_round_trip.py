"""The whole way, with true servers: an activity is sent through Exim into a customer's mailbox in
Dovecot, the customer answers, and the answer, read by an account, stands with its activity."""

from __future__ import annotations

import email
import email.policy
import smtplib
from email.message import EmailMessage
from functools import partial
from pathlib import Path

import pytest
from desk import LIMITS
from dovecot import Dovecot, Mailbox
from exim import HOST, PASSWORD, USER, Exim, arrived
from going_out import Posting
from world import World

from imapgate.activities.names import key as name_key
from imapgate.incoming import accounts
from imapgate.incoming import opening as incoming_opening
from imapgate.incoming.rounds import run_round
from imapgate.outgoing import mailers, sending
from imapgate.outgoing.opening import Opener
from imapgate.servers.secrets import SecretKey
from imapgate.servers.server import Secrets
from storage import Tx, mail_accounts, outbox

DRAFT = (
    "From: Alice <{desk}>\r\nTo: {customer}\r\nBcc: {unseen}\r\nSubject: Your gadget\r\n"
    "Date: Sat, 21 Nov 2026 10:00:00 +0000\r\nMessage-ID: <draft@desk.example>\r\n\r\n"
    "It is repaired.\r\n.\r\nAlice\r\n"
)
OF_SOMEBODY = DRAFT.replace("Alice <{desk}>", "Shop <shop@example.net>")


def _set_up(world: World, exim: Exim, dovecot: Dovecot, desk: Mailbox, key: SecretKey) -> None:
    """Alice writes from the desk's address, which an account reads."""
    here = {"from": desk.user, "host": "localhost", "port": exim.smtp, "security": "starttls"}
    there = {"host": "localhost", "port": dovecot.port("imaps"), "protocol": "imaps"}

    def work(tx: Tx) -> None:
        mailer = mailers.add_mailer(
            *(tx, world.segment_id, "relay"),
            {**here, "user": USER, "ca": exim.authority},
            *(Secrets(PASSWORD), key, "anna"),
        )
        mailers.set_default(tx, mailer, "anna")
        made = mail_accounts.add(
            tx, world.alice.id, desk.user, name_key(desk.user), subject_prefix=""
        )
        mail_accounts.set_default(tx, world.alice.id, made)
        accounts.add_account(
            *(tx, world.segment_id, "desk", "mailbox"),
            {**there, "user": desk.user, "ca": dovecot.authority, "after_reading": "delete"},
            *(Secrets(desk.password), key, "anna", ""),
        )

    world.db.write(work)


def _read_by_the_account(world: World, key_file: Path) -> int:
    """How many mails were filed."""
    account = world.db.read(lambda tx: accounts.find_account(tx, world.segment_id, "desk"))
    reading = world.db.read(lambda tx: accounts.effective(tx, account))
    source = incoming_opening.Opener(world.db, key_file)(account, reading)
    try:
        return run_round(world.db, account, reading, source, LIMITS).filed
    finally:
        source.close()


def _answer(exim: Exim, customer: Mailbox, asked: EmailMessage, subject: str) -> None:
    answer = EmailMessage()
    answer["From"], answer["To"] = customer.user, asked["Reply-To"] or asked["From"]
    answer["Subject"], answer["Message-ID"] = subject, f"<answer-of-{customer.user}>"
    answer["In-Reply-To"] = answer["References"] = asked["Message-ID"]
    answer.set_content("Thank you.\n\n> It is repaired.\n")
    with smtplib.SMTP(HOST, exim.smtp, timeout=20) as client:
        client.send_message(answer)


@pytest.mark.parametrize(
    ("written", "keeps_number"),
    [(DRAFT, True), (DRAFT, False), (OF_SOMEBODY, True), (OF_SOMEBODY, False)],
)
def test_it_is_sent_delivered_answered_fetched_and_linked(
    world: World, tmp_path: Path, exim: Exim, dovecot: Dovecot, written: str, keeps_number: bool
) -> None:
    """A draft with its own bytes, what somebody else wrote as a new mail; by the number in the
    answer's subject, and without one by what it answers."""
    desk, customer, unseen = (dovecot.new_mailbox() for _ in range(3))
    key_file = tmp_path / "secrets.key"
    _set_up(world, exim, dovecot, desk, SecretKey(key_file))
    posting = Posting(world, world.alice)
    boxes = {"desk": desk.user, "customer": customer.user, "unseen": unseen.user}
    number = posting.file(written.format(**boxes).encode())

    came = posting.send(number)
    assert came.row_id is not None, came
    sent = sending.send_one(world.db, came.row_id, Opener(world.db, key_file, tmp_path))
    assert {one.outcome for one in sent} == {"sent"}, sent
    row = world.db.read(partial(outbox.by_id, row_id=came.row_id))
    assert row is not None
    assert row.state == "sent"

    (content,) = arrived(customer)
    asked = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(asked, EmailMessage)
    assert arrived(unseen) == [content]
    assert asked["Bcc"] is None
    assert desk.user in asked["From"]
    assert asked["X-Mailer"] == (None if written == DRAFT else "//IMAPGATE//V1//Standard")
    body = asked.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == ["It is repaired.", ".", "Alice"]

    subject = f"Re: Your gadget [#{number}]" if keeps_number else "Something else"
    _answer(exim, customer, asked, subject)
    arrived(desk)
    assert _read_by_the_account(world, key_file) == 1
    assert desk.files() == []
    follow_up = posting.show(number)["follow_ups"][-1]
    assert follow_up["title"] == subject
    assert follow_up["text"].strip() == "Thank you."
    assert posting.show(follow_up["from_activity"])["links"] == [
        {"number": number, "kind": "RELATES_TO"}
    ]

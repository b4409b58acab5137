"""Send as mail: an activity's mail written anew."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from typing import Any

import pytest
from desk import LIMITS, mail
from going_out import Posting, add_mailer, queued
from sqlalchemy import delete, update
from world import World

from imapgate.activities import segment_settings
from imapgate.activities.names import Mistake
from imapgate.outgoing import outbox
from imapgate.outgoing.writing_by_hand import Written, write_mail
from storage import mail_accounts
from storage.schema import email_address, email_recipient, principal

TO_TWO = (
    b"From: Erika <erika@example.com>\r\nTo: Ann <ann@example.net>, bob@b\xc3\xbccher.example\r\n"
    b"Cc: Carl <carl@example.net>\r\nBcc: dan@example.net\r\nSubject: Gadget\r\n"
    b"Date: Mon, 06 Jan 2025 10:00:00 +0000\r\nMessage-ID: <m1@example.com>\r\n"
    b"In-Reply-To: <m0@example.com>\r\nReferences: <m-1@example.com> <m0@example.com>\r\n"
    b"X-Secret: yes\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>Gr\xc3\xbc\xc3\x9fe <b>&lt;you&gt;</b></p><script>alert(1)</script>\r\n"
)


@pytest.fixture
def alice(world: World) -> Posting:
    add_mailer(world)
    return Posting(world, world.alice)


def parsed(octets: bytes) -> EmailMessage:
    return email.message_from_bytes(octets, policy=email.policy.default)  # type: ignore[return-value]


def test_each_field_is_what_it_is_to_be(alice: Posting) -> None:
    number = alice.file(TO_TWO)
    came = alice.sent(number)
    found = parsed(came.content)
    fields = "From To Cc Subject Date Message-ID In-Reply-To References X-Mailer MIME-Version"
    assert found.keys() == [*fields.split(), "Content-Type"]
    assert found["From"] == "alice <alice@example.org>"
    assert found["To"] == "Ann <ann@example.net>, bob@xn--bcher-kva.example"
    assert found["Cc"] == "Carl <carl@example.net>"
    assert found["Subject"] == f"[#{number}] Gadget"
    assert found["X-Mailer"] == "//IMAPGATE//V1//Standard"
    assert found["In-Reply-To"] == "<m0@example.com>"
    references = ("m-1@example.com", "m0@example.com", "m1@example.com")
    assert came.mail.references == references
    assert came.mail.message_id not in (None, *references)
    assert came.mail.message_id == came.row.message_id


def test_everybody_gets_it_and_nobody_sees_bcc(alice: Posting) -> None:
    came = alice.sent(alice.file(TO_TWO))
    assert came.recipients == [
        ("to", "ann@example.net"),
        ("to", "bob@xn--bcher-kva.example"),
        ("cc", "carl@example.net"),
        ("bcc", "dan@example.net"),
    ]
    assert b"dan@example.net" not in came.content
    assert (came.row.kind, came.row.state) == (outbox.ACTIVITY, "waiting")
    assert came.row.sender == "alice@example.org"
    assert came.row.principal_id == alice.person.id


def test_the_body_is_text_and_its_html_is_made_of_the_text(alice: Posting) -> None:
    """Nobody's scripts and pictures go out in our name."""
    found = parsed(alice.sent(alice.file(TO_TWO)).content)
    assert found.get_content_type() == "multipart/alternative"
    plain, html = found.iter_parts()
    assert plain.get_content() == "Grüße <you>\r\n"
    assert html.get_content_type() == "text/html"
    assert "Grüße &lt;you&gt;" in html.get_content()
    assert "script" not in html.get_content()


def test_it_is_queued_and_told_so(alice: Posting) -> None:
    number = alice.file(mail())
    came = alice.send(number)
    assert came.text == f"Queued as mail {came.row_id} to support@example.org."
    assert alice.show(number)["follow_ups"][-1]["transition"] == "Send as mail"


def test_it_can_t_be_sent_before_assign(alice: Posting) -> None:
    number = alice.file(mail(), assign=False)
    with pytest.raises(Mistake, match=r'"Send as mail" can\'t be taken from there'):
        alice.send(number)
    assert queued(alice.world) == 0


def own_account(world: World, name: str, address: str, **columns: Any) -> None:
    wanted = {
        "reply_address": None,
        "mailer_id": None,
        "subject_prefix": "",
        "link_pattern": None,
        **columns,
    }

    def work(tx: Any) -> None:
        made = mail_accounts.add(tx, world.people[name].id, address, address, **wanted)
        mail_accounts.set_default(tx, world.people[name].id, made)

    world.db.write(work)


def lose_address(world: World, *names: str) -> None:
    ids = [world.people[name].id for name in names]
    world.db.write(
        lambda tx: tx.connection.execute(
            update(principal).where(principal.c.id.in_(ids)).values(email=None)
        )
    )


def test_from_is_the_reply_address_of_the_user_s_account(alice: Posting) -> None:
    own_account(alice.world, "alice", "a@example.org", reply_address="help@example.org")
    came = alice.sent(alice.file(mail()))
    assert came.field("From") == ["alice <help@example.org>"]
    assert came.row.sender == "help@example.org"


def test_else_the_administrator_s_then_the_mailer_s_then_nobody_s(alice: Posting) -> None:
    world = alice.world
    number = alice.file(mail())
    lose_address(world, "alice")
    assert alice.sent(number).field("From") == ["admin <admin@example.org>"]
    lose_address(world, "admin")
    assert alice.sent(number).field("From") == ["crm@example.org"]
    add_mailer(world, "silent", **{"from": ""})
    assert alice.sent(number).field("From") == ["noreply@localhost"]


def test_reply_to_where_the_mailer_s_differs(alice: Posting) -> None:
    lose_address(alice.world, "alice", "admin")
    add_mailer(alice.world, "other", reply_to="answers@example.org")
    number = alice.file(mail())
    assert alice.sent(number).field("Reply-To") == ["answers@example.org"]


def test_the_segment_s_template_makes_the_subject(alice: Posting) -> None:
    world = alice.world
    world.db.write(
        lambda tx: segment_settings.edit_segment(
            tx,
            "Standard",
            "test",
            subject_pattern=r"case ([0-9]+)",
            subject_template="{subject} (case {number})",
        )
    )
    number = alice.file(mail("Gadget"))
    assert alice.sent(number).mail.subject == f"Gadget (case {number})"


@pytest.mark.parametrize("subject", ["", "x" * 500, "=?utf-8?q?a=0d=0aBcc:_eve@example.org?="])
def test_no_subject_makes_a_field_of_its_own(alice: Posting, subject: str) -> None:
    number = alice.file(mail(subject))
    came = alice.sent(number)
    assert came.field("Bcc") == []
    assert came.mail.subject.startswith(f"[#{number}]")
    assert len(came.mail.subject) <= 250


def test_a_number_that_stands_there_isn_t_doubled(alice: Posting) -> None:
    number = alice.file(mail())
    again = alice.file(mail(f"Re: [#{number}] Hello", 2))
    assert alice.sent(again).mail.subject == f"Re: [#{number}] Hello"


def test_what_it_is_linked_to_stands_in_the_subject(alice: Posting) -> None:
    """The answer is about the case, which the mail names only by what it answers."""
    first = alice.file(mail("Case"))
    answer = mail("Without a number", 2, extra="In-Reply-To: <m1@example.com>\r\n")
    number = alice.file(answer)
    assert alice.show(number)["links"] == [{"number": first, "kind": "RELATES_TO"}]
    assert alice.sent(number).mail.subject == f"[#{first}] Without a number"


def test_twice_is_two_mails(alice: Posting) -> None:
    """A person asked twice; each has a Message-ID of its own."""
    number = alice.file(mail())
    one, two = alice.sent(number), alice.sent(number)
    assert one.row.id != two.row.id
    assert one.mail.message_id != two.mail.message_id


def no_recipients(alice: Posting, number: int) -> None:
    alice.world.db.write(
        lambda tx: tx.connection.execute(
            delete(email_recipient).where(email_recipient.c.activity_id == alice.id(tx, number))
        )
    )


def test_without_recipients_nothing_is_sent_and_the_activity_says_so(
    alice: Posting, caplog: pytest.LogCaptureFixture
) -> None:
    number = alice.file(mail())
    no_recipients(alice, number)
    came = alice.send(number)
    assert (came.text, came.row_id) == ("Not sent as mail: It has no recipients.", None)
    told = alice.show(number)["follow_ups"][-1]
    assert (told["title"], told["text"]) == ("Not sent as mail", "It has no recipients.")
    assert told["author"] is None
    (record,) = [one for one in caplog.records if one.name.startswith("imapgate.outgoing")]
    assert record.getMessage() == f"activity #{number}: Not sent as mail (send as mail)"
    assert queued(alice.world) == 0


def test_without_a_mailer_nothing_is_sent_and_the_activity_says_so(world: World) -> None:
    alice = Posting(world, world.alice)
    number = alice.file(mail())
    assert "There is no mailer" in alice.send(number).text
    assert "imapgate mailer add" in alice.show(number)["follow_ups"][-1]["text"]


def rename_address(world: World, before: str, now: str) -> None:
    world.db.write(
        lambda tx: tx.connection.execute(
            update(email_address).where(email_address.c.address == before).values(address=now)
        )
    )


@pytest.mark.parametrize(
    "address",
    ["grüße@example.org", "a b@x.org", "x@y\r\nBcc: eve@example.com", "x@y> <eve@x.org"],
)
def test_who_can_t_be_written_to_is_named_and_the_others_get_it(
    alice: Posting, address: str
) -> None:
    number = alice.file(TO_TWO)
    rename_address(alice.world, "ann@example.net", address)
    came = alice.send(number)
    assert "to bob@xn--bcher-kva.example, carl@example.net, dan@example.net." in came.text
    told = alice.show(number)["follow_ups"][-1]
    assert told["title"] == "Not sent to everybody"
    assert told["text"] in came.text
    assert "\r" not in told["text"]


def test_without_anybody_who_can_be_written_to_it_says_why(alice: Posting) -> None:
    number = alice.file(mail())
    rename_address(alice.world, "support@example.org", "grüße@example.org")
    assert "isn't ASCII" in alice.send(number).text
    assert queued(alice.world) == 0


def test_from_an_address_that_can_t_be_written_it_isn_t_sent(alice: Posting) -> None:
    own_account(alice.world, "alice", "grüße@example.org")
    number = alice.file(mail())
    assert "isn't ASCII" in alice.send(number).text
    assert queued(alice.world) == 0


def test_what_was_written_at_the_command_line_becomes_a_mail(alice: Posting) -> None:
    """Though it is from the user's own address: no mail client has made a draft of it."""
    world = alice.world
    written = Written(
        "Offer",
        "Dear all,\nhere it is.",
        (("to", "ann@example.net"), ("to", "+41 (44) 111-2233"), ("bcc", "dan@example.net")),
        gateway="noreply@fax.example.org",
        creator="Support E-Mails",
    )
    number = write_mail(world.db, alice.person, written, LIMITS)
    alice.take(number, "Assign")
    came = alice.sent(number)
    assert came.mail.subject == f"[#{number}] Offer"
    assert came.recipients == [
        ("to", "ann@example.net"),
        ("to", "_41441112233@fax.example.org"),
        ("bcc", "dan@example.net"),
    ]
    to = [one.address for one in came.mail.to]
    assert to == ["ann@example.net", "_41441112233@fax.example.org"]
    assert came.field("References") == []
    assert parsed(came.content).get_content_type() == "multipart/alternative"


@pytest.mark.parametrize(
    "name",
    ["a\r\nBcc: eve@example.com", '"<eve@example.com>, x', "=?utf-8?b?DQpCY2M6eA?=", "\x1b[0m"],
)
def test_no_recipient_s_name_makes_a_field_or_an_address(alice: Posting, name: str) -> None:
    number = alice.file(TO_TWO)
    alice.world.db.write(
        lambda tx: tx.connection.execute(update(email_recipient).values(display_name=name))
    )
    came = alice.sent(number)
    assert came.field("Bcc") == []
    assert [one.address for one in came.mail.to] == ["ann@example.net", "bob@xn--bcher-kva.example"]
    assert [one.address for one in came.mail.cc] == ["carl@example.net"]
    assert all(one.name.isprintable() for one in came.mail.to)


def test_a_text_that_is_too_long_says_that_it_is_cut(alice: Posting) -> None:
    number = alice.file(mail(body="A line of text.\r\n" * 70_000))
    found = parsed(alice.sent(number).content)
    plain, html = found.iter_parts()
    for part in (plain, html):
        assert "(The rest is left out: it would be too long.)" in part.get_content()[-200:]

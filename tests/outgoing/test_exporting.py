"""Export as mail attachment: octet for octet, by mail or into the INBOX."""

from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage

import pytest
from desk import Desk, mail
from going_out import EXPORT, Posting, Sent, add_mailer, queued
from sqlalchemy import delete, update
from world import World

from imapgate.activities import groups, users
from imapgate.mime.automatic import NOTIFICATION, kind_of
from imapgate.mime.index import Part
from imapgate.mime.reading import decoded, read
from imapgate.outgoing import carrying
from storage import Tx, events, mail_accounts
from storage.schema import email_activity, message_chunk, principal

PLAIN = mail("Gadget", extra="X-Odd:  two  blanks \r\n") + b"--=_x\r\n.\r\n..\r\nFrom me\r\nno end"
EIGHT_BIT = mail("Grüße", body="Käse\r\n")
BARE_LF = mail().replace(b"\r\n", b"\n")
NUL = mail(body="a\0b")
LONG = mail(body="x" * 2000)
ALL = {"plain": PLAIN, "8-bit": EIGHT_BIT, "bare LF": BARE_LF, "NUL": NUL, "long line": LONG}


@pytest.fixture
def alice(world: World) -> Posting:
    return Posting(world, world.alice)


def attached(content: bytes) -> tuple[Part, bytes]:
    """The second part and its octets."""
    part = read(content).root.children[1]
    return part, b"".join(decoded(content, part))


def fields(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=email.policy.default)  # type: ignore[return-value]


def sent(alice: Posting, content: bytes) -> Sent:
    return alice.sent(alice.file(content), EXPORT)


@pytest.mark.parametrize("name", ALL)
def test_what_arrives_is_what_was_filed_octet_for_octet(alice: Posting, name: str) -> None:
    """A message/rfc822 is never in base64 (RFC 2046 5.2.1); what a server might change on its way
    is a file."""
    add_mailer(alice.world)
    came = sent(alice, ALL[name])
    part, octets = attached(came.content)
    assert octets == ALL[name]
    assert came.content.isascii()
    assert b"\0" not in came.content
    assert came.content.count(b"\n") == came.content.count(b"\r\n")
    if name == "plain":
        assert (part.type, part.subtype, part.encoding) == (b"MESSAGE", b"RFC822", b"7BIT")
    else:
        assert (part.type, part.subtype) == (b"APPLICATION", b"OCTET-STREAM")
        assert read(came.content).mail.messages == ("2",)


@pytest.mark.parametrize("name", ALL)
def test_without_a_mailer_it_stands_in_the_inbox(alice: Posting, name: str) -> None:
    """As a mail that has a mail attached: there no server is on the way."""
    came = alice.send(alice.file(ALL[name]), EXPORT)
    assert came.text == "It stands in the INBOX of alice, since there is no mailer."
    (row,) = Desk(alice.world, alice.person).rows("INBOX")
    part, octets = attached(row.content)
    assert octets == ALL[name]
    assert (part.type == b"MESSAGE") == (name != "NUL")
    assert not row.seen
    assert queued(alice.world) == 0


def test_the_mail_says_what_it_is(alice: Posting) -> None:
    add_mailer(alice.world)
    number = alice.file(PLAIN)
    came = alice.sent(number, EXPORT)
    found = fields(came.content)
    assert found["From"] == "crm@example.org"
    assert found["To"] == "alice@example.org"
    assert found["Subject"] == f"Export of #{number}: Gadget"
    assert found["X-Mailer"] == "//IMAPGATE//V1//Standard"
    assert found["Auto-Submitted"] == "auto-generated"
    assert kind_of(came.mail) == NOTIFICATION
    assert (came.row.kind, came.row.sender) == ("export", "crm@example.org")
    assert came.recipients == [("to", "alice@example.org")]


def test_it_goes_to_the_default_mail_account(alice: Posting) -> None:
    world = alice.world
    add_mailer(world)
    rows = {"reply_address": None, "mailer_id": None, "subject_prefix": "", "link_pattern": None}

    def work(tx: Tx) -> None:
        made = mail_accounts.add(tx, world.alice.id, "home@example.net", "home@example.net", **rows)
        mail_accounts.set_default(tx, world.alice.id, made)

    world.db.write(work)
    assert sent(alice, PLAIN).recipients == [("to", "home@example.net")]


def test_who_has_no_address_finds_it_in_the_inbox(alice: Posting) -> None:
    world = alice.world
    add_mailer(world)
    number = alice.file(PLAIN)
    world.db.write(
        lambda tx: tx.connection.execute(
            update(principal).where(principal.c.id == world.alice.id).values(email=None)
        )
    )
    came = alice.send(number, EXPORT)
    assert came.text == "It stands in the INBOX of alice, since alice has no address."
    (row,) = Desk(world, world.alice).rows("INBOX")
    assert attached(row.content)[1] == PLAIN


def test_an_address_that_can_t_be_written_to_is_told(alice: Posting) -> None:
    world = alice.world
    add_mailer(world)
    number = alice.file(PLAIN)
    world.db.write(
        lambda tx: tx.connection.execute(
            update(principal).where(principal.c.id == world.alice.id).values(email="ä@example.org")
        )
    )
    assert "Not exported: " in alice.send(number, EXPORT).text
    assert alice.show(number)["follow_ups"][-1]["title"] == "Not exported"


def test_the_same_event_again_gives_one_message(
    alice: Posting, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the INBOX it is one commit with the event's end: a death before it leaves neither."""
    alice.take(alice.file(PLAIN), EXPORT)
    remove = events.remove

    def dying(tx: Tx, ids: object) -> None:
        raise carrying.Unavailable("the disk is gone")

    monkeypatch.setattr(events, "remove", dying)
    with pytest.raises(carrying.Unavailable):
        carrying.carry_out(alice.world.db)
    assert Desk(alice.world, alice.person).rows("INBOX") == []
    monkeypatch.setattr(events, "remove", remove)
    carrying.carry_out(alice.world.db)
    assert len(Desk(alice.world, alice.person).rows("INBOX")) == 1


def test_without_a_mail_there_is_nothing_to_export(alice: Posting) -> None:
    number = alice.file(PLAIN)
    alice.world.db.write(lambda tx: tx.connection.execute(delete(message_chunk)))
    assert alice.send(number, EXPORT).text == "Not exported: Its mail isn't there any more."
    alice.world.db.write(lambda tx: tx.connection.execute(delete(email_activity)))
    assert "was made of no mail" in alice.send(number, EXPORT).text


def test_where_no_user_took_the_transition_nobody_gets_it(alice: Posting) -> None:
    number = alice.file(PLAIN)
    alice.world.db.write(
        lambda tx: events.add(
            tx, alice.world.segment_id, alice.id(tx, number), "export as mail attachment", None
        )
    )
    assert carrying.carry_out(alice.world.db) == 1
    assert "No user took" in alice.show(number)["follow_ups"][-1]["text"]


@pytest.mark.parametrize("by_mail", [True, False])
@pytest.mark.parametrize("lost", ["account", "group"])
def test_who_may_not_see_it_any_more_gets_nothing(alice: Posting, lost: str, by_mail: bool) -> None:
    """Disabled, or taken out of its group, since the transition was taken."""
    world = alice.world
    if by_mail:
        add_mailer(world)
    left = alice.take(alice.file(PLAIN), EXPORT)
    before = len(Desk(world, alice.person).rows("INBOX"))

    def lose(tx: Tx) -> None:
        if lost == "account":
            users.set_disabled(tx, "alice@Standard")
        else:
            support = groups.find_group(tx, world.segment_id, "Support")
            groups.remove_member(tx, support, "alice@Standard")

    world.db.write(lose)
    (came,) = carrying.carry_out_actions(world.db, left)
    assert came.text.startswith("Not exported: alice")
    assert queued(world) == 0
    assert len(Desk(world, alice.person).rows("INBOX")) == before

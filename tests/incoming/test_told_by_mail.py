"""What the administrator and approvers are told by mail, too, once there is a mailer."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from approving import Office, offer, office, reply
from coming_in import fail
from desk import Desk, mail
from mailboxes import add
from posting import Relay, with_mailer
from world import World

from imapgate.incoming import reports
from imapgate.mime.automatic import AUTO_REPLY, NOTIFICATION, kind_of
from imapgate.mime.reading import read
from imapgate.outgoing import outbox
from imapgate.outgoing.work import send_due
from imapgate.servers.server import ServerError
from storage import outbox as rows
from storage import outbox_log
from storage.outbox_log import Wanted

BOSS = "boss@example.net"


@pytest.fixture
def place(world: World) -> Office:
    """Requests for approval go to somebody who is no user."""
    with_mailer(world)
    offer(world)
    return office(world)


def sent(world: World) -> list[tuple[tuple[str, ...], EmailMessage]]:
    """(envelope's recipients, mail) of what goes out now."""
    relay = Relay()
    send_due(world.db, relay, 100)
    return [
        (envelope.recipients, message_from_bytes(content, policy=default))  # type: ignore[misc]
        for _, envelope, content in relay.taken
    ]


def test_an_approver_who_is_no_user_hears_why_nothing_was_decided(place: Office) -> None:
    """As an answer to their mail, which no machine answers; once."""
    number = place.incident("Assign")
    asked = place.request(number, BOSS)
    came = place.comes(reply(place.token(asked), "maybe", BOSS, "Message-ID: <r1@example.net>\r\n"))
    assert came.code == "$Unclear"
    ((recipients, told),) = sent(place.world)
    assert (recipients, told["To"]) == ((BOSS,), BOSS)
    assert told["Subject"] == f"Your reply about #{number} decided nothing"
    assert "To approve: approve, ja, in Ordnung" in told.get_content()
    assert told["Auto-Submitted"] == "auto-replied"
    assert (told["In-Reply-To"], told["References"]) == ("<r1@example.net>", "<r1@example.net>")
    assert kind_of(read(bytes(told)).mail) == NOTIFICATION != AUTO_REPLY
    assert sent(place.world) == []


@pytest.mark.parametrize(
    ("text", "sender", "extra"),
    [
        ("approve", "mallory@example.net", ""),
        ("maybe", BOSS, "Auto-Submitted: auto-replied\r\n"),
        ("approve", BOSS, ""),
    ],
    ids=["not asked", "a machine", "decided"],
)
def test_nobody_else_is_answered(place: Office, text: str, sender: str, extra: str) -> None:
    """Whoever wasn't asked may be anybody; a machine would answer; a decision needs no word."""
    asked = place.request(place.incident("Assign"), BOSS)
    place.comes(reply(place.token(asked), text, sender, extra))
    assert sent(place.world) == []


def test_a_user_hears_it_in_the_inbox(place: Office) -> None:
    """Where users look."""
    asked = place.request(place.incident("Assign"), "bob@example.org")
    place.comes(reply(place.token(asked), "maybe"))
    assert len(Desk(place.world, place.world.bob).contents("INBOX")) == 1
    assert sent(place.world) == []


def test_the_administrator_is_told_of_an_account_that_fails(world: World) -> None:
    """Once, in the INBOX and by mail, and that it works again."""
    with_mailer(world)
    account = add(world, "support", after_reading="delete")
    error = ServerError("login", "The password is wrong.", permanent=True)
    for _ in range(3):
        world.db.write(lambda tx: reports.failed(tx, account, error))
    ((recipients, told),) = sent(world)
    assert recipients == ("admin@example.org",)
    assert told["Subject"] == "Mail account support can't be read"
    assert told["Auto-Submitted"] == "auto-generated"
    assert len(Desk(world, world.admin).contents("INBOX")) == 1
    world.db.write(lambda tx: reports.succeeded(tx, account))
    ((_, told),) = sent(world)
    assert told["Subject"] == "Mail account support works again"


def test_the_administrator_is_told_of_mail_that_was_not_filed(world: World) -> None:
    """One mail about all of it; without a mailer the INBOX alone."""
    for n in range(2):
        fail(world, mail(f"Bad {n}", n))
    reports.tell_all(world.db)
    assert world.db.read(lambda tx: outbox_log.ids(tx, Wanted(), rows.STATES)) == []
    with_mailer(world)
    fail(world, mail("Worse", 3))
    reports.tell_all(world.db)
    ((_, told),) = sent(world)
    assert "Subject: Worse" in told.get_content()
    (row_id,) = world.db.read(lambda tx: outbox_log.ids(tx, Wanted(), (rows.SENT,)))
    row = world.db.read(lambda tx: rows.by_id(tx, row_id))
    assert row is not None
    assert (row.kind, row.sender) == (outbox.REPORT, "")
    assert len(Desk(world, world.admin).contents("INBOX")) == 2

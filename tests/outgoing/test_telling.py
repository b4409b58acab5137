"""What came of a mail stands on its activity, and whoever sent it is told, once, and never of a
report."""

from __future__ import annotations

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from desk import Desk
from posting import ANN, BEN, CAT, Relay, mail, make_due, put, row_of, with_mailer
from world import World

from imapgate.activities import by_hand, show
from imapgate.folders import notices
from imapgate.mime.automatic import NOTIFICATION, kind_of
from imapgate.mime.reading import read
from imapgate.outgoing import formats, outbox, telling
from imapgate.outgoing.delivery import LATER, REFUSED, SENT, UNCERTAIN
from imapgate.outgoing.sending import send_one
from imapgate.outgoing.templates import own
from storage import activities, outbox_log, people
from storage import outbox as rows
from storage.outbox_log import Wanted

NUMBER = 10000001


@pytest.fixture
def activity_id(world: World) -> int:
    """A case, #10000001."""

    def work(tx: Any) -> int:
        number = by_hand.new_activity(tx, world.segment_id, "A case", creator="GadgetASupport")
        assert number == NUMBER
        found = activities.by_number(tx, world.segment_id, number)
        assert found is not None
        return found.id

    with_mailer(world)
    return world.db.write(work)


def shown(world: World) -> dict[str, Any]:
    return world.db.read(lambda tx: show.show_activity(tx, world.segment_id, NUMBER))


def inbox(world: World) -> list[EmailMessage]:
    """What alice was told there."""
    found = Desk(world, world.alice).contents("INBOX")
    return [message_from_bytes(one, policy=default) for one in found]  # type: ignore[misc]


def test_the_note_has_each_recipients_result_and_the_text_as_sent(
    world: World, activity_id: int
) -> None:
    """One note for a mail, which grows with its attempts."""
    number = put(world, (ANN, BEN), mail("Your case", "It is mended.\n"), activity_id=activity_id)
    relay = Relay([{ANN: SENT, BEN: LATER}])
    send_one(world.db, number, relay)
    (note,) = shown(world)["notes"]
    assert note["title"] == f"{telling.NOTE} {number}"
    assert f"To: {ANN}, sent 20" in note["text"]
    assert "250 2.0.0 taken as 4711" in note["text"]
    assert f"To: {BEN}, waits 20" in note["text"]
    assert "451 4.7.1 come back later" in note["text"]
    make_due(world.db, [number])
    send_one(world.db, number, relay)
    (note,) = shown(world)["notes"]
    assert f"To: {BEN}, sent 20" in note["text"]
    assert note["text"].splitlines()[0] == "Sent (activity, by mailer main)"
    assert "Subject: Your case\n\nIt is mended." in note["text"]
    assert shown(world)["follow_ups"] == []
    assert inbox(world) == []


def test_an_approval_s_token_stays_with_the_approvers(world: World, activity_id: int) -> None:
    """It is the request's Message-ID: whoever sees the activity could answer in their name."""
    number = put(
        world, (ANN,), mail("token"), kind=outbox.APPROVAL, activity_id=activity_id, sender=""
    )
    send_one(world.db, number, Relay())
    (note,) = shown(world)["notes"]
    assert f"To: {ANN}, sent 20" in note["text"]
    assert "token@example.org" not in note["text"]


def test_a_refusal_is_a_follow_up_and_a_message_to_the_sender(
    world: World, activity_id: int
) -> None:
    """With what the server said, and once; also by mail to where the sender gets mail."""
    number = put(world, (ANN, BEN), activity_id=activity_id, principal_id=world.alice.id)
    send_one(world.db, number, Relay([{ANN: SENT, BEN: REFUSED}]))
    telling.tell_one(world.db, number)
    (follow_up,) = shown(world)["follow_ups"]
    assert follow_up["title"] == telling.FAILED
    assert follow_up["text"].splitlines()[0] == f"to {BEN}: 550 5.1.1 no such user"
    assert ANN not in follow_up["text"]
    (told,) = inbox(world)
    assert told["Subject"] == f"{telling.FAILED}: Hello"
    text = told.get_content()
    assert f"Activity: #{NUMBER} " in text
    assert f"- {BEN}: 550 5.1.1 no such user" in text
    assert f"imapgate outbox retry {number}" in text
    (report,) = of_kind(world, outbox.REPORT)
    relay = Relay()
    send_one(world.db, report, relay)
    ((_, envelope, content),) = relay.taken
    assert (envelope.sender, envelope.recipients) == ("", ("alice@example.org",))
    sent = message_from_bytes(content, policy=default)
    assert (sent["From"], sent["To"]) == ("imapgate <crm@example.org>", "alice@example.org")
    assert sent["Auto-Submitted"] == "auto-generated"
    assert kind_of(read(content).mail) == NOTIFICATION
    assert [one.get_content_type() for one in sent.iter_parts()] == ["text/plain", "text/html"]
    assert next(sent.iter_parts()).get_content() == text


def test_who_is_refused_later_is_told_apart(world: World, activity_id: int) -> None:
    """Of each recipient it is told once."""
    number = put(world, (ANN, BEN), activity_id=activity_id, principal_id=world.alice.id)
    relay = Relay([{ANN: REFUSED, BEN: LATER}, REFUSED])
    for _ in range(2):
        make_due(world.db, [number])
        send_one(world.db, number, relay)
    told = [one["text"].splitlines()[0] for one in shown(world)["follow_ups"]]
    assert told == [f"to {one}: 550 5.1.1 no such user" for one in (ANN, BEN)]
    assert len(inbox(world)) == 2


def test_uncertain_says_what_to_do(world: World, activity_id: int) -> None:
    """And tells why it isn't tried again."""
    number = put(world, (CAT,), activity_id=activity_id, principal_id=world.alice.id)
    send_one(world.db, number, Relay([UNCERTAIN]))
    (follow_up,) = shown(world)["follow_ups"]
    assert follow_up["title"] == telling.UNCERTAIN
    command = f"imapgate outbox retry {number} --though-it-may-have-been-sent"
    assert command in follow_up["text"]
    assert command in inbox(world)[0].get_content()
    assert "may have been sent" in shown(world)["notes"][0]["text"]


def test_the_administrator_stands_in_for_the_system_and_who_has_left(
    world: World, activity_id: int
) -> None:
    """A mail that nobody in particular sent, or a user who can't sign in any more."""
    world.db.write(lambda tx: people.set_disabled(tx, world.alice.id, True))
    for whom in (None, world.alice.id):
        number = put(world, activity_id=activity_id, principal_id=whom)
        send_one(world.db, number, Relay([REFUSED]))
    assert inbox(world) == []
    assert len(Desk(world, world.admin).contents("INBOX")) == 2


@pytest.mark.parametrize("kind", [outbox.REPORT, outbox.NOTIFICATION])
@pytest.mark.usefixtures("activity_id")
def test_nobody_is_told_that_a_report_failed(world: World, kind: str) -> None:
    """Else a report of a report would follow, and so on."""
    number = put(world, kind=kind, principal_id=world.alice.id)
    send_one(world.db, number, Relay([REFUSED]))
    assert row_of(world.db, number).told
    assert inbox(world) == []
    assert of_kind(world, outbox.REPORT) == ([number] if kind == outbox.REPORT else [])


@pytest.mark.usefixtures("activity_id")
def test_an_address_that_failed_gets_no_mail_about_it(world: World) -> None:
    """The INBOX has it."""
    number = put(world, ("Alice@example.org",), principal_id=world.alice.id)
    send_one(world.db, number, Relay([REFUSED]))
    assert len(inbox(world)) == 1
    assert of_kind(world, outbox.REPORT) == []


def test_without_a_mailer_the_inbox_is_told(world: World) -> None:
    """A mail about it could be sent by nobody."""
    number = put(world, principal_id=world.alice.id)
    send_one(world.db, number, Relay())
    (told,) = inbox(world)
    assert "imapgate mailer add" in told.get_content()
    assert of_kind(world, outbox.REPORT) == []


def test_what_came_of_it_is_committed_though_telling_fails(
    world: World,
    activity_id: int,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """That a mail was sent doesn't depend on anything else, and it is tried once."""

    def fails(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(notices, "tell", fails)
    number = put(world, activity_id=activity_id, principal_id=world.alice.id)
    send_one(world.db, number, Relay([REFUSED]))
    row = row_of(world.db, number)
    assert (row.state, row.told) == (rows.FAILED, True)
    assert [one["title"] for one in shown(world)["follow_ups"]] == [telling.FAILED]
    assert len(shown(world)["notes"]) == 1
    assert "telling what came of a mail failed" in caplog.text


def test_a_subject_makes_no_header(world: World, activity_id: int) -> None:
    """A line end in what the mail supplied stays in one line of what is told."""
    content = mail("x").replace(b"Subject: x", b"Subject: =?utf-8?q?a=0D=0ABcc:_eve@example.org?=")
    number = put(world, content=content, activity_id=activity_id, principal_id=world.alice.id)
    send_one(world.db, number, Relay([REFUSED]))
    (told,) = inbox(world)
    assert told["Bcc"] is None
    assert told["Subject"].startswith(telling.FAILED)


def of_kind(world: World, kind: str) -> list[int]:
    """Mails of the outbox."""
    every = world.db.read(lambda tx: outbox_log.ids(tx, Wanted(), rows.STATES))
    return [one for one in every if row_of(world.db, one).kind == kind]


def test_the_segment_s_own_words_tell_it(world: World, activity_id: int) -> None:
    """By its template, in the format that the sender wants."""
    where, alice = world.segment_id, world.alice
    text = "{{ recipient }}, {{ failed[0].address }} said no to #{{ activity.number }}."
    world.db.write(
        lambda tx: (
            own.put(tx, where, "failure", "anna", subject="Sorry: {{ subject }}", text=text),
            formats.set_for_user(tx, where, alice.id, "alice@Standard", "plain", "anna"),
        )
    )
    number = put(world, (BEN,), activity_id=activity_id, principal_id=alice.id)
    send_one(world.db, number, Relay([REFUSED]))
    telling.tell_one(world.db, number)
    (told,) = inbox(world)
    assert told["Subject"] == "Sorry: Hello"
    assert told.get_content() == f"alice, {BEN} said no to #{NUMBER}.\r\n"
    (report,) = of_kind(world, outbox.REPORT)
    relay = Relay()
    send_one(world.db, report, relay)
    assert message_from_bytes(relay.taken[0][2], policy=default).get_content_type() == "text/plain"

"""Requests for approval go out by the outbox, are answered, and end."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from approving import BOT, Office, offer, office, reply
from desk import LIMITS, Desk
from going_out import Sent, add_mailer, queued, sent
from sqlalchemy import select, update
from world import World

from imapgate.activities import approvals, approving, by_hand
from imapgate.activities.approvals import Approval
from imapgate.folders import erasing
from imapgate.incoming import filing
from imapgate.outgoing import carrying, requests, settings
from imapgate.outgoing.templates import own
from imapgate.outgoing.work import CHORES
from storage import Tx, events, mail_accounts, schema
from storage.schema import approval as approval_table
from storage.schema import outbox as outbox_table

BOSS = "boss@acme.example"


@dataclass(frozen=True)
class Desks:
    """The office of a world whose `Complete` wants approval, and what it asked."""

    place: Office

    @property
    def world(self) -> World:
        return self.place.world

    def ask(self, number: int, text: str = "It is done.") -> Approval:
        """alice takes the transition."""
        person = self.world.alice
        came = self.world.db.write(
            lambda tx: by_hand.follow_up(
                tx, self.world.segment_id, number, transition="Complete", text=text, person=person
            )
        )
        assert isinstance(came, Approval)
        return came

    def mails(self) -> list[Sent]:
        """What stands in the outbox now, each with its one recipient."""
        while carrying.carry_out(self.world.db):
            pass
        ids = self.world.db.read(
            lambda tx: (
                tx.connection.execute(select(outbox_table.c.id).order_by(outbox_table.c.id))
                .scalars()
                .all()
            )
        )
        return [sent(self.world, one) for one in ids]

    def requested(self) -> list[Sent]:
        return [one for one in self.mails() if one.row.kind == "approval"]

    def be_late(self) -> None:
        """The time of every request is over."""
        self.world.db.write(
            lambda tx: tx.connection.execute(update(approval_table).values(expires_at=tx.now))
        )

    def inbox(self, who: str = "alice") -> list[bytes]:
        return Desk(self.world, self.world.people[who]).contents("INBOX")


def _make(world: World, *approvers: str, rejected_by: str | None = None) -> Desks:
    add_mailer(world, **{"from": "crm@example.org"})
    offer(world, "Complete", rejected_by, approvers=approvers)
    return Desks(office(world))


@pytest.fixture
def desks(world: World) -> Desks:
    return _make(world, BOSS, "bob")


def _parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=default)  # type: ignore[return-value]


def _answer(one: Sent, text: str, sender: str, extra: str = "") -> bytes:
    return reply(one.field("Message-ID")[0], text, sender, extra)


def test_each_approver_gets_a_mail_of_their_own(desks: Desks) -> None:
    """From the system, with one token, and where to answer; none sees who else is asked."""
    number = desks.place.incident("Assign")
    asked = desks.ask(number)
    first, second = desks.requested()
    assert [first.recipients, second.recipients] == [[("to", BOSS)], [("to", "bob@example.org")]]
    assert first.field("Message-ID") == second.field("Message-ID") == [desks.place.token(asked)]
    for one in (first, second):
        assert one.field("From") == ["imapgate <crm@example.org>"]
        assert one.field("Reply-To") == [BOT]
        assert one.field("Auto-Submitted") == ["auto-generated"]
        assert one.field("X-imapgate") == [f"{desks.world.segment_id}; approval"]
        assert one.field("Subject") == [f"Approval of #{number}: Complete"]
        assert one.row.sender == "crm@example.org"
        assert one.row.principal_id == desks.world.alice.id
    assert b"bob" not in first.content
    assert BOSS.encode() not in second.content
    shown = desks.place.shown(number)
    assert BOSS in shown["follow_ups"][-1]["text"]


def test_it_says_what_is_decided(world: World) -> None:
    """The activity, what approving and rejecting do, what was written to it, until when."""
    desks = _make(world, BOSS, rejected_by="Add Note")
    number = desks.place.incident("Assign")
    for n in range(requests.MOST_FOLLOW_UPS):
        world.db.write(
            lambda tx, n=n: by_hand.follow_up(
                tx, world.segment_id, number, title=f"Note {n}", text=f"Text {n}\n<b>", person=None
            )
        )
    desks.ask(number, "<i>It is done</i>\nyes")
    (one,) = desks.requested()
    mail = _parsed(one.content)
    plain = mail.get_body(("plain",))
    html = mail.get_body(("html",))
    assert plain is not None
    assert html is not None
    text = " ".join(plain.get_content().split())
    assert f'alice asks you to approve "Complete" on #{number}: - Gadget is hot' in text
    assert 'Approving leads to the state "Complete".' in text
    assert 'Rejecting takes "Add Note", which leads to the state "In Progress".' in text
    assert "To approve: approve, ja, in Ordnung" in text
    assert "Groups: Support" in text
    assert "Answers count until 20" in text
    assert "<i>It is done</i>" in text
    assert "&lt;i&gt;It is done" in html.get_content()
    assert "Note 9" in text
    assert "Note 0" not in text
    assert "2 older follow-ups are left out" in text
    words = {line.strip(" ->").casefold() for line in plain.get_content().splitlines()}
    assert not words & {"approve", "ja", "nein", "reject"}


@pytest.mark.parametrize(("word", "state"), [("ja", "Complete"), ("nein", "In Progress")])
def test_the_reply_decides(desks: Desks, word: str, state: str) -> None:
    """The request goes out, is answered by one of those who were asked, and that counts once."""
    number = desks.place.incident("Assign")
    asked = desks.ask(number)
    first, second = desks.requested()
    came = desks.place.comes(_answer(first, f"{word}\n\nThe boss", BOSS))
    assert came.code in ("$Approved", "$Rejected")
    shown = desks.place.shown(number)
    assert shown["state"] == state
    decided = f"{desks.place.state(asked).capitalize()}: Complete"
    assert shown["follow_ups"][-1]["title"] == decided
    late = desks.place.comes(_answer(second, "ja", "bob@example.org"))
    assert late.code == "$Used"
    assert desks.place.shown(number)["state"] == state


def test_an_approver_may_answer_from_their_reply_address(desks: Desks) -> None:
    """As the mail account says from which they write; nobody else's reply address counts."""
    world = desks.world

    def addresses(tx: Tx) -> None:
        for who, address in ((world.bob, "bob@example.org"), (world.carol, "carol@example.org")):
            reply_address = f"desk.{address}"
            mail_accounts.add(
                tx, who.id, address, address, subject_prefix="", reply_address=reply_address
            )

    world.db.write(addresses)
    number = desks.place.incident("Assign")
    desks.ask(number)
    _, second = desks.requested()
    assert second.recipients == [("to", "bob@example.org")]
    carol = _answer(second, "ja", "desk.carol@example.org")
    assert desks.place.comes(carol).code == "$NotEntitled"
    assert desks.place.comes(_answer(second, "ja", "desk.bob@example.org")).code == "$Approved"
    assert desks.place.shown(number)["state"] == "Complete"


def test_an_approver_hears_by_mail_that_nothing_was_decided(desks: Desks) -> None:
    """Though no user: an unclear word, or one that comes too late. Marked, so that no machine
    answers it; without the token, so that an answer to it decides nothing."""
    number = desks.place.incident("Assign")
    desks.ask(number)
    first, _ = desks.requested()
    unclear = _answer(first, "Let me see.", BOSS)
    assert desks.place.comes(unclear).code == "$Unclear"
    *_, told = desks.mails()
    assert told.recipients == [("to", BOSS)]
    assert (told.row.kind, told.row.sender) == ("report", "")
    assert told.field("Auto-Submitted") == ["auto-replied"]
    assert told.field("References") == [f"{_parsed(unclear)['Message-ID']}"]
    assert "To approve: approve, ja, in Ordnung" in told.mail.text
    again = reply(told.field("Message-ID")[0], "ja", BOSS)
    assert desks.place.comes(again).code == "$NoRequest"
    assert desks.place.shown(number)["state"] == "In Progress"


@pytest.mark.parametrize(
    ("sender", "extra"),
    [
        ("eve@example.net", ""),
        (BOSS, "Auto-Submitted: auto-replied\r\n"),
        (BOSS, "X-imapgate: 1; approval\r\n"),
    ],
)
def test_strangers_and_machines_decide_nothing_and_are_told_nothing(
    desks: Desks, sender: str, extra: str
) -> None:
    """Else two machines would write to each other for ever, and anybody to anybody."""
    number = desks.place.incident("Assign")
    desks.ask(number)
    first, _ = desks.requested()
    before = len(desks.mails())
    desks.place.comes(_answer(first, "ja", sender, extra))
    assert len(desks.mails()) == before
    assert desks.place.shown(number)["state"] == "In Progress"


def test_a_forged_token_decides_nothing(desks: Desks) -> None:
    """Nor does one whose signature is another's."""
    number = desks.place.incident("Assign")
    desks.ask(number)
    first, _ = desks.requested()
    token = first.field("Message-ID")[0]
    kind, row, signature = token.split("@")[0].split(".")
    for forged in (
        f"{kind}.{row}.{'0' * len(signature)}@example.org>",
        f"{kind}.{'0' * len(row)}.{signature}@example.org>",
    ):
        assert desks.place.comes(reply(forged, "ja", BOSS)).code == "$Forged"
    assert desks.place.shown(number)["state"] == "In Progress"


def test_the_request_itself_coming_back_moves_nothing(desks: Desks) -> None:
    """An approver's address may lead back into the account."""
    number = desks.place.incident("Assign")
    asked = desks.ask(number)
    first, _ = desks.requested()
    before = len(desks.mails())
    filing_came = desks.place.comes(first.content)
    assert filing_came.state == "filed"
    assert desks.place.state(asked) == "open"
    assert desks.place.shown(number)["state"] == "In Progress"
    assert len(desks.mails()) == before


def test_it_expires(desks: Desks) -> None:
    """Who asked is told, in the INBOX and by mail; it is on the activity; a reply is told so."""
    number = desks.place.incident("Assign")
    asked = desks.ask(number)
    first, _ = desks.requested()
    desks.be_late()
    late = desks.place.comes(_answer(first, "ja", BOSS))
    assert late.code == "$Used"
    assert late.text.endswith("The request has ended already: expired.")
    assert requests.expire(desks.world.db) == 1
    assert requests.expire(desks.world.db) == 0
    assert desks.place.state(asked) == "expired"
    shown = desks.place.shown(number)
    assert shown["state"] == "In Progress"
    assert shown["follow_ups"][-1]["title"] == "Not decided: Complete"
    assert BOSS in shown["follow_ups"][-1]["text"]
    (told,) = desks.inbox()
    assert f"Not approved: Complete on #{number}".encode() in told
    to_alice = [one for one in desks.mails() if one.recipients == [("to", "alice@example.org")]]
    assert len(to_alice) == 1
    again = desks.ask(number)
    desks.be_late()
    # Nobody has looked since, as where no server runs.
    assert desks.ask(number).id > again.id
    assert requests.expire(desks.world.db) == 1


def test_the_server_asks_and_ends_by_itself(desks: Desks) -> None:
    """Beside the sending, with what else is done there."""

    def look() -> None:
        for chore in CHORES:
            chore(desks.world.db)

    asked = desks.ask(desks.place.incident("Assign"))
    assert queued(desks.world) == 0
    look()
    assert queued(desks.world) == 2
    desks.be_late()
    look()
    assert desks.place.state(asked) == "expired"


def test_for_how_long_it_counts_is_set(desks: Desks) -> None:
    """In days, for the segment."""

    def days(text: str) -> None:
        desks.world.db.write(
            lambda tx: settings.change(tx, desks.world.segment_id, "approval-days", text, "anna")
        )

    days("3")
    asked = desks.ask(desks.place.incident("Assign"))
    assert asked.expires_at == asked.made_at + 3 * 24 * 60 * 60


def test_what_ended_before_it_went_out_is_not_asked(desks: Desks) -> None:
    """Withdrawn, or erased."""
    first, second = desks.place.incident("Assign"), desks.place.incident("Assign")
    withdrawn = desks.ask(first)
    desks.ask(second)
    desks.world.db.write(
        lambda tx: approvals.withdraw(tx, desks.world.segment_id, withdrawn.id, "anna")
    )
    plan = erasing.plan(desks.world.db, desks.world.segment_id, [second], LIMITS)
    erasing.erase(desks.world.db, desks.world.segment_id, plan, "private", desks.world.admin)
    assert desks.requested() == []
    assert desks.place.shown(first)["follow_ups"][-1]["text"] == "Withdrawn by anna."


def test_who_asked_is_told_where_nobody_can_be_asked_any_more(desks: Desks) -> None:
    """The account was removed since: the request has ended, and can be made anew."""
    number = desks.place.incident("Assign")
    asked = desks.ask(number)
    desks.world.db.write(
        lambda tx: tx.connection.execute(update(schema.account).values(active=False))
    )
    assert desks.requested() == []
    assert desks.place.state(asked) == "impossible"
    assert "Nobody could be asked" in desks.place.shown(number)["follow_ups"][-1]["text"]
    assert len(desks.inbox()) == 1


def test_it_is_asked_once(desks: Desks) -> None:
    """However often its event is carried out."""
    asked = desks.ask(desks.place.incident("Assign"))
    assert len(desks.requested()) == 2
    row = desks.world.db.read(
        lambda tx: tx.connection.execute(
            select(approval_table.c.activity_id).where(approval_table.c.id == asked.id)
        ).scalar_one()
    )
    desks.world.db.write(
        lambda tx: events.add(
            tx, desks.world.segment_id, row, approving.ASK, None, {"approval": asked.id}
        )
    )
    assert len(desks.requested()) == 2
    assert queued(desks.world) == 2


def test_an_own_template_and_a_link_count(desks: Desks) -> None:
    """The segment's text; the approver's own web address."""
    world = desks.world
    world.db.write(
        lambda tx: mail_accounts.add(
            tx,
            world.bob.id,
            "bob@example.org",
            "bob@example.org",
            subject_prefix="",
            link_pattern="https://crm.example.org/{number}",
        )
    )
    world.db.write(
        lambda tx: own.put(
            tx,
            world.segment_id,
            "approval-request",
            "anna",
            subject="Please {{ transition }}",
            text="Page: {% if link %}{{ link }}{% endif %}",
        )
    )
    number = desks.place.incident("Assign")
    desks.ask(number)
    first, second = desks.requested()
    assert first.field("Subject") == ["Please Complete"]
    assert f"https://crm.example.org/{number}" in second.mail.text
    assert "https://" not in first.mail.text


def test_a_mail_that_decides_is_filed_by_the_queue(desks: Desks) -> None:
    """As any other of the account: the retry of one that was filed changes nothing."""
    number = desks.place.incident("Assign")
    desks.ask(number)
    first, _ = desks.requested()
    row_id = desks.place.take(_answer(first, "ja", BOSS))
    assert filing.file_one(desks.world.db, row_id, LIMITS).code == "$Approved"
    assert filing.file_one(desks.world.db, row_id, LIMITS).code == "$Approved"
    titles = [one["title"] for one in desks.place.shown(number)["follow_ups"]]
    assert titles.count("Approved: Complete") == 1

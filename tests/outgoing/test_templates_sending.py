"""Transitions that send a template: to whom, once, and never round in a circle."""

from __future__ import annotations

import pytest
import world as worlds
from casework import Casework
from desk import Desk
from postbox import letter, outcomes

from imapgate.activities import by_hand, users
from imapgate.mime.automatic import kind_of
from imapgate.mime.reading import read
from imapgate.outgoing import carrying, settings
from imapgate.outgoing.templates import own
from storage import events, mail_templates

BOUNCE = (
    "Content-Type: multipart/report; report-type=delivery-status; boundary=x\r\n"
    "Auto-Submitted: auto-replied\r\n"
)
ABSENT = "Auto-Submitted: auto-replied (vacation)\r\n"


@pytest.fixture
def cases(world: worlds.World) -> Casework:
    made = Casework(world)
    made.mailer()
    made.sends("confirmation")
    return made


def test_the_reporting_contact_gets_it(cases: Casework) -> None:
    """As the system's own mail, which nobody answers by itself."""
    number = cases.case()
    (came,) = cases.take(number)
    ((row, to, mail),) = cases.went()
    assert came.text == f"Template confirmation: queued as mail {row.id} to erika@example.com."
    assert (row.kind, row.sender, to) == ("template", "crm@example.org", ["erika@example.com"])
    assert row.activity_id == cases.world.db.read(
        lambda tx: tx.connection.exec_driver_sql(
            f"SELECT id FROM activity WHERE number = {number}"
        ).scalar()
    )
    assert (mail["From"], mail["To"]) == ("crm@example.org", "Erika <erika@example.com>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Mailer"] == "//IMAPGATE//V1//Standard"
    assert mail["Subject"] == f"[#{number}] Re: It does not boot"
    assert mail["In-Reply-To"] == "<l1@example.com>"
    assert kind_of(read(mail.as_bytes()).mail) == "notification", "what comes back is known"
    body = mail.get_body(("plain",))
    assert body is not None
    assert f"#{number}" in body.get_content()


def test_what_others_wrote_about_it_stays_among_them(cases: Casework) -> None:
    """The case's last mail is a colleague's to a colleague: its subject isn't the customer's."""
    number = cases.case()
    cases.box.take(
        letter(f"#{number} pays late", 2, sender="bob@example.org", to="carol@example.org")
    )
    cases.take(number)
    ((_, to, mail),) = cases.went()
    assert to == ["erika@example.com"]
    assert mail["Subject"] == f"[#{number}] Re: It does not boot"
    assert (mail["In-Reply-To"], mail["References"]) == ("<l1@example.com>", "<l1@example.com>")


def test_its_answer_is_filed_into_the_case(cases: Casework) -> None:
    """By number, and by thread where the number is gone."""
    number = cases.case()
    cases.take(number)
    ((_, _, mail),) = cases.went()
    by_number = cases.box.take(letter(f"Re: {mail['Subject']}", 2, text="Thanks."))
    assert outcomes(by_number) == [(number, "linked")]
    extra = f"In-Reply-To: {mail['Message-ID']}\r\n"
    by_thread = cases.box.take(letter("Thanks", 3, text="Again.", extra=extra))
    assert outcomes(by_thread) == [(number, "linked")]


def test_an_event_is_carried_out_once(cases: Casework) -> None:
    """However often: a crash may come between the outbox and the event's end."""
    number = cases.case()
    db = cases.world.db
    db.write(
        lambda tx: by_hand.follow_up(
            tx, cases.world.segment_id, number, transition="Assign", person=cases.world.alice
        )
    )
    (event,) = db.read(lambda tx: events.oldest(tx, 0, 10))
    assert carrying.carry_out(db) == 1
    assert db.read(lambda tx: events.oldest(tx, 0, 10)) == []
    events_again = (event.id,)
    assert carrying.carry_out_actions(db, events_again) == []
    db.write(
        lambda tx: events.add(
            tx, event.segment_id, event.activity_id, event.event, event.principal_id, event.detail
        )
    )
    carrying.carry_out(db)
    assert len(cases.went()) == 2, "another event is another mail"


def test_each_recipient_gets_a_mail_of_their_own(cases: Casework) -> None:
    """Nobody sees the others; the same address twice gets one."""
    number = cases.case()
    cases.sends(
        "confirmation", "reporting contact", "assigned to", "boss@example.net", "erika@example.com"
    )
    cases.world.db.write(
        lambda tx: tx.connection.exec_driver_sql(
            f"UPDATE activity SET assigned_to_id = {cases.world.bob.id} WHERE number = {number}"
        )
    )
    cases.take(number)
    went = cases.went()
    assert [to for _, to, _ in went] == [
        ["erika@example.com"], ["bob@example.org"], ["boss@example.net"],
    ]  # fmt: skip
    assert [mail["To"] for _, _, mail in went] == [
        "Erika <erika@example.com>", "bob <bob@example.org>", "boss@example.net",
    ]  # fmt: skip


def test_whom_nothing_reaches_is_told_and_the_others_get_it(cases: Casework) -> None:
    number = cases.case()
    cases.sends("confirmation", "reporting contact", "assigned to")
    (came,) = cases.take(number)
    assert "assigned to nobody" in came.text
    assert [to for _, to, _ in cases.went()] == [["erika@example.com"]]
    told = cases.box.show(number)["follow_ups"][-1]
    assert told["title"] == "Template not sent to everybody"
    assert told["text"] == f"Activity #{number} is assigned to nobody."


def test_a_disabled_user_gets_nothing(cases: Casework) -> None:
    number = cases.case()
    cases.sends("confirmation", "assigned to")
    db = cases.world.db
    db.write(
        lambda tx: tx.connection.exec_driver_sql(
            f"UPDATE activity SET assigned_to_id = {cases.world.bob.id} WHERE number = {number}"
        )
    )
    db.write(lambda tx: users.set_disabled(tx, "bob@Standard"))
    (came,) = cases.take(number)
    assert "is disabled" in came.text
    assert cases.went() == []


def test_a_mail_that_moves_the_case_is_answered_as_such(cases: Casework) -> None:
    number = cases.case()
    cases.moves()
    cases.box.take(letter(f"#{number} still", 2))
    cases.carry_out()
    ((_, _, mail),) = cases.went()
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["In-Reply-To"] == "<l2@example.com>"


@pytest.mark.parametrize(
    "extra", [BOUNCE, ABSENT, "Precedence: bulk\r\n", "List-Id: <x.example.org>\r\n"]
)
@pytest.mark.parametrize("dropped", [True, False])
def test_a_mail_of_a_machine_is_never_answered(cases: Casework, extra: str, dropped: bool) -> None:
    """Say, a bounce of what was sent: somebody drags it to the case, or it comes in by itself."""
    number = cases.case()
    cases.moves()
    bounce = letter(f"Undelivered: #{number}", 2, extra=extra)
    if dropped:
        Desk(cases.world, cases.world.alice).append("Trackers/Support", bounce)
    else:
        cases.box.take(bounce)
    came = cases.carry_out()
    assert cases.went() == []
    if came:
        told = cases.box.show(number)["follow_ups"][-1]
        assert told["title"] == "Template not sent"
        assert told["text"].startswith("A mail that was written automatically")
    else:
        assert not dropped, "what comes in by itself of a machine moves nothing at all"


def test_an_address_from_which_only_machines_wrote_gets_nothing(cases: Casework) -> None:
    """Also by a person's hand; a person who was away for a while is no machine."""
    robot = cases.case(
        sender="alarm@example.com",
        subject="Disk is full",
        extra="Auto-Submitted: auto-generated\r\n",
    )
    (came,) = cases.take(robot)
    assert "written automatically (auto-generated)" in came.text
    assert cases.went() == []
    number = cases.case(n=2)
    cases.box.take(letter(f"Out of office #{number}", 3, extra=ABSENT))
    cases.take(number)
    assert [to for _, to, _ in cases.went()] == [["erika@example.com"]]


def test_so_is_a_dropped_mail_looked_at(cases: Casework) -> None:
    """Nobody has told what wrote it: its header does."""
    alarm = letter("Disk", sender="alarm@example.com", extra="Auto-Submitted: auto-generated\r\n")
    Desk(cases.world, cases.world.alice).append("Trackers/Support", alarm)
    cases.sends("confirmation", "alarm@example.com")
    (came,) = cases.take(cases.box.incident())
    assert "written automatically (auto-generated)" in came.text


def test_so_many_go_to_one_address_in_an_hour(cases: Casework) -> None:
    """Whatever goes round: at the bound it ends, and the case says so."""
    db, where = cases.world.db, cases.world.segment_id
    db.write(lambda tx: settings.change(tx, where, settings.TEMPLATES_PER_HOUR, "2", "anna"))
    numbers = [cases.case(n=n, subject=f"Case {n}", text=f"Help {n}.") for n in range(10, 13)]
    told = [cases.take(number)[0].text for number in numbers]
    assert len(cases.went()) == 2
    assert told[2].startswith("Template not sent: erika@example.com got 2 mails by templates")
    assert "templates-per-hour" in told[2]
    hour_ago = "UPDATE outbox SET created_at = created_at - 3700"
    db.write(lambda tx: tx.connection.exec_driver_sql(hour_ago))
    cases.take(numbers[2], "Add Note")
    cases.sends("confirmation", transition="Complete")
    cases.take(numbers[2], "Complete")
    assert len(cases.went()) == 3


def test_without_a_mailer_the_case_says_so(world: worlds.World) -> None:
    cases = Casework(world)
    cases.sends("confirmation")
    number = cases.case()
    (came,) = cases.take(number)
    assert "There is no mailer" in came.text
    assert cases.went() == []


def test_a_template_that_is_gone_or_fails(cases: Casework) -> None:
    """The usual one stands in for a segment's own in its place; for a name that is the segment's
    alone there is none."""
    db, where = cases.world.db, cases.world.segment_id
    first, second = cases.case(), cases.case(n=2, subject="Other")
    db.write(lambda tx: mail_templates.put(tx, where, "confirmation", "x", "{{ gone }}", None))
    cases.take(first)
    ((_, _, mail),) = cases.went()
    assert "It does not boot" in mail["Subject"]
    db.write(lambda tx: own.put(tx, where, "own", "anna", subject="x", text="y"))
    cases.sends("own")
    db.write(lambda tx: mail_templates.remove(tx, where, "own"))
    (came,) = cases.take(second)
    assert 'no template "own"' in came.text
    assert len(cases.went()) == 1


def test_a_machine_that_hides_goes_round_to_the_bound(cases: Casework) -> None:
    """An answering machine that says nowhere that it is one answers each mail, which moves the case
    on, which sends a mail."""
    number = cases.case()
    cases.sends("confirmation", transition="Add Note")
    cases.take(number)
    cases.moves("Add Note")
    for n in range(2, 12):
        cases.box.take(letter(f"Re: [#{number}]", n, text=f"I am away ({n})."))
        cases.carry_out()
    assert len(cases.went()) == 5, "that of the first transition among them"

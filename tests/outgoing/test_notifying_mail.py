"""The mail that tells: its header, its form, by the outbox to a server."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from threading import Event

import pytest
from desk import Desk
from smtp_sink import Sink
from sqlalchemy import insert, select, update
from telling import Bell, changes, letter, parsed, text_of

from imapgate.activities import segments
from imapgate.activities.subjects import USUAL
from imapgate.mime.automatic import NOTIFICATION, kind_of
from imapgate.mime.reading import read
from imapgate.outgoing import settings
from imapgate.outgoing.notifying.notice import LONGEST_TEXTS, MOST_LINES
from imapgate.outgoing.opening import Opener
from imapgate.outgoing.sending import send_one
from imapgate.outgoing.work import Work
from storage import Tx
from storage.schema import activity, activity_group, outbox, principal, user_mail_account

LINK = "https://crm.example.org/activities/{number}"


def mail_account(bell: Bell, who: str, address: str, **columns: str | None) -> None:
    """As `user mail add` makes it."""
    given = {"subject_prefix": "", "link_pattern": None, **columns}

    def work(tx: Tx) -> None:
        tx.connection.execute(
            insert(user_mail_account).values(
                principal_id=bell.world.people[who].id,
                address=address,
                address_key=address,
                is_default=True,
                created_at=tx.now,
                **given,
            )
        )

    bell.world.db.write(work)


def set_format(bell: Bell, key: str, value: str) -> None:
    bell.world.db.write(
        lambda tx: settings.change(tx, bell.world.segment_id, key, value, "anna@host")
    )


def the_mail(bell: Bell) -> EmailMessage:
    ((_, mail),) = bell.sent()
    return mail


def test_a_notice_is_sent_to_the_default_address(bell: Bell) -> None:
    """From the mailer's address, to nobody's loss if it can't be delivered; marked so that no
    machine answers; with the user's prefix and link, and a subject by which an answer is filed."""
    bell.mail_goes_out(reply_to="support@example.org")
    mail_account(bell, "alice", "alice@away.example", subject_prefix="[crm]", link_pattern=LINK)
    bell.wish("alice", "created", by="mail")
    number = bell.case("Gadget does not boot", who="bob")
    assert bell.tell() == 1
    ((to, mail),) = bell.sent()
    assert to == ["alice@away.example"]
    assert mail["From"] == "imapgate <crm@example.org>"
    assert mail["Reply-To"] == "support@example.org"
    assert mail["To"] == "alice <alice@away.example>"
    assert mail["Subject"] == f"[crm] [#{number}] Gadget does not boot"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-imapgate"] == f"{bell.world.segment_id}; notification"
    assert mail["References"] == mail["In-Reply-To"] == f"<activity-{number}.1@imapgate.invalid>"
    assert LINK.replace("{number}", str(number)) in text_of(mail)
    assert changes(mail) == ["New: Bug, by bob"]
    row = bell.world.db.read(lambda tx: tx.connection.execute(select(outbox)).one())
    assert (row.kind, row.sender, row.principal_id, row.activity_id) == (
        "notification",
        "",
        None,
        None,
    )
    assert kind_of(read(mail.as_bytes()).mail) == NOTIFICATION
    assert bell.inbox("alice") == []


def test_both_are_the_same_mail(bell: Bell) -> None:
    """Whoever reads both in one client sees one Message-ID."""
    bell.mail_goes_out()
    bell.wish("alice", "created", by="both")
    bell.case()
    assert bell.tell() == 1
    (inbox,) = bell.inbox("alice")
    assert inbox.as_bytes() == the_mail(bell).as_bytes()


def test_notices_of_one_activity_are_one_thread(bell: Bell) -> None:
    """Of another one another."""
    bell.wish("alice", "created", "follow-up")
    numbers = [bell.case(), bell.case()]
    bell.tell()
    bell.follow_up(numbers[0], title="More")
    bell.tell()
    first, other, second = (one["References"] for one in bell.inbox("alice"))
    assert first == second != other
    assert len({one["Message-ID"] for one in bell.inbox("alice")}) == 3


@pytest.mark.parametrize("why", ["no mailer", "no address", "unusable address"])
def test_who_cannot_be_told_by_mail_is_told_in_the_inbox(bell: Bell, why: str) -> None:
    """Rather than not at all."""
    if why != "no mailer":
        bell.mail_goes_out()
    if why != "no mailer":
        email = None if why == "no address" else "aliçe@example.org"
        bell.world.db.write(
            lambda tx: (
                tx.connection.execute(
                    update(principal)
                    .where(principal.c.id == bell.world.alice.id)
                    .values(email=email, email_key=email)
                )
                and None
            )
        )
    bell.wish("alice", "created", by="mail")
    bell.case()
    assert bell.tell() == 1
    assert bell.sent() == []
    (mail,) = bell.inbox("alice")
    assert changes(mail) == ["New: Bug"]
    if why == "no mailer":
        assert mail["From"] == "imapgate <no-reply@imapgate.invalid>"
        assert mail["Reply-To"] is None


@pytest.mark.parametrize("form", ["plain", "html"])
def test_the_form_is_the_user_s(bell: Bell, form: str) -> None:
    """HTML has the text beside it."""
    set_format(bell, settings.MAIL_FORMAT, form)
    bell.wish("alice", "created")
    bell.case("<b>Bold</b>")
    bell.tell()
    (mail,) = bell.inbox("alice")
    html = mail.get_body(("html",))
    assert "<b>Bold</b>" in text_of(mail)
    assert (html is not None) == (form == "html")
    if html is not None:
        assert "&lt;b&gt;Bold&lt;/b&gt;" in html.get_content()


NASTY = "x\r\nBcc: all@example.com\n\n\0<script>\u2028=?utf-8?q?=0D=0ABcc:_y?= {{ 7*7 }} \u202e"


def test_names_make_no_header_and_no_markup(bell: Bell) -> None:
    """Of the activity, the user, the group, the prefix; from mails as from people."""
    bell.mail_goes_out()
    mail_account(bell, "alice", "alice@example.org", subject_prefix=NASTY, link_pattern=LINK)
    bell.wish("alice", "created", "follow-up", "changed", by="both")
    bell.drop(letter().replace(b"Hello", b"=?utf-8?q?x=0D=0ABcc:_all=40example.com?= {{ 7*7 }}"))
    number = bell.case()

    def spoil(tx: Tx) -> None:
        tx.connection.execute(
            update(activity).where(activity.c.number == number).values(name=NASTY)
        )
        tx.connection.execute(update(activity_group).values(name=activity_group.c.name + NASTY))
        tx.connection.execute(
            update(principal).where(principal.c.id == bell.world.bob.id).values(name=NASTY)
        )

    bell.world.db.write(spoil)
    bell.follow_up(number, title=" ".join(NASTY.split()).replace("\0", ""), text=NASTY)
    assert bell.tell() == 2
    for mail in [*bell.inbox("alice"), *(one for _, one in bell.sent())]:
        assert mail["Bcc"] is None
        assert [key.lower() for key in mail] == [key.lower() for key in dict.fromkeys(mail.keys())]
        assert not any(line.startswith("Bcc") for line in str(mail).split("\n\n")[0].splitlines())
        assert "49" not in text_of(mail)
        assert "<script>" not in mail.get_body(("html",)).get_content()
        assert kind_of(read(mail.as_bytes()).mail) == NOTIFICATION


def test_the_largest_notice_fits(bell: Bell) -> None:
    """Everything as long as may be, of what HTML makes the most."""
    bell.drop(letter(f"Long {'<' * 30_000}"))
    bell.wish("alice", "follow-up")
    for n in range(MOST_LINES):
        bell.follow_up(10_000_001, title=f"{n} {'<' * 190}", text="'" * 10_000)
    bell.drop(letter(f"#10000001 {'<' * 30_000}", 2))
    assert bell.tell() == 1
    (mail,) = bell.inbox("alice")
    assert len(changes(mail)) == MOST_LINES + 1
    assert changes(mail)[-1] == "- and 1 more"
    assert text_of(mail).count("'") == LONGEST_TEXTS


def test_an_answer_is_filed_to_the_activity(bell: Bell) -> None:
    """By the number in the subject, whatever the segment's template makes of it."""
    bell.mail_goes_out(reply_to="support@example.org")
    bell.world.db.write(
        lambda tx: segments.set_subjects(tx, bell.world.segment_id, None, "{subject} (#{number})")
    )
    bell.wish("alice", "created", by="mail")
    number = bell.case("Gadget", who="bob")
    bell.tell()
    subject = the_mail(bell)["Subject"]
    assert subject == f"Gadget (#{number})" != USUAL
    arrived = bell.comes_in(letter(f"Re: {subject}", sender="alice@example.org"))
    assert [(one.number, one.outcome) for one in arrived.numbers] == [(number, "linked")]


def test_it_arrives_at_a_server(bell: Bell, tmp_path: Path) -> None:
    """By the outbox, as every other mail; nobody gets it back."""
    with Sink(tmp_path) as sink:
        bell.mail_goes_out(host="127.0.0.1", port=sink.port, security="none")
        bell.wish("alice", "created", by="mail")
        bell.case("Gadget", who="bob")
        assert bell.tell() == 1
        (row_id,) = bell.world.db.read(
            lambda tx: tx.connection.execute(select(outbox.c.id)).scalars().all()
        )
        (result,) = send_one(bell.world.db, row_id, Opener(bell.world.db, tmp_path / "k", tmp_path))
        assert result.outcome == "sent", result
    assert (sink.to, sink.senders) == (["alice@example.org"], ["<>"])
    (octets,) = sink.messages
    assert parsed(octets)["Subject"] == "[#10000001] Gadget"
    assert Desk(bell.world, bell.world.alice).rows("INBOX") == []
    assert bell.pass_on() == []


def test_the_server_tells_by_itself(bell: Bell, tmp_path: Path) -> None:
    """From a drop to the mail at the server, without anybody's help."""
    bell.world.db.write(
        lambda tx: settings.change(
            tx, bell.world.segment_id, settings.NOTIFY_AFTER, "0", "anna@host"
        )
    )
    bell.wish("alice", "created", by="mail")
    arrived = Event()
    with Sink(tmp_path, deliver=lambda _: arrived.set()) as sink:
        bell.mail_goes_out(host="127.0.0.1", port=sink.port, security="none")
        work = Work(bell.world.db, Opener(bell.world.db, tmp_path / "k", tmp_path))
        work.start()
        try:
            bell.drop(letter("Gadget"))
            assert arrived.wait(60)
        finally:
            work.stop()
    assert [parsed(one)["Subject"] for one in sink.messages] == ["[#10000001] Gadget"]

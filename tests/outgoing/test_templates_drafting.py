"""Writing from a case: what stands in the draft, whom it is to, and that its answer comes home."""

from __future__ import annotations

from dataclasses import replace

import pytest
import world as worlds
from casework import Casework
from desk import LIMITS, Desk
from postbox import letter, outcomes

from imapgate.activities import segment_settings
from imapgate.activities.names import Mistake
from imapgate.outgoing import formats
from imapgate.outgoing.templates import own
from storage.schema import DRAFT


@pytest.fixture
def cases(world: worlds.World) -> Casework:
    return Casework(world)


def test_it_is_a_draft_to_whoever_reported(cases: Casework) -> None:
    """Flags, fields and text as a mail client's composer takes them up."""
    number = cases.case()
    told, mail = cases.draft(number)
    assert (told.folder, told.to, told.sender) == (
        "Drafts", ("erika@example.com",), "alice@example.org",
    )  # fmt: skip
    row = Desk(cases.world, cases.world.alice).rows("Drafts")[-1]
    assert row.flags == DRAFT
    assert row.seen
    assert mail["From"] == "alice <alice@example.org>"
    assert mail["To"] == "Erika <erika@example.com>"
    assert mail["Subject"] == told.subject == f"[#{number}] Re: It does not boot"
    assert (mail["In-Reply-To"], mail["References"]) == ("<l1@example.com>", "<l1@example.com>")
    assert mail["Message-ID"]
    assert [mail[name] for name in ("X-Mailer", "Auto-Submitted", "X-imapgate")] == [None] * 3
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("Hello Erika,\r\n\r\nthank you for your message")
    html = mail.get_body(("html",))
    assert html is not None
    assert "<p>Hello Erika,</p>" in html.get_content()


def test_what_is_sent_of_it_is_answered_into_the_case(cases: Casework) -> None:
    """By the number in the subject, whatever the client does to the rest."""
    number = cases.case()
    told, _ = cases.draft(number)
    came = cases.box.take(letter(f"Re: {told.subject}", 2, text="It boots now."))
    assert outcomes(came) == [(number, "linked")]


def test_it_answers_the_last_mail_with_all_that_came_before(cases: Casework) -> None:
    number = cases.case()
    reply = letter(
        f"Re: [#{number}] It does not boot",
        2,
        extra="In-Reply-To: <x@example.org>\r\nReferences: <l1@example.com> <x@example.org>\r\n",
    )
    cases.box.take(reply)
    _, mail = cases.draft(number)
    assert mail["In-Reply-To"] == "<l2@example.com>"
    assert mail["References"].split() == ["<l1@example.com>", "<x@example.org>", "<l2@example.com>"]
    assert mail["Subject"] == f"[#{number}] Re: It does not boot"


def test_a_case_without_a_mail_has_no_thread(cases: Casework) -> None:
    cases.box.contact("Erika", "erika@example.net")
    number = cases.box.incident(contact="Erika")
    _, mail = cases.draft(number)
    assert (mail["In-Reply-To"], mail["References"]) == (None, None)
    assert mail["Subject"] == f"[#{number}] Gadget is dead"


def test_of_several_addresses_the_one_it_last_wrote_from(cases: Casework) -> None:
    """In this case; where it wrote nothing there, at all; else its first."""
    cases.box.contact("Erika", "first@example.net", "erika@example.com", "third@example.net")
    without = cases.box.incident(contact="Erika")
    assert cases.draft(without)[0].to == ("first@example.net",)
    number = cases.case(sender="Erika <third@example.net>")
    other = cases.case(n=2, subject="Another", sender="Erika <erika@example.com>")
    assert cases.draft(number)[0].to == ("third@example.net",)
    assert cases.draft(other)[0].to == ("erika@example.com",)
    assert cases.draft(without)[0].to == ("erika@example.com",)


def test_others_can_be_named(cases: Casework) -> None:
    """With the names that contacts have."""
    cases.box.contact("Boss, the", "boss@example.net")
    _, mail = cases.draft(cases.case(), "reply", "boss@example.net", "x@bücher.example")
    assert mail["To"] == '"Boss, the" <boss@example.net>, x@xn--bcher-kva.example'
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith("Hello Boss, the,")


def test_the_segments_template_makes_the_subject(cases: Casework) -> None:
    """A number that the template itself writes isn't doubled."""
    number = cases.case()
    db, where = cases.world.db, cases.world.segment_id
    db.write(
        lambda tx: segment_settings.edit_segment(
            tx,
            "Standard",
            "anna",
            subject_pattern=r"Case ([0-9]{1,18})",
            subject_template="{subject} (Case {number})",
        )
    )
    assert cases.draft(number)[0].subject == f"Re: It does not boot (Case {number})"
    db.write(
        lambda tx: own.put(
            tx, where, "own", "anna", subject="Case {{ activity.number }} is done", text="Done."
        )
    )
    told, _ = cases.draft(number, "own")
    assert told.subject == f"Case {number} is done"


def test_who_wants_plain_text_gets_it(cases: Casework) -> None:
    number = cases.case()
    erika = cases.box.contacts()["Erika"].id
    where = cases.world.segment_id
    cases.world.db.write(
        lambda tx: formats.set_for_contact(tx, where, erika, "Erika", "plain", "anna")
    )
    assert cases.draft(number)[1].get_content_type() == "text/plain"


@pytest.mark.parametrize(
    "subject",
    [
        "x\r\nBcc: all@example.org",
        "=?utf-8?q?x=0D=0ABcc:_all@example.org?=",
        "<b>x</b><script>alert(1)</script>",
        "\u202etxt.exe",
    ],
)
def test_what_a_stranger_wrote_stays_text(cases: Casework, subject: str) -> None:
    """In fields and in HTML."""
    sender = '"<img src=x onerror=alert(1)>" <erika@example.com>'
    number = cases.case(subject=subject.replace("\r\n", "=?utf-8?q?=0D=0A?="), sender=sender)
    _, mail = cases.draft(number, "confirmation")
    assert mail["Bcc"] is None
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version",
        "Content-Type",
    }  # fmt: skip
    html = mail.get_body(("html",))
    assert html is not None
    for bad in ("<script", "<img", "\u202e"):
        assert bad not in html.get_content()


def test_who_may_not_see_the_activity_gets_no_draft_of_it(cases: Casework) -> None:
    """Carol is a viewer of Support, dave of nothing."""
    number = cases.case()
    cases.draft(number, who="carol")
    with pytest.raises(Mistake, match="not theirs to see"):
        cases.draft(number, who="dave")
    assert Desk(cases.world, cases.world.dave).rows("Drafts") == []


def test_what_can_t_be_is_told(cases: Casework) -> None:
    """In one sentence, and nothing is left in Drafts."""
    number = cases.case()
    lonely = cases.box.incident()
    cases.box.contact("Phoneless")
    silent = cases.box.incident(contact="Phoneless")
    tight = replace(LIMITS, quota_messages=1)
    cases.draft(number)
    for attempt, why in (
        (lambda: cases.draft(1), "There is no activity #1."),
        (lambda: cases.draft(lonely), "no reporting contact"),
        (lambda: cases.draft(silent), "no e-mail address"),
        (lambda: cases.draft(number, "nonsense"), "no template"),
        (lambda: cases.draft(number, "failure"), "system's own mails"),
        (lambda: cases.draft(number, "reply", "nobody"), "no e-mail address"),
        (lambda: cases.draft(number, "reply", "a@b\r\nBcc: c@d"), "no e-mail address"),
        (lambda: cases.draft(number, "reply", *["a@example.org"] * 51), "at most 50"),
        (lambda: cases.draft(number, limits=tight), "at most 1 messages"),
    ):
        with pytest.raises(Mistake) as refused:
            attempt()
        assert why in str(refused.value)
    assert len(Desk(cases.world, cases.world.alice).rows("Drafts")) == 1

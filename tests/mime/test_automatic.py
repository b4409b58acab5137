"""Which mails a machine wrote: headers as mailers document and write them."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.mime.automatic import (
    AUTO_GENERATED,
    AUTO_REPLY,
    BOUNCE,
    KINDS,
    LIST,
    NOTIFICATION,
    OUT_OF_OFFICE,
    RECEIPT,
    is_machine,
    kind_of,
    own_field,
)
from imapgate.mime.reading import read

DELIVERY = 'Content-Type: multipart/report; report-type=delivery-status;\n\tboundary="b"'
DISPOSITION = "Content-Type: multipart/report; report-type=disposition-notification; boundary=b"
PERSON = "From: Erika Example <erika@example.net>\nTo: support@example.org\nSubject: Question"
DAEMON = "From: MAILER-DAEMON@mx.example.net (Mail Delivery System)"

MACHINES = MappingProxyType(
    {
        # Reports that a mail was not delivered
        "postfix": (
            f"Return-Path: <>\n{DAEMON}\nSubject: Undelivered Mail Returned to Sender\n"
            f"Auto-Submitted: auto-replied\n{DELIVERY}",
            BOUNCE,
        ),
        "postfix, delayed": (
            f"{DAEMON}\nSubject: Delayed Mail (still being retried)\n"
            f"Auto-Submitted: auto-replied\n{DELIVERY}",
            BOUNCE,
        ),
        "exim": (
            "Return-path: <>\nFrom: Mail Delivery System <Mailer-Daemon@mx.example.net>\n"
            "Auto-Submitted: auto-replied\nX-Failed-Recipients: joe@example.com\n"
            "Subject: Mail delivery failed: returning message to sender",
            BOUNCE,
        ),
        "exim, of a user of another name": (
            "From: Mail System <mailsystem@example.net>\nX-Failed-Recipients: joe@example.com\n"
            "Subject: Mail failure",
            BOUNCE,
        ),
        "qmail": (
            "Return-Path: <>\nFrom: MAILER-DAEMON@example.net\nSubject: failure notice\n"
            "To: joe@example.org",
            BOUNCE,
        ),
        "sendmail": (
            "From: Mail Delivery Subsystem <MAILER-DAEMON@example.net>\n"
            "Subject: Returned mail: see transcript for details\n"
            f"Auto-Submitted: auto-generated (failure)\n{DELIVERY}",
            BOUNCE,
        ),
        "exchange 2016": (
            "From: <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.net>\n"
            f"Subject: Undeliverable: Offer\nAuto-Submitted: auto-replied\n{DELIVERY}",
            BOUNCE,
        ),
        "exchange 2016, its report lost on the way": (
            "From: <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@example.net>\n"
            "Subject: Unzustellbar: Angebot",
            BOUNCE,
        ),
        "exchange 2003": (
            "From: postmaster@example.net\nSubject: Delivery Status Notification (Failure)\n"
            f"{DELIVERY}",
            BOUNCE,
        ),
        "exchange 2003, as text": (
            "From: postmaster@example.net\nSubject: Delivery Status Notification (Failure)",
            BOUNCE,
        ),
        "gmail": (
            "From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\n"
            "Auto-Submitted: auto-replied\nX-Failed-Recipients: joe@example.com\n"
            f"Subject: Delivery Status Notification (Failure)\n{DELIVERY}",
            BOUNCE,
        ),
        "amazon": (
            "From: MAILER-DAEMON@amazonses.com\nSubject: Delivery Status Notification (Failure)\n"
            f"{DELIVERY}",
            BOUNCE,
        ),
        "report without a type": (
            "From: x@example.net\nSubject: x\nContent-Type: multipart/report; boundary=b",
            BOUNCE,
        ),
        "null path and a subject": (
            "Return-Path: <>\nFrom: Mailsystem <ms@example.net>\nSubject: Non remis : devis",
            BOUNCE,
        ),
        # Receipts and other reports
        "outlook read receipt": (f"{PERSON}\n{DISPOSITION}", RECEIPT),
        "thunderbird read receipt": (
            "From: Joe <joe@example.net>\nSubject: Return Receipt (displayed) - Offer\n"
            'Content-Type: multipart/report; report-type="disposition-notification"; boundary=b',
            RECEIPT,
        ),
        "abuse report (RFC 5965)": (
            f"{PERSON}\nContent-Type: multipart/report; report-type=feedback-report; boundary=b",
            AUTO_GENERATED,
        ),
        # People who are away
        "exchange": (
            "From: Joe <joe@example.net>\nSubject: Automatic reply: Offer\n"
            "Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All",
            OUT_OF_OFFICE,
        ),
        "exchange, german": (
            "From: Joe <joe@example.net>\nSubject: Automatische Antwort: Angebot\n"
            "X-Auto-Response-Suppress: All",
            OUT_OF_OFFICE,
        ),
        "exchange, french": (
            "From: Joe <joe@example.net>\n"
            "Subject: =?utf-8?Q?R=C3=A9ponse_automatique=C2=A0:_Devis?=\n"
            "Auto-Submitted: auto-generated",
            OUT_OF_OFFICE,
        ),
        "outlook 2003": (
            "Return-Path: <>\nFrom: Joe <joe@example.net>\nSubject: Out of Office AutoReply: Offer",
            OUT_OF_OFFICE,
        ),
        "outlook 2003, german": (
            "Return-Path: <>\nFrom: joe@example.net\nSubject: Abwesenheitsnotiz: Angebot",
            OUT_OF_OFFICE,
        ),
        "dovecot's sieve": (
            "From: joe@example.net\nX-Sieve: Pigeonhole Sieve 0.5.4\nSubject: Auto: Offer\n"
            "Auto-Submitted: auto-replied (vacation)\nPrecedence: bulk\n"
            "X-Auto-Response-Suppress: All",
            OUT_OF_OFFICE,
        ),
        "zimbra": (
            "From: joe@example.net\nSubject: Re: Offer\n"
            "Auto-Submitted: auto-replied (zimbra; vacation)\nPrecedence: bulk",
            OUT_OF_OFFICE,
        ),
        "no-reply address and subject": (
            "From: noreply@example.net\nSubject: Out of Office: Offer",
            OUT_OF_OFFICE,
        ),
        # Other answers
        "gmail vacation": (
            "From: Joe <joe@gmail.com>\nPrecedence: bulk\nX-Autoreply: yes\n"
            "Auto-Submitted: auto-replied\nSubject: Re: Offer",
            AUTO_REPLY,
        ),
        "vacation(1)": (
            "From: joe@example.net\nSubject: away from my mail\nAuto-Submitted: auto-replied\n"
            "Precedence: bulk",
            AUTO_REPLY,
        ),
        "RFC 3834 with parameters": (
            f'{PERSON}\nAuto-Submitted: AUTO-REPLIED (a (comment)) ; owner-email="joe@example.net"',
            AUTO_REPLY,
        ),
        "cpanel": (
            f"{PERSON}\nX-Autorespond: Question\nX-Loop: joe@example.net\nPrecedence: auto_reply",
            AUTO_REPLY,
        ),
        "qmail autoresponder": (f"{PERSON}\nX-Auto-Reply-From: joe@example.net", AUTO_REPLY),
        "precedence alone": (f"{PERSON}\nPrecedence: auto_reply", AUTO_REPLY),
        "x-precedence": (f"{PERSON}\nX-Precedence: auto_reply", AUTO_REPLY),
        "mail.ru": (f"{PERSON}\nX-Mail-Autoreply: yes", AUTO_REPLY),
        # What machines write by themselves
        "cron": (
            "From: root@example.net (Cron Daemon)\nSubject: Cron <root@mx> run-parts\n"
            "Auto-Submitted: auto-generated\nX-Cron-Env: <SHELL=/bin/sh>",
            AUTO_GENERATED,
        ),
        "sieve notify (RFC 5436)": (
            f"{PERSON}\nAuto-Submitted: auto-notified; owner-email=joe@example.net",
            AUTO_GENERATED,
        ),
        "a value of later times": (f"{PERSON}\nAuto-Submitted: auto-imagined", AUTO_GENERATED),
        "otrs": (f"{PERSON}\nPrecedence: bulk\nX-OTRS-Loop: yes", AUTO_GENERATED),
        "jira": (
            "From: Jira <jira@example.net>\nSubject: [JIRA] (X-1) Offer\n"
            "Auto-Submitted: auto-generated\nPrecedence: bulk\nX-JIRA-FingerPrint: 0123",
            AUTO_GENERATED,
        ),
        "zendesk": (
            f"{PERSON}\nX-Mailer: Zendesk Mailer\nX-Auto-Response-Suppress: DR, OOF, AutoReply",
            AUTO_GENERATED,
        ),
        "procmail": (f"{PERSON}\nX-Loop: joe@example.net", AUTO_GENERATED),
        "junk": (f"{PERSON}\nPrecedence: junk", AUTO_GENERATED),
        "null path alone": (f"Return-Path: < >\n{PERSON}", AUTO_GENERATED),
        "in two lines": (f"{PERSON}\nAuto-Submitted:\n auto-generated", AUTO_GENERATED),
        # Lists
        "mailman": (
            f"{PERSON}\nPrecedence: list\nList-Id: Users <users.example.net>\n"
            "List-Post: <mailto:users@example.net>\nX-Loop: users@example.net",
            LIST,
        ),
        "github": (
            "From: Joe <notifications@github.com>\nSubject: Re: [x/y] Fails (#1)\n"
            "Precedence: list\nList-ID: x/y <y.x.github.com>\nX-Auto-Response-Suppress: All",
            LIST,
        ),
        "google groups": (
            f"{PERSON}\nPrecedence: list\nList-ID: <users.googlegroups.com>\n"
            "X-Original-Sender: erika@example.net",
            LIST,
        ),
        "newsletter": (
            f"{PERSON}\nPrecedence: bulk\nList-Unsubscribe: <https://example.net/u>\n"
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            LIST,
        ),
        "list without an identity": (f"{PERSON}\nPrecedence: list", LIST),
        # Ours
        "imapgate": (
            f"{PERSON}\nX-imapgate: 1; notice\nAuto-Submitted: auto-generated",
            NOTIFICATION,
        ),
        "a bounce of ours": (f"{DAEMON}\nSubject: failure notice\n{DELIVERY}", BOUNCE),
    }
)

PEOPLE = MappingProxyType(
    {
        "nothing special": PERSON,
        "says so": f"{PERSON}\nAuto-Submitted: no",
        "says so with a comment": f"{PERSON}\nAuto-Submitted: No (really)",
        "return path": f"Return-Path: <erika@example.net>\n{PERSON}",
        "receipts alone are forbidden": f"{PERSON}\nX-Auto-Response-Suppress: DR, RN, NRN",
        "nothing is forbidden": f"{PERSON}\nX-Auto-Response-Suppress: None",
        "first class": f"{PERSON}\nPrecedence: first-class",
        "writes about being away": "From: Joe <joe@example.net>\nSubject: Out of office on Monday?",
        "writes about a bounce": "From: Joe <joe@example.net>\nSubject: Undelivered mail",
        "a postmaster": "From: postmaster@example.net\nSubject: Your DNS is wrong",
        "daemon is a name, too": "From: Mailer Daemon <daemon.fan@example.net>\nSubject: Hello",
        "no autoreply": f"{PERSON}\nX-Autoreply: no",
        "no loop": f"{PERSON}\nX-Loop: no",
        "a signed mail": f"{PERSON}\nContent-Type: multipart/signed; boundary=b",
        "no From": "Subject: Question",
        "a line in the subject": (
            "From: Joe <joe@example.net>\nSubject: =?utf-8?Q?x=0AAuto-Submitted:_auto-replied?="
        ),
        "in the text": f"{PERSON}\n\nAuto-Submitted: auto-replied",
    }
)


def _kind(header: str) -> str | None:
    raw = (header + ("" if "\n\n" in header else "\n\nText\n")).encode()
    return kind_of(read(raw.replace(b"\n", b"\r\n")).mail)


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_is_recognised(name: str) -> None:
    """By what the mailer is known to write."""
    header, kind = MACHINES[name]
    assert _kind(header) == kind
    assert is_machine(kind) == (kind != LIST)


@pytest.mark.parametrize("name", PEOPLE)
def test_people_are_left_alone(name: str) -> None:
    """A subject or a name alone is no sign."""
    assert _kind(PEOPLE[name]) is None
    assert not is_machine(None)


def test_each_kind_is_shown() -> None:
    """The table has all of them."""
    assert {kind for _, kind in MACHINES.values()} == set(KINDS)


def test_a_mail_of_ours_is_known_by_its_own_field() -> None:
    """Whatever else it says, so that two imapgates don't write to each other for ever."""
    name, value = own_field(7, "notice")
    assert _kind(f"{PERSON}\n{name}: {value}") == NOTIFICATION


@settings(deadline=None, max_examples=100)
@given(
    st.text(max_size=60), st.text(max_size=60), st.sampled_from(["Auto-Submitted", "Precedence"])
)
def test_whatever_a_header_says(value: str, subject: str, name: str) -> None:
    """Never raises; gives nothing but its kinds."""
    assert _kind(f"From: a@b\nSubject: {subject}\n{name}: {value}") in (None, *KINDS)

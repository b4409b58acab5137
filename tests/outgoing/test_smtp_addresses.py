"""Nothing that a person or a mail supplies becomes a command, and characters beyond ASCII go where
they are taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from handing import MAIL, SENDER, TO, handed, mailer, outcomes
from scripted_smtp import Smtp
from smtp_sink import Sink

from imapgate.mime.writing import Unwritable
from imapgate.outgoing.smtp.addresses import checked, checked_sender

FORGED = [
    "a@example.net>\r\nRCPT TO:<b@example.net",
    "a@example.net\nDATA",
    "a@example.net\rDATA",
    "a\0@example.net",
    "a@example.net> SIZE=1",
    "a@example.net BODY=8BITMIME",
    "<a@example.net>",
    "a b@example.net",
    "a,b@example.net",
    '"a"b@example.net',
    '"a\r\nb"@example.net',
    "a\ud800@example.net",
    "a@exa\ud800mple.net",
    "é é@example.net",
    "é>@example.net",
    "é\r\nDATA@example.net",
    "a@",
    "@example.net",
    "a",
    "",
    "a@example..net/",
    "a" * 300 + "@example.net",
]


@pytest.mark.parametrize("address", FORGED)
def test_what_is_no_address_is_no_recipient(address: str) -> None:
    """The server never hears of it; the others get the mail."""
    with pytest.raises(Unwritable):
        checked(address)
    with Smtp() as server:
        results = handed(mailer(server.port), address, TO)
        assert len([line for line in server.said if line.startswith(b"RCPT")]) == 1
        assert server.mails == [MAIL]
    assert outcomes(results) == [(address, "refused", "553 5.1.3"), (TO, "sent", "250 2.0.0")]
    assert results[0].text.isprintable()


@pytest.mark.parametrize("address", [one for one in FORGED if one])
def test_nor_a_sender(address: str) -> None:
    with Smtp() as server:
        results = handed(mailer(server.port), sender=address)
        assert server.said == []
    assert outcomes(results) == [(TO, "refused", "553 5.1.7")]


def test_a_forged_one_stops_a_mail_for_all_or_nobody() -> None:
    with Smtp() as server:
        results = handed(mailer(server.port), TO, FORGED[0], whole=True)
        assert server.said == []
    assert [one.outcome for one in results] == ["later", "refused"]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (TO, TO),
        ("-f@example.net", "-f@example.net"),
        ('"a b"@example.net', '"a b"@example.net'),
        ("a@[192.0.2.1]", "a@[192.0.2.1]"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("jürgen@bücher.example", "jürgen@xn--bcher-kva.example"),
    ],
)
def test_the_server_is_told_an_address_as_it_may_be_said(address: str, told: str) -> None:
    """A domain in ASCII, so that SMTPUTF8 is wanted for the part before the @ alone."""
    assert checked(address) == told
    with Smtp({b"EHLO": b"250-x\r\n250 SMTPUTF8\r\n"}) as server:
        (result,) = handed(mailer(server.port), address)
        more = b"" if told.isascii() else b" SMTPUTF8"
        assert server.said[1:3] == [
            f"MAIL FROM:<{SENDER}>".encode() + more,
            f"RCPT TO:<{told}>".encode(),
        ]
    assert (result.address, result.outcome) == (address, "sent")


def test_nobody_gets_back_what_has_no_sender() -> None:
    assert checked_sender("") == ""
    with Smtp() as server:
        handed(mailer(server.port), sender="")
        assert server.said[1] == f"MAIL FROM:<> SIZE={len(MAIL)}".encode()


def test_addresses_beyond_ascii_need_a_server_that_takes_them(tmp_path: Path) -> None:
    """Without SMTPUTF8 that is told of each recipient, and the others get the mail."""
    with Sink(tmp_path) as sink:
        results = handed(mailer(sink.port), "jürgen@example.net", TO)
        nobody = handed(mailer(sink.port), sender="jürgen@example.net")
        assert sink.to == [TO]
    assert outcomes(results) == [
        ("jürgen@example.net", "refused", "553 5.6.7"),
        (TO, "sent", "250"),
    ]
    assert outcomes(nobody) == [(TO, "refused", "553 5.6.7")]
    with Sink(tmp_path, utf8=True) as sink:
        handed(mailer(sink.port), "jürgen@example.net", TO)
        assert sink.to == ["jürgen@example.net", TO]


HEADER = "From: jürgen@example.net\r\nSubject: grüß\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("offered", "content", "outcome", "command"),
    [
        ("8BITMIME", HEADER, "refused 554 5.6.9", b""),
        ("8BITMIME SMTPUTF8", HEADER, "sent 250 2.0.0", b" BODY=8BITMIME SMTPUTF8"),
        # Of an old charset, whichever: that isn't what SMTPUTF8 is for.
        ("8BITMIME", HEADER.decode().encode("latin-1"), "sent 250 2.0.0", b" BODY=8BITMIME"),
        ("", MAIL + "ü\r\n".encode(), "refused 554 5.6.3", b""),
        ("8BITMIME SMTPUTF8", MAIL + "ü\r\n".encode(), "sent 250 2.0.0", b" BODY=8BITMIME"),
        ("8BITMIME SMTPUTF8", MAIL, "sent 250 2.0.0", b""),
    ],
)
def test_the_server_is_told_what_the_mail_is_in(
    offered: str, content: bytes, outcome: str, command: bytes
) -> None:
    """And isn't sent what it says it doesn't take."""
    listed = b"".join(b"250-%b\r\n" % one.encode() for one in offered.split())
    with Smtp({b"EHLO": b"250-x\r\n" + listed + b"250 HELP\r\n"}) as server:
        (result,) = handed(mailer(server.port), content=content)
        commands = [line for line in server.said if line.startswith(b"MAIL")]
        assert server.mails == ([content] if command or outcome[0] == "s" else [])
    assert f"{result.outcome} {result.code}" == outcome
    assert commands == (
        [f"MAIL FROM:<{SENDER}>".encode() + command] if result.outcome == "sent" else []
    )

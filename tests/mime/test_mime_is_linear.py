"""What a hostile message costs: time grows with its length, memory stays bounded."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from imapgate.mime.addresses import address_list
from imapgate.mime.automatic import kind_of
from imapgate.mime.envelope import envelope
from imapgate.mime.journal import envelope as journal_envelope
from imapgate.mime.quotes import first_own_line, own_text
from imapgate.mime.reading import read
from imapgate.mime.replies import own_line, word
from imapgate.mime.words import decode_words

SECONDS = 4.0
"""Of processor time, on a slow and busy machine; anything quadratic takes minutes."""

MIXED = b"Content-Type: multipart/mixed; boundary=a\n\n"
HTML = b"Content-Type: text/html\n\n"

MESSAGES: dict[str, Callable[[], bytes]] = {
    "100,000 parts": lambda: MIXED + b"--a\n" * 100_000,
    "60,000 lines like a boundary": lambda: MIXED + b"--a b\n" * 60_000,
    "10,000 nested multiparts": lambda: b"".join(
        b"Content-Type: multipart/mixed; boundary=a%d\n\n--a%d\n" % (n, n) for n in range(10_000)
    ),
    "10,000 nested messages": lambda: b"Content-Type: message/rfc822\n\n" * 10_000,
    "a header of 1 MB": lambda: b"Subject: " + b"x" * 1_000_000 + b"\n\nx",
    "a header of 300,000 folds": lambda: b"Subject: " + b"x\n " * 300_000 + b"\n\nx",
    "a header of 1 MB without blank line": lambda: b"Subject: x\n" * 90_000,
    "100,000 header fields": lambda: b"".join(b"X-%d: y\n" % n for n in range(100_000)) + b"\nx",
    "100,000 junk lines in a header": lambda: b"A: b\n" + b"junk\n" * 100_000 + b"\nx",
    "quotes in a Content-Type": lambda: b"Content-Type: text/plain; " + b'a="' * 100_000 + b"\n\n",
    "escapes in a Content-Type": lambda: (
        b'Content-Type: text/plain; "' + b'\\"' * 99_999 + b"\\\n\n"
    ),
    "comments in a Content-Type": lambda: b"Content-Type: text/plain; " + b"(" * 100_000 + b"\n\n",
    "1 MB of blanks": lambda: b"A: b\n\n" + b" " * 1_000_000 + b"x",
    "100,000 pads in base64": lambda: b"Content-Transfer-Encoding: base64\n\n" + b"QQ=" * 100_000,
    "1 MB of soft line breaks": lambda: (
        b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=\n" * 500_000
    ),
    "1 MB of equals signs": lambda: (
        b"Content-Transfer-Encoding: quoted-printable\n\n" + b"=" * 1_000_000
    ),
    "HTML: deep": lambda: HTML + b"<div>" * 30_000,
    "HTML: a wide and long table": lambda: (
        HTML + b"<table><tr><td>" + b"x" * 100_000 + b"<tr><td>a" * 10_000 + b"</table>"
    ),
    "HTML: many columns": lambda: HTML + b"<table><tr>" + b"<td>" * 3_000 + b"<tr><td>a" * 3_000,
    "HTML: lists in lists": lambda: HTML + b"<ul>" * 200 + b"<li>x" * 30_000,
    "HTML: scripts": lambda: HTML + b"<script>" * 30_000,
    "HTML: comments": lambda: HTML + b"<!--" * 60_000,
    "HTML: angles": lambda: HTML + b"<" * 150_000,
    "HTML: styles": lambda: HTML + b'<p style="padding-left:999999999em">x</p>' * 3_000,
}


def spent(work: Callable[[], object]) -> float:
    begin = time.process_time()
    work()
    return time.process_time() - begin


@pytest.mark.parametrize("name", MESSAGES)
def test_a_hostile_message_is_read_in_linear_time(name: str) -> None:
    """Structure, envelope, digest and texts, each bounded."""
    raw = MESSAGES[name]()
    begin = time.process_time()
    reading = read(raw)
    envelope(raw, reading.root)
    assert time.process_time() - begin < SECONDS
    assert len(reading.mail.text.encode()) <= 1_000_000
    assert len(reading.body_text.encode()) <= 1_000_000
    assert len(reading.header_text.encode()) <= 256 * 1024
    assert len(reading.mail.headers.encode()) <= 64 * 1024
    assert len(reading.mail.subject) <= 2_000


@pytest.mark.parametrize(
    "piece", ['"\\', '("', "<", "@", ":", "a ", "[", "<@a,", "(", "a:;", '\\"', '"<', ","]
)
def test_hostile_address_lists_are_parsed_in_linear_time(piece: str) -> None:
    """40 kB of the same garbage."""
    value = (piece * (40_000 // len(piece))).encode()
    begin = time.process_time()
    found = address_list(value)
    assert time.process_time() - begin < SECONDS
    assert len(found) <= 1_001


@pytest.mark.parametrize("piece", ["=?a?q?x", "=?a?q?x?=", "=?a?b?", "=?", "=?a?q??=", "?="])
def test_hostile_encoded_words_are_decoded_in_linear_time(piece: str) -> None:
    """40 kB of words that never end, or do nothing but end."""
    value = piece * (40_000 // len(piece))
    assert spent(lambda: decode_words(value)) < SECONDS
    assert spent(lambda: decode_words(value + "?=")) < SECONDS


@pytest.mark.parametrize(
    "piece",
    ["On wrote ", "wrote    ", "On\n", "> a\nb\n", "From: x\n", "_" * 20 + "\n\n", "a<@", "-- \n"],
)
def test_hostile_bodies_are_searched_for_quotes_in_linear_time(piece: str) -> None:
    """100 kB, as one line and as many."""
    assert spent(lambda: own_text(piece * (100_000 // len(piece)))) < SECONDS
    assert spent(lambda: own_text((piece * (1_000 // len(piece)) + "\n") * 100)) < SECONDS


@pytest.mark.parametrize(
    "piece",
    ["On wrote ", "On\n", "> a\n", "From: x\n", "_" * 20 + "\n", "-- \n", "\n", "\u200b\n", "a. "],
)
def test_hostile_replies_are_looked_through_in_linear_time(piece: str) -> None:
    """100 kB, as text and as HTML."""
    text = piece * (100_000 // len(piece))
    assert spent(lambda: first_own_line(text)) < SECONDS
    assert spent(lambda: word(text)) < SECONDS
    quotes = "<blockquote>" + piece.replace("\n", "<br>")
    markup = "Content-Type: text/html\n\n" + quotes * (100_000 // len(quotes))
    assert spent(lambda: own_line(markup.encode())) < SECONDS


@pytest.mark.parametrize("piece", ["To: ", "To: a@b, Expanded: ", "Recipients:\n", "a@b\n", "x:\n"])
def test_hostile_reports_are_read_in_linear_time(piece: str) -> None:
    """100 kB, as one line and as many."""
    for text in (piece.strip() * (100_000 // len(piece)), piece * (100_000 // len(piece))):
        mail = read(
            b"X-MS-Journal-Report:\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\n"
            + text.encode()
            + b"\n--a\nContent-Type: message/rfc822\n\nA: b\n"
        ).mail
        assert spent(lambda mail=mail: journal_envelope(mail)) < SECONDS


@pytest.mark.parametrize(
    "piece", ["(", "x-loop: (", "x-loop: a;\n", "precedence: \n", "list-id: ", "content-type: a "]
)
def test_hostile_headers_are_recognised_in_linear_time(piece: str) -> None:
    """As much as is kept of a header."""
    mail = read(("X-Loop: a" + piece * (60_000 // len(piece)) + "\n\nx").encode()).mail
    assert spent(lambda: kind_of(mail)) < SECONDS

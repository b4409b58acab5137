"""What a message says: subject, people, dates, text, attachments, attached messages."""

from __future__ import annotations

import pytest
from corpus import MESSAGES
from corpus_structures import HTML, INNER, PDF, TEXT, headed, multipart
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.mime.mail import Attachment, Mail, Mailbox
from imapgate.mime.reading import decoded, part_at, read

JOE = Mailbox("Joe", "joe@example.org")


def mail_of(name: str) -> Mail:
    return read(MESSAGES[name]).mail


def with_header(header: str) -> Mail:
    return read(header.encode() + b"\r\n\r\nText\r\n").mail


def test_an_ordinary_mail() -> None:
    """Every value of the digest."""
    assert mail_of("mixed") == Mail(
        subject="mixed",
        from_=(JOE,),
        to=(Mailbox("", "support@example.com"),),
        cc=(),
        bcc=(),
        sent_at=1704186000,
        sent_on="2024-01-02",
        message_id="mixed@example.org",
        in_reply_to=(),
        references=(),
        importance="normal",
        text="Hello world",
        headers="From: Joe <joe@example.org>\nTo: support@example.com\nSubject: mixed\n"
        "Date: Tue, 2 Jan 2024 10:00:00 +0100\nMessage-ID: <mixed@example.org>\n"
        'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"',
        attachments=(Attachment("2", "offer.pdf", "application/pdf", 9, None, False),),
        messages=(),
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plain", "Hello"),
        ("plain_bare_lf", "Hello\nworld"),
        ("plain_mixed_line_ends", "line one\nline two"),
        ("no_header", "Just some text\nwithout any header"),
        ("header_without_blank_line", "Hello, this is text"),
        ("header_with_junk_line", "Text"),
        ("nul_in_body", "Helloworld"),
        ("alternative", "Hello world"),
        ("alternative_html_first", "Hello world"),
        ("alternative_blank_plain", "Hello world"),
        ("mixed_two_texts", "Hello world\n\nHello world"),
        ("mixed_attached_text", "Hello world"),
        ("related_in_alternative", "Hello world"),
        ("signed", "Hello world"),
        ("html_root", "Hello world"),
        ("html_with_styles", "seen"),
        ("html_deeply_nested", "deep"),
        ("html_meta_charset", "Grüße"),
        ("html_empty", ""),
        ("encoding_quoted_printable", "Grüße"),
        ("encoding_base64", "Grüße"),
        ("encoding_padded_pieces", "Hello!"),
        ("encoding_unknown", "Uryyb"),
        ("charset_utf16", "Grüße"),
        ("charset_utf7", "Grüße"),
        ("charset_iso2022jp", "日本"),
        ("charset_unknown", "Grüße"),
        ("charset_wrong", "Grüße"),
        ("charset_windows1252_as_latin1", "€ 100"),
        ("charset_no_codec_of_mail", "48656c6c6f"),
        ("apple_mail_sandwich", "Hello world\n\nHello world"),
        ("boundary_never_seen", "Only text"),
        ("unterminated", "Hello world"),
        ("multipart_bare_lf", "Hello world"),
        ("binary_root", ""),
    ],
)
def test_the_body_text(name: str, text: str) -> None:
    """Plain text before HTML unless it is blank; inline texts joined; attached ones left out."""
    assert mail_of(name).text == text


@pytest.mark.parametrize(
    ("name", "attachments"),
    [
        ("alternative", []),
        ("mixed_attached_text", [("2", "log.txt", "text/plain", 8, False)]),
        ("signed", [("2", "part-2.asc", "application/pgp-signature", 29, False)]),
        ("report", [("2", "part-2.txt", "message/delivery-status", 39, False)]),
        ("related_in_alternative", [("2.2", "image.png", "image/png", 72, True)]),
        ("alternative_with_calendar", [("3", "part-3.ics", "text/calendar", 15, False)]),
        ("pdf_root", [("1", "offer.pdf", "application/pdf", 9, False)]),
        ("binary_root", [("1", "part-1.bin", "application/octet-stream", 256, False)]),
        ("tnef", [("2", "winmail.dat", "application/ms-tnef", 3, False)]),
        ("attached_message", []),
        ("attached_eml", []),
        ("attached_message_base64", []),
        (
            "name_missing",
            [("2", "image.png", "image/png", 72, True), ("3", "part-3.bin", "x/y", 1, False)],
        ),
    ],
)
def test_attachments(name: str, attachments: list[tuple[str, str, str, int, bool]]) -> None:
    """Everything that is neither body text nor an attached message, in order; size is decoded."""
    assert [
        (item.section, item.name, item.content_type, item.size, item.inline)
        for item in mail_of(name).attachments
    ] == attachments


@pytest.mark.parametrize(
    ("name", "file_name"),
    [
        ("name_rfc2231", "über uns.png"),
        ("name_rfc2231_continued", "a b.png"),
        ("name_encoded_word", "ü.png"),
        ("name_with_path", "evil.png"),
        ("name_8bit", "ü.png"),
    ],
)
def test_names_of_attachments(name: str, file_name: str) -> None:
    """RFC 2231, encoded words, raw octets; never a path."""
    assert [item.name for item in mail_of(name).attachments] == [file_name]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("../../etc/passwd", "passwd"),
        ("a/b\\\\c.txt", "c.txt"),
        ("..", "part-1.bin"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("a\tb\x07.txt", "a b .txt"),
        ("x" * 400 + ".pdf", "x" * 251 + ".pdf"),
        ("x" * 400, "x" * 255),
        (" spaced .txt ", "spaced .txt"),
    ],
)
def test_a_name_is_safe_as_a_file_name(written: str, expected: str) -> None:
    """No path, no control characters, no marks that turn the ending around; 255 characters."""
    raw = f'Content-Type: x/y; name="{written}"\r\n\r\nx'.encode()
    assert [item.name for item in read(raw).mail.attachments] == [expected]


@pytest.mark.parametrize(
    ("name", "sections"),
    [
        ("attached_message", ("2",)),
        ("attached_multipart_message", ("2",)),
        ("attached_message_base64", ("2",)),
        ("attached_eml", ("2",)),
        ("attached_eml_named_in_pieces", ("2",)),
        ("attached_message_quoted_printable", ("2",)),
        ("attached_in_attached", ("2",)),
        ("message_root", ("1",)),
        ("digest", ("1", "2")),
        ("report", ("3",)),
        ("wrapper", ("2", "3")),
        ("mixed", ()),
    ],
)
def test_attached_messages(name: str, sections: tuple[str, ...]) -> None:
    """message/rfc822 in any encoding, and leaves called .eml; their octets are the message's."""
    reading = read(MESSAGES[name])
    assert reading.mail.messages == sections
    assert [item.section for item in reading.mail.message_parts] == list(sections)
    if name == "wrapper" or name.startswith(("attached_message", "attached_eml")):
        for section in sections:
            part = part_at(reading.root, section)
            assert part is not None
            assert b"".join(decoded(MESSAGES[name], part)) == INNER


@pytest.mark.parametrize(
    ("header", "importance"),
    [
        ("Importance: High", "high"),
        ("Importance: low", "low"),
        ("Priority: urgent", "high"),
        ("Priority: non-urgent", "low"),
        ("X-Priority: 1 (Highest)", "high"),
        ("X-Priority: 2", "high"),
        ("X-Priority: 3", "normal"),
        ("X-Priority: 5 (Lowest)", "low"),
        ("X-MSMail-Priority: High", "high"),
        ("Importance: normal\r\nX-Priority: 1", "high"),
        ("Importance: whatever", "normal"),
        ("Importance:", "normal"),
    ],
)
def test_importance(header: str, importance: str) -> None:
    """The first of the four headers that says more than normal."""
    assert with_header(header).importance == importance


@pytest.mark.parametrize(
    ("written", "sent_at", "sent_on"),
    [
        ("Tue, 2 Jan 2024 10:00:00 +0100", 1704186000, "2024-01-02"),
        ("Tue, 2 Jan 2024 23:30:00 -0800 (PST)", 1704267000, "2024-01-02"),
        ("2 Jan 2024 10:00 GMT", 1704189600, "2024-01-02"),
        ("Tue, 2 Jan 2024 10:00:00", 1704189600, "2024-01-02"),
        ("2 Jan 99 10:00 EST", 915289200, "1999-01-02"),
        ("2024-01-02T10:00:00+01:00", 1704186000, "2024-01-02"),
        ("2024-01-02T10:00:00Z", 1704189600, "2024-01-02"),
        ("Tue, 2 Jan 2024 10:00:60 +0000", 1704189659, "2024-01-02"),
        ("Mon, 31 Feb 2024 25:61:61 +9999", None, None),
        ("1 Jan 0800 00:00:00 +0000", -36921657600, "0800-01-01"),
        ("yesterday", None, None),
        ("", None, None),
        (", , ,", None, None),
        ("٢ Jan ٢٠٢٤ ١٠:٠٠", 1704189600, "2024-01-02"),
    ],
)
def test_the_date_header(written: str, sent_at: int | None, sent_on: str | None) -> None:
    """Best effort; without a zone it is UTC; the day is the one that the sender wrote."""
    mail = with_header(f"Date: {written}")
    assert (mail.sent_at, mail.sent_on) == (sent_at, sent_on)


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet="0123456789 ,:+-/.TZJanFebMonGMT()", max_size=40) | st.text(max_size=40))
def test_any_date_is_read_without_error(written: str) -> None:
    """Known or not."""
    mail = with_header("Date: " + written.replace("\r", "").replace("\n", ""))
    assert (mail.sent_at is None) == (mail.sent_on is None)
    assert mail.sent_on is None or len(mail.sent_on) == 10


def test_message_ids_in_any_mess() -> None:
    """Without brackets, in order, folded ones whole, words of phrases left out."""
    mail = mail_of("references_mess")
    assert mail.in_reply_to == ("a@b", "c@d")
    assert mail.references == ("a@b", "c@d", "e@f")
    assert mail_of("message_id_without_brackets").message_id == "bare@id.example"
    assert with_header("Message-ID: <a b@c>").message_id == "ab@c"
    assert with_header("Message-ID:").message_id is None


def test_lists_are_bounded() -> None:
    """The newest references count, for those are the nearest mails of the thread."""
    ids = "".join(f"<{n}@x>" for n in range(500))
    boxes = ", ".join(f"u{n}@x" for n in range(2_000))
    mail = with_header(f"References: {ids}\r\nTo: {boxes}\r\nSubject: {'x' * 5_000}")
    assert len(mail.references) == 200
    assert mail.references[-1] == "499@x"
    assert len(mail.to) == 1_000
    assert len(mail.subject) == 2_000


def test_people_of_groups_are_people_and_groups_are_not() -> None:
    """A group's name is no mailbox."""
    assert [box.address for box in mail_of("address_group").to] == ["x@y", "z@w", "last@one"]
    assert mail_of("address_undisclosed").to == ()
    assert mail_of("address_x500").from_ == (Mailbox("", "/O=CORP/OU=X/CN=RECIPIENTS/CN=JOE"),)


def test_header_note_and_search_texts() -> None:
    """Decoded header lines; values and texts of nested messages can be found."""
    raw = MESSAGES["attached_multipart_message"]
    reading = read(raw)
    assert "Subject: attached2" in reading.mail.headers.splitlines()
    assert "attached2" in reading.header_text
    assert "in@example.org" in reading.body_text
    assert "offer.pdf" in reading.body_text
    assert reading.body_text.count("Hello world") == 2
    reading = read(MESSAGES["alternative"])
    assert reading.body_text.count("Hello world") == 2
    assert "<b>" not in reading.body_text


def test_the_text_is_bounded_in_octets() -> None:
    """1 MB of UTF-8, cut between characters."""
    raw = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + "ü".encode() * 900_000
    text = read(raw).mail.text
    assert len(text.encode()) == 1_000_000
    assert set(text) == {"ü"}


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_read(name: str) -> None:
    """Without error, NUL and lone surrogates; the digest survives its JSON."""
    raw = MESSAGES[name]
    reading = read(raw)
    written = reading.mail.to_json()
    written.encode("utf-8")
    for text in (written, reading.header_text, reading.body_text):
        assert "\0" not in text
        text.encode("utf-8")
    assert "\\u0000" not in written
    assert Mail.from_json(written) == reading.mail
    for item in (*reading.mail.attachments, *reading.mail.message_parts):
        part = part_at(reading.root, item.section)
        assert part is not None
        assert sum(len(piece) for piece in decoded(raw, part)) == item.size
        assert item.name
        assert not set(item.name) & set("/\\\r\n\0")
    for section in reading.mail.messages:
        assert part_at(reading.root, section) is not None


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=400))
def test_any_bytes_are_read(raw: bytes) -> None:
    """Never raises for what a message contains."""
    reading = read(raw)
    assert Mail.from_json(reading.mail.to_json()) == reading.mail


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=120), st.sampled_from([TEXT, HTML, PDF]))
def test_any_part_header_is_read(noise: bytes, part: bytes) -> None:
    """Noise in a part's header, behind real fields."""
    raw = headed(
        "noise", multipart("mixed", "b", b"Content-Disposition: " + noise + b"\r\n" + part)
    )
    assert Mail.from_json(read(raw).mail.to_json()) == read(raw).mail

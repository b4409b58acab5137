"""Outlook's .msg: a proper message is made of what stands in it, the same each time."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import compressed_rtf
import pytest
from ole import Item, compound, msg

from imapgate.incoming.files.found import Found, Unreadable
from imapgate.incoming.files.msg import properties
from imapgate.incoming.files.msg import read as module
from imapgate.mime.mail import Mailbox
from imapgate.mime.reading import read as read_mail

SENT = datetime(2024, 1, 2, 10, 0, 5, tzinfo=UTC)
X500 = "/o=Acme Inc/ou=Exchange Administrative Group (FYDIBOHF23)/cn=Recipients/cn=erika"
MOST = 1024 * 1024


def made(octets: bytes, known: dict[str, str] | None = None) -> bytes:
    """The message of a .msg."""
    found = module.read(octets, "a.msg", MOST, 0, lambda x500, _: (known or {}).get(x500))
    assert isinstance(found, Found), found.text
    return found.content[:]


def parsed(item: Item, known: dict[str, str] | None = None) -> EmailMessage:
    """As Python's own library reads it; it finds no fault in it."""
    message = email.message_from_bytes(made(msg(item), known), policy=email.policy.default)
    assert [
        (part.get_content_type(), part.defects) for part in message.walk() if part.defects
    ] == []
    assert isinstance(message, EmailMessage)
    return message


def recipient(kind: int, name: str, address: str, smtp: str | None = None) -> Item:
    properties: dict[int, Any] = {0x0C15: kind, 0x3001: name, 0x3003: address}
    if smtp is not None:
        properties[0x39FE] = smtp
    return Item(properties)


NOTE = {0x001A: "IPM.Note", 0x0037: "Größe prüfen", 0x1000: "Grüße,\r\nErika", 0x0039: SENT}


def test_everything_that_the_properties_tell() -> None:
    """Sender, recipients by kind with their names, subject, date, Message-ID, importance."""
    item = Item(
        {
            **NOTE,
            0x0042: "Erika, Müller",
            0x0065: X500,
            0x5D02: "erika@acme.example",
            0x0C1A: "Bob",
            0x0C1F: "bob@acme.example",
            0x0E06: SENT.replace(hour=11),
            0x1035: "<1@acme.example>",
            0x1042: "<0@x>",
            0x1039: "<a@x> <0@x>",
            0x0017: 2,
        },
        [
            recipient(1, "Support", "support@example.org"),
            recipient(0x10000002, "carol@example.org", X500 + "2", "carol@example.org"),
            recipient(3, 'Da "ve" <x>', "dave@example.org"),
        ],
    )
    mail = read_mail(made(msg(item))).mail
    assert mail.from_ == (Mailbox("Erika, Müller", "erika@acme.example"),)
    assert mail.to == (Mailbox("Support", "support@example.org"),)
    assert mail.cc == (Mailbox("", "carol@example.org"),)
    assert mail.bcc == (Mailbox('Da "ve" <x>', "dave@example.org"),)
    assert (mail.subject, mail.text) == ("Größe prüfen", "Grüße,\nErika")
    assert mail.sent_at == int(SENT.timestamp())
    assert (mail.message_id, mail.in_reply_to, mail.references) == (
        *("1@acme.example", ("0@x",), ("a@x", "0@x")),
    )
    assert mail.importance == "high"
    assert parsed(item)["Sender"] == "Bob <bob@acme.example>"
    found = module.read(msg(item), "a.msg", MOST, 7, lambda *_: None)
    assert isinstance(found, Found)
    assert (found.internal_at, found.passed) == (int(SENT.timestamp()) + 3600, 7)


def test_the_header_that_came_with_it_stays() -> None:
    """But for what tells how the body was built; what it lacks is made."""
    header = (
        "Microsoft Mail Internet Headers Version 2.0\r\n"
        "Received: from a\r\n\tby b; Tue, 2 Jan 2024 10:00:00 +0000\r\n"
        "From: Erika <erika@example.org>\r\nTo: x@example.org,\r\n y@example.org\r\n"
        "Subject: =?utf-8?q?as_it_came?=\r\nContent-Type: multipart/mixed;\r\n\tboundary=old\r\n"
        "MIME-Version: 1.0\r\nX-Odd: no\r\n   \r\nDate: Tue, 2 Jan 2024 11:00:00 +0100\r\n\r\n"
    )
    item = Item(
        {**NOTE, 0x007D: header, 0x0042: "Else", 0x0065: "else@example.org", 0x1035: "<id@x>"},
        [recipient(1, "Nobody", "nobody@example.org")],
    )
    raw = made(msg(item))
    assert raw.startswith(
        b"Received: from a\r\n\tby b; Tue, 2 Jan 2024 10:00:00 +0000\r\n"
        b"From: Erika <erika@example.org>\r\nTo: x@example.org,\r\n y@example.org\r\n"
        b"Subject: =?utf-8?q?as_it_came?=\r\nX-Odd: no\r\n"
        b"Date: Tue, 2 Jan 2024 11:00:00 +0100\r\nMessage-ID: <id@x>\r\nMIME-Version: 1.0\r\n"
    )
    assert b"else@" not in raw
    assert b"nobody@" not in raw
    assert b"old" not in raw


def test_text_html_pictures_attachments_and_messages() -> None:
    inner = Item({0x0037: "Inner: a/b", 0x1000: "inside", 0x0042: "I", 0x0065: "i@example.org"})
    html = b'<html><body><p>Gr\xfc\xdfe</p><img src="cid:pic@1"></body></html>'
    item = Item(
        {**NOTE, 0x1013: html, 0x3FDE: 28591},
        attachments=[
            Item(
                {
                    0x3701: b"PNG",
                    0x370E: "image/png",
                    0x3707: "p.png",
                    0x3712: "pic@1",
                    0x7FFE: True,
                }
            ),
            Item({0x3701: b"x" * 9000, 0x370E: "application/pdf", 0x3707: "Größe & Co.pdf"}),
            Item({0x3701: b"odd", 0x370E: "no type\r\nX: y", 0x3704: "odd\r\nname.bin"}),
            Item({0x3701: inner, 0x3705: 5, 0x3001: "Inner"}),
            Item({0x3701: b"From: a@b\n\nattached\n", 0x370E: "message/rfc822", 0x3707: "m.eml"}),
        ],
    )
    message = parsed(item)
    assert [part.get_content_type() for part in message.walk()] == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "multipart/related"),
        *("text/html", "image/png", "application/pdf", "application/octet-stream"),
        *("message/rfc822", "text/plain", "application/octet-stream"),
    ]
    names = [part.get_filename() for part in message.walk() if part.get_filename()]
    assert names == ["p.png", "Größe & Co.pdf", "odd name.bin", "Inner: a/b.eml", "m.eml"]
    body = message.get_body(("html",))
    assert body is not None
    assert "Grüße" in body.get_content()
    picture = next(part for part in message.walk() if part.get_content_type() == "image/png")
    assert (picture["Content-ID"], picture.get_content_disposition()) == ("<pic@1>", "inline")
    mail = read_mail(made(msg(item))).mail
    assert [one.size for one in mail.attachments] == [3, 9000, 3]
    assert len(mail.messages) == 2
    assert mail.text == "Grüße,\nErika"


def test_the_same_file_gives_the_same_octets() -> None:
    item = Item({**NOTE, 0x1013: b"<p>x</p>"}, attachments=[Item({0x3701: b"x", 0x3707: "a"})])
    assert made(msg(item)) == made(msg(item))
    other = Item({**NOTE, 0x1013: b"<p>y</p>"}, attachments=[Item({0x3701: b"x", 0x3707: "a"})])
    assert made(msg(other)) != made(msg(item))


@pytest.mark.parametrize("codepage", [1252, 1250, 932])
def test_old_files_have_their_texts_in_a_code_page(codepage: int) -> None:
    text = {1252: "Größe", 1250: "Łódź", 932: "日本語"}[codepage]
    item = Item({0x0037: text, 0x1000: text}, codepage=codepage)
    mail = read_mail(made(msg(item))).mail
    assert (mail.subject, mail.text) == (text, text)


RTF_HTML = (
    rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fswiss\fcharset0 Arial;}"
    rb"{\f1\fnil\fcharset128 MS;}}{\colortbl\red0;}\uc1\pard\f0 {\*\htmltag64 <html><body>}"
    rb"\htmlrtf not shown\htmlrtf0 {\*\htmltag84 <b>}\htmlrtf {\b \htmlrtf0 Gr\'fc\'dfe "
    rb"\u8364?\u-10179?\u-8704? \{x\} {\f1 \'93\'fa}{\*\htmltag84     }\htmlrtf\~\htmlrtf0"
    rb"\htmlrtf }\htmlrtf0 {\*\htmltag92 </b>}{\*\mhtmltag0 hidden}\line "
    rb"{\*\htmltag84 &lt;}\htmlrtf <\htmlrtf0{\*\htmltag58 </body></html>}}"
)


def test_html_that_is_wrapped_in_rtf() -> None:
    """Outlook keeps it so, without any other."""
    for compress in (True, False):
        rtf = compressed_rtf.compress(RTF_HTML, compressed=compress)
        message = parsed(Item({**NOTE, 0x1009: rtf}))
        assert [part.get_content_type() for part in message.walk()] == [
            *("multipart/alternative", "text/plain", "text/html"),
        ]
        body = message.get_body(("html",))
        assert body is not None
        assert body.get_content() == (
            "<html><body><b>Grüße €\U0001f600 {x} 日    </b>\r\n&lt;</body></html>"
        )


def test_text_that_is_wrapped_in_rtf_counts_where_no_other_is() -> None:
    rtf = (
        rb"{\rtf1\ansi\ansicpg1252\fromtext {\fonttbl{\f0\fcharset0 A;}}\f0 one\'fc\par two\tab x}"
    )
    item = Item({0x0037: "s", 0x1009: compressed_rtf.compress(rtf)})
    assert read_mail(made(msg(item))).mail.text == "oneü\ntwo\tx"


def test_rtf_that_wraps_nothing_is_attached() -> None:
    rtf = rb"{\rtf1\ansi {\b bold}}"
    message = parsed(Item({**NOTE, 0x1009: compressed_rtf.compress(rtf)}))
    (attached,) = message.iter_attachments()
    assert (attached.get_content_type(), attached.get_content()) == ("application/rtf", rtf)


def test_what_no_message_can_hold_comes_along_in_the_file_itself() -> None:
    """An object of another program, in an attached message, too; RTF that is damaged."""
    chart = Item({**NOTE}, attachments=[Item({0x3705: 6, 0x3707: "chart"})])
    message = parsed(Item(NOTE, attachments=[Item({0x3701: chart})]))
    assert [one.get_filename() for one in message.iter_attachments()] == [
        *("Größe prüfen.eml", "original.msg"),
    ]
    for item in (
        chart,
        Item({**NOTE, 0x1009: b"garbage that is no RTF at all"}),
    ):
        message = parsed(item)
        (attached,) = message.iter_attachments()
        assert attached.get_content_type() == "application/vnd.ms-outlook"
        assert attached.get_content() == msg(item)


def test_a_signed_message_is_what_it_was() -> None:
    """S/MIME in clear text: Outlook keeps the body as it came."""
    signed = (
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary="s"\r\n'
        b"\r\n--s\r\nContent-Type: text/plain\r\n\r\nSigned.\r\n--s\r\n"
        b"Content-Type: application/pkcs7-signature\r\n\r\nx\r\n--s--\r\n"
    )
    item = Item(
        {**NOTE, 0x001A: "IPM.Note.SMIME.MultipartSigned"},
        attachments=[Item({0x3701: signed, 0x370E: "multipart/signed", 0x3707: "smime.p7m"})],
    )
    raw = made(msg(item))
    assert raw.endswith(b"MIME-Version: 1.0\r\n" + signed)
    assert read_mail(raw).mail.text.strip() == "Signed."


def test_an_encrypted_message_is_nothing_but_that() -> None:
    """Or no mail program would decrypt it."""
    item = Item({**NOTE, 0x001A: "IPM.Note.SMIME"}, attachments=[Item({0x3701: b"\x30\x80secret"})])
    message = parsed(item)
    assert message.get_content_type() == "application/pkcs7-mime"
    assert message.get_content() == b"\x30\x80secret"
    assert message["Subject"] == "Größe prüfen"


def test_x500_names_are_mapped_or_stay() -> None:
    item = Item({**NOTE, 0x0042: "Erika", 0x0065: X500}, [recipient(1, "Bob", X500 + "-BOB")])
    mail = read_mail(made(msg(item), {X500: "erika@acme.example"})).mail
    assert mail.from_ == (Mailbox("Erika", "erika@acme.example"),)
    assert mail.to == (Mailbox("Bob", X500 + "-BOB"),)
    asked: list[tuple[str, str]] = []

    def addresses(x500: str, name: str) -> None:
        asked.append((x500, name))

    module.read(msg(item), "a.msg", MOST, 0, addresses)
    assert asked == [(X500, "Erika"), (X500 + "-BOB", "Bob")]


@pytest.mark.parametrize("error", [ValueError("away"), OSError("away"), KeyboardInterrupt()])
def test_an_address_that_can_t_be_looked_up_is_no_fault_of_the_file(error: BaseException) -> None:
    def addresses(_x500: str, _name: str) -> str | None:
        raise error

    with pytest.raises(type(error)):
        module.read(msg(Item({0x0042: "Erika", 0x0065: X500})), "a.msg", MOST, 0, addresses)


@pytest.mark.parametrize("subject", ["\x01\x04Re: x", "Re: x"])
def test_subjects_as_outlook_keeps_them(subject: str) -> None:
    assert read_mail(made(msg(Item({0x0037: subject})))).mail.subject == "Re: x"
    assert read_mail(made(msg(Item({0x003D: "Re: ", 0x0E1D: "x"})))).mail.subject == "Re: x"


def test_no_text_leaves_its_field() -> None:
    """Line ends in names, subjects and addresses begin no field of their own."""
    bad = "x\r\nX-Evil: yes\r\n\r\nbody"
    item = Item(
        {0x0037: bad, 0x0042: bad, 0x0065: f"a@b{bad}", 0x1035: bad, 0x1039: bad, 0x1000: "t"},
        [recipient(1, bad, bad, bad)],
        [Item({0x3701: b"x", 0x3707: bad, 0x3712: bad, 0x370E: bad})],
    )
    message = parsed(item)
    assert "X-Evil" not in message
    assert all("X-Evil" not in part for part in message.walk())


def test_nothing_told_is_a_message_all_the_same() -> None:
    assert made(msg(Item({}))).endswith(b"\r\n\r\n")
    mail = read_mail(made(msg(Item({})))).mail
    assert (mail.subject, mail.from_, mail.text) == ("", (), "")


def test_messages_in_messages_have_a_bottom(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is deeper comes along in the file itself."""
    monkeypatch.setattr(module, "DEEPEST", 2)
    item = Item({0x0037: "3", 0x1000: "x"})
    for depth in ("2", "1", "0"):
        item = Item({0x0037: depth, 0x1000: "x"}, attachments=[Item({0x3701: item})])
    message = parsed(item)
    subjects = [part["Subject"] for part in message.walk() if part["Subject"]]
    assert subjects == ["0", "1", "2"]


def test_it_has_no_more_parts_than_a_message_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    octets = msg(Item({}, [recipient(1, "A", "a@b")] * 5))
    for name, most in (("IN_ONE", 5), ("ENTRIES", 20)):
        with monkeypatch.context() as patched:
            patched.setattr(properties, name, most)
            found = module.read(octets, "a.msg", MOST, 0, lambda *_: None)
        assert isinstance(found, Unreadable)
        assert found.text.endswith("it has too many parts")


def test_it_is_no_larger_than_a_message_may_be() -> None:
    item = Item({**NOTE}, attachments=[Item({0x3701: b"x" * MOST})])
    found = module.read(msg(item), "a.msg", MOST, 0, lambda *_: None)
    assert isinstance(found, Unreadable)
    assert found.text == "is larger than 1 MiB"


@pytest.mark.parametrize(
    "octets",
    [b"", b"no compound file", compound({"a stream": b"x"}), compound({})],
)
def test_what_is_no_msg_is_told(octets: bytes) -> None:
    found = module.read(octets, "a.msg", MOST, 0, lambda *_: None)
    assert isinstance(found, Unreadable)
    assert found.text.startswith("is no .msg that can be read: ")


def test_no_octet_that_is_wrong_stops_the_import() -> None:
    """A message or a sentence, whatever is spoilt."""
    item = Item(
        {**NOTE, 0x1009: compressed_rtf.compress(RTF_HTML)},
        [recipient(1, "A", "a@b")],
        [Item({0x3701: b"x" * 5000}), Item({0x3701: Item(NOTE)})],
    )
    whole = msg(item)
    told = 0
    for place in range(0, len(whole), 41):
        spoilt = bytearray(whole)
        spoilt[place] ^= 0x55
        found = module.read(bytes(spoilt), "a.msg", MOST, 0, lambda *_: None)
        told += isinstance(found, Unreadable)
    assert told, "spoilt headers are seen"
    for cut in range(0, len(whole), 997):
        module.read(whole[:cut], "a.msg", MOST, 0, lambda *_: None)

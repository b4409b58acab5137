"""Mails that are written: whatever goes in, the header has the fields that were asked for."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imapgate.mime import writing
from imapgate.mime.mail import Mailbox
from imapgate.mime.reading import read
from imapgate.mime.writing import Attached, AttachedMail, Headers, Unwritable

ANYTHING = st.text(alphabet=st.characters(), max_size=120)
"""Line ends, NULs, lone surrogates too."""
INJECTIONS = (
    "a\r\nBcc: eve@example.com",
    "a\nBcc: eve@example.com\n\nbody",
    "a\0b\ud800",
    "=?utf-8?q?a=0d=0aBcc:_eve@example.org?=",
    "=?utf-8?b?DQpCY2M6eA?=",
    'a" <eve@example.com>, "b',
    "a\x85Bcc: x\u2028Bcc: y\x0bBcc: z",
    "\r\n\r\n<script>",
)
ME = Mailbox("", "me@example.org")
YOU = Mailbox("You", "you@example.org")


def headers(**changes: Any) -> Headers:
    given = {"sender": ME, "subject": "Hi", "at": 0, "message_id": "a@b", "to": (YOU,), **changes}
    return Headers(**given)


def parsed(octets: bytes) -> EmailMessage:
    return email.message_from_bytes(octets, policy=email.policy.default)  # type: ignore[return-value]


def field_names(octets: bytes) -> list[str]:
    """Of the header block, as it stands there."""
    head = octets.partition(b"\r\n\r\n")[0]
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert b"\r" not in head.replace(b"\r\n", b"")
    lines = head.split(b"\r\n")
    assert all(line.strip() for line in lines)
    assert max(map(len, lines)) <= writing.LONGEST_LINE
    return [line.partition(b":")[0].decode() for line in lines if line[:1] not in b" \t"]


@settings(deadline=None, max_examples=200)
@given(ANYTHING, ANYTHING, ANYTHING, ANYTHING, st.lists(ANYTHING, max_size=4), ANYTHING)
@example(*INJECTIONS[:4], list(INJECTIONS), INJECTIONS[4])
@example("=?", "x" * 3000, "\u200d", "=?=?", ["a b", "<x>", "ok@x"], "")
def test_the_header_has_exactly_the_fields_asked_for(
    name: str, subject: str, text: str, mailer: str, ids: list[str], own: str
) -> None:
    """Whatever names, subjects, Message-IDs and values hold."""
    octets = writing.message(
        headers(
            sender=Mailbox(name, "me@example.org"),
            to=(Mailbox(name, "a@example.org"), Mailbox(subject, "b@example.org")),
            cc=(Mailbox(text, "c@example.org"),),
            reply_to=(Mailbox(own, "d@example.org"),),
            subject=subject,
            references=ids,
            mailer=mailer,
            auto_submitted="auto-generated",
            own=(("X-Own", own),),
        ),
        text,
    )
    asked = ["From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID"]
    if any(writing.usable_id(one) for one in ids):
        asked.append("References")
    asked += ["Auto-Submitted", "X-Mailer", "X-Own", "MIME-Version"]
    assert field_names(octets) == [*asked, "Content-Type", "Content-Transfer-Encoding"]
    assert octets.isascii()
    mail = read(octets).mail
    assert [one.address for one in mail.to] == ["a@example.org", "b@example.org"]
    assert [one.address for one in mail.from_] == ["me@example.org"]


@settings(deadline=None, max_examples=100)
@given(ANYTHING)
def test_what_is_shown_comes_back(value: str) -> None:
    """Names and subjects are the same for whoever reads them, by our own reader and by Python's."""
    octets = writing.message(headers(subject=value, to=(Mailbox(value, "a@example.org"),)), "")
    wanted = writing.one_line(value, 200)
    mail = read(octets).mail
    assert " ".join(mail.subject.split()) == wanted
    assert mail.to[0].name == wanted
    assert " ".join(parsed(octets)["Subject"].split()) == wanted


@settings(deadline=None, max_examples=100)
@given(
    ANYTHING, st.lists(st.sampled_from(("a" * 500, "ü", " ", "=", ".", "\t", "€\n")), max_size=9)
)
def test_a_text_is_a_body_and_comes_back(text: str, more: list[str]) -> None:
    octets = writing.message(headers(), text + "".join(more), "<p>x</p>")
    assert field_names(octets)[-1] == "Content-Type"
    assert max(map(len, octets.split(b"\r\n"))) <= 78
    kept = [
        "".join(
            one if one == "\t" or one.isprintable() or one in "\u200c\u200d" else " "
            for one in line
        )
        for line in (text + "".join(more)).splitlines()
    ]
    found = parsed(octets).get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert found.split("\r\n")[:-1] == (kept or [""])


@pytest.mark.parametrize("value", INJECTIONS)
def test_no_address_smuggles_anything(value: str) -> None:
    """Nor a Message-ID, nor a field's name."""
    for address in (
        value,
        f"{value}@example.org",
        f"a@{value}",
        f'"{value}"@x.org',
        f"a@x.org{value}",
    ):
        try:
            kept = writing.ascii_address(address)
        except Unwritable:
            continue
        octets = writing.message(headers(to=(Mailbox("", address),)), "")
        assert "Bcc" not in field_names(octets)
        assert [one.address for one in read(octets).mail.to] == [kept]
        assert kept.isascii()
        assert kept.isprintable()
        assert "<" not in kept.rpartition('"')[2]
    with pytest.raises(Unwritable):
        writing.message(headers(message_id=value), "")
    with pytest.raises(Unwritable):
        writing.message(headers(own=((value, "x"),)), "")


SIGNS = st.text(alphabet="ab0.@\"\\<>()[],;:=?-_ +'ü\r\n\t\0", max_size=8)


@settings(deadline=None, max_examples=400)
@given(st.tuples(SIGNS, SIGNS).map("@".join) | ANYTHING)
@example('"a\\"@b.org')
@example('"a"b"@c.org')
def test_an_address_is_one_address_or_none(address: str) -> None:
    """What passes is read as that address by others too."""
    try:
        kept = writing.ascii_address(address)
    except Unwritable:
        return
    octets = writing.message(headers(to=(Mailbox("", kept), YOU)), "")
    assert [one.address for one in read(octets).mail.to] == [kept, "you@example.org"]
    value = octets.partition(b"\r\nTo: ")[2].partition(b"\r\nSubject")[0].decode()
    assert len(getaddresses([value])) == 2
    assert getaddresses([value])[1] == ("You", "you@example.org")


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("ann@Example.org", "ann@Example.org"),
        (" ann@bücher.example ", "ann@xn--bcher-kva.example"),
        ("ann@straße.example", "ann@xn--strae-oqa.example"),
        ('"ann b"@example.org', '"ann b"@example.org'),
        ("a..b@docomo.example", "a..b@docomo.example"),
        ("ann@[192.0.2.1]", "ann@[192.0.2.1]"),
        ("root@localhost", "root@localhost"),
        ("_41441112233@fax.example.org", "_41441112233@fax.example.org"),
    ],
)
def test_addresses_that_can_be_written_to(address: str, kept: str) -> None:
    assert writing.ascii_address(address) == kept


@pytest.mark.parametrize(
    "address",
    ["", "ann", "@example.org", "ann@", "ann b@x.org", "ann@x.org, eve@x.org", "ann@x.org>",
     "a@b@c.org", "ann@-x.org", "a" * 250 + "@x.org", "/O=EXAMPLE/CN=ERIKA", "ann@x..\u2024",
     "ann@x..org", "ann@x.org."],
)  # fmt: skip
def test_addresses_that_can_t(address: str) -> None:
    with pytest.raises(Unwritable):
        writing.ascii_address(address)


def test_a_local_part_beyond_ascii_is_told_plainly() -> None:
    with pytest.raises(Unwritable, match=r"grüße@example\.org.* isn't ASCII"):
        writing.ascii_address("grüße@example.org")


def test_references_are_bounded() -> None:
    """The first and the last stay; what can't be cited doesn't."""
    ids = [f"{n}@x" for n in range(200)]
    octets = writing.message(headers(references=["bad id", *ids], in_reply_to="bad id"), "")
    kept = read(octets).mail.references
    assert kept == ("0@x", *ids[-49:])
    assert "In-Reply-To" not in field_names(octets)


def test_nobody_is_written_to_openly() -> None:
    """There is a To all the same, where that was asked for and nobody stands in it."""
    undisclosed = writing.message(headers(to=(), undisclosed=True), "Hello")
    assert b"\r\nTo: undisclosed-recipients:;\r\n" in undisclosed
    assert b"undisclosed" not in writing.message(headers(undisclosed=True), "Hello")
    assert b"\r\nTo:" not in writing.message(headers(to=()), "Hello")


def test_the_same_mail_has_the_same_octets_where_its_boundaries_are_seeded() -> None:
    """Both of its multiparts have their own; another seed, and none, gives others."""
    file = Attached("a.txt", "text/plain", lambda: [b"x"])
    mails = [
        b"".join(writing.pieces(headers(), "Hello", "<p>Hello</p>", (file,), seed))
        for seed in (b"one", b"one", b"other", None, None)
    ]
    assert mails[0] == mails[1]
    assert len(set(mails)) == 4
    parsed = email.message_from_bytes(mails[0], policy=email.policy.default)
    boundaries = [part.get_boundary() for part in parsed.walk() if part.is_multipart()]
    assert len(set(boundaries)) == 2


def test_no_field_stands_twice() -> None:
    with pytest.raises(Unwritable):
        writing.message(headers(own=(("bcc", "x"),)), "")
    with pytest.raises(Unwritable):
        writing.message(headers(own=(("X-a", "x"), ("x-A", "y"))), "")


def test_attachments_come_back_with_their_names() -> None:
    content = bytes(range(256)) * 3000
    files = [
        Attached("Grüße\r\nBcc: x.pdf", "application/pdf", lambda: [content[:100], content[100:]]),
        Attached('a"b.txt', "text/plain", lambda: [b"x"], True, "<pic@x>"),
        Attached("m.eml", "message/rfc822", lambda: [b"Subject: x\r\n\r\n"]),
        Attached("日本" * 60, "no type\r\n", list),
    ]
    octets = writing.message(headers(), "Text", "<p>Text</p>", files)
    assert octets.isascii()
    assert max(map(len, octets.split(b"\r\n"))) <= writing.LONGEST_LINE
    found = list(parsed(octets).iter_parts())[1:]
    assert [(one.get_filename(), one.get_content_type()) for one in found] == [
        ("Grüße Bcc: x.pdf", "application/pdf"),
        ('a"b.txt', "text/plain"),
        ("m.eml", "application/octet-stream"),
        ("日本" * 60, "application/octet-stream"),
    ]
    assert [one.get_payload(decode=True) for one in found] == [
        content,
        b"x",
        b"Subject: x\r\n\r\n",
        b"",
    ]
    assert found[1]["Content-ID"] == "<pic@x>"
    assert found[1].get_content_disposition() == "inline"
    ours = read(octets).mail.attachments
    assert [one.name for one in ours][:2] == ["Grüße Bcc: x.pdf", 'a"b.txt']
    assert ours[0].size == len(content)


@pytest.mark.parametrize("encodings", [["7bit"], ["7bit", "8bit"], ["8bit", "binary", "7bit"]])
def test_the_whole_is_encoded_as_its_widest_part(encodings: list[str]) -> None:
    """RFC 2045 6.4."""
    along = [AttachedMail("x.eml", one, lambda: [b"Subject: x\r\n\r\n"]) for one in encodings]
    octets = writing.message(headers(), "Text", None, along)
    assert parsed(octets)["Content-Transfer-Encoding"] == sorted(encodings)[-1]


def test_a_mail_goes_along_octet_for_octet() -> None:
    inner = b"Subject: x\r\n\r\n--=_a\r\nlast line without an end"
    octets = writing.message(
        headers(), "See below.", None, [AttachedMail("x.eml", "7bit", lambda: [inner])]
    )
    root = read(octets).root
    part = root.children[1]
    assert (part.type, part.subtype, part.encoding) == (b"MESSAGE", b"RFC822", b"7BIT")
    assert octets[part.body_start : part.body_end] == inner


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"", "7bit"),
        (b"a: b\r\n\r\nc", "7bit"),
        ("ü\r\n".encode(), "8bit"),
        (b"a\nb\r\n", "binary"),
        (b"a\rb\r\n", "binary"),
        (b"a\r\n\r", "binary"),
        (b"a\r\r\nb", "binary"),
        (b"a\0", "binary"),
        (b"x" * 998 + b"\r\n", "7bit"),
        (b"x" * 999 + b"\r\n", "binary"),
    ],
)
def test_how_octets_may_travel(content: bytes, encoding: str) -> None:
    """However they are cut into pieces."""
    for cut in (1, 2, 7, 2000):
        pieces = [content[n : n + cut] for n in range(0, len(content), cut)]
        assert writing.encoding_of(pieces) == encoding


def test_html_of_a_text_is_text() -> None:
    made = writing.html_of("<script>alert(\"x\")</script> & 'more'\nsecond")
    assert "<script" not in made
    assert (
        "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt; &amp; &#x27;more&#x27;<br>\nsecond"
        in made
    )


def test_html_of_a_text_has_its_lines_and_blanks() -> None:
    """Each line once, whatever the program makes of style sheets; blanks stay as many."""
    made = writing.html_of("one\n\n  two   three\n\tfour \n")
    assert made == (
        "<html><body><p>one<br>\n<br>\n&nbsp;&nbsp;two&nbsp;&nbsp; three<br>\n"
        "&nbsp;&nbsp;&nbsp;&nbsp;four </p></body></html>\n"
    )


@pytest.mark.parametrize(
    ("kind", "charset", "told"),
    [
        ("text/csv", "ISO-8859-15", ("text/csv", "iso-8859-15")),
        ("text/csv", 'x"; name="y', ("text/csv", None)),
        ("text/csv", "x\r\nBcc: y", ("text/csv", None)),
        ("application/pdf", "utf-8", ("application/pdf", None)),
    ],
)
def test_a_text_keeps_its_charset(kind: str, charset: str, told: tuple[str, str | None]) -> None:
    files = [Attached("a", kind, lambda: [b"\xa4"], charset=charset)]
    (_, found) = parsed(writing.message(headers(), "", None, files)).iter_parts()
    assert (found.get_content_type(), found.get_content_charset()) == told
    assert len(found.keys()) == 3


def test_a_large_attachment_goes_through_in_pieces() -> None:
    """No piece is larger than some hundred KiB, and none is made before it is asked for."""
    asked = []

    def octets() -> Iterator[bytes]:
        for n in range(64):
            asked.append(n)
            yield b"x" * 1_000_000

    taken = writing.pieces(headers(), "", None, [Attached("a", "a/b", octets)])
    for _ in range(4):
        assert len(next(taken)) < 400_000
    assert len(asked) <= 2
    assert sum(map(len, taken)) > 64_000_000 * 4 // 3
    assert len(asked) == 64

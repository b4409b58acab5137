"""ENVELOPE, BODY and BODYSTRUCTURE as RFC 3501 7.4.2 and 9 have them."""

from __future__ import annotations

from typing import Any

import pytest
import sexp
from corpus import MESSAGES
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.folders import structure
from imapgate.folders.ready import prepare
from imapgate.mime.index import index

RFC_EXAMPLE = (
    b"Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\n"
    b"From: Terry Gray <gray@cac.washington.edu>\r\n"
    b"Subject: IMAP4rev1 WG mtg summary and minutes\r\n"
    b"To: imap@cac.washington.edu\r\n"
    b"cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>\r\n"
    b"Message-Id: <B27397-0100000@cac.washington.edu>\r\n"
    b"MIME-Version: 1.0\r\n"
    b"Content-Type: TEXT/PLAIN; CHARSET=US-ASCII\r\n"
    b"\r\n"
) + b"line\r\n" * 92


def test_envelope_of_the_rfcs_sample_connection() -> None:
    """RFC 3501 8."""
    gray = b'(("Terry Gray" NIL "gray" "cac.washington.edu"))'
    assert prepare(RFC_EXAMPLE).envelope == (
        b'("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" '
        + b" ".join([gray] * 3)
        + b' ((NIL NIL "imap" "cac.washington.edu"))'
        b' ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU"))'
        b' NIL NIL "<B27397-0100000@cac.washington.edu>")'
    )


def test_body_of_the_rfcs_sample_connection() -> None:
    octets = 92 * 6
    assert prepare(RFC_EXAMPLE).body == (
        b'("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" %d 92)' % octets
    )


def test_multipart_has_extension_data_in_bodystructure_only() -> None:
    content = (
        b'Content-Type: multipart/mixed; boundary="=x"\r\nContent-Language: en, de\r\n\r\n'
        b"--=x\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
        b"--=x\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-ID: <1@x>\r\n"
        b"Content-Description: paper\r\nContent-MD5: abc=\r\nContent-Location: http://x/\r\n"
        b"Content-Transfer-Encoding: base64\r\n"
        b'Content-Disposition: attachment; filename="a \\"b\\".pdf"\r\n\r\nAAAA\r\n--=x--\r\n'
    )
    made = prepare(content)
    text = b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" 5 0'
    paper = b'("APPLICATION" "PDF" ("NAME" "a.pdf") "<1@x>" "paper" "BASE64" 4'  # no lines here
    assert made.body == b"(" + text + b")" + paper + b') "MIXED")'
    assert made.bodystructure == (
        b"(" + text + b" NIL NIL NIL NIL)" + paper
        + b' "abc=" ("ATTACHMENT" ("FILENAME" "a \\"b\\".pdf")) NIL "http://x/")'
        b' "MIXED" ("BOUNDARY" "=x") NIL ("EN" "DE") NIL)'
    )  # fmt: skip


@pytest.mark.parametrize("kind", [b"RFC822", b"GLOBAL"])
def test_attached_message_has_envelope_body_and_lines(kind: bytes) -> None:
    """message/global is `body-type-msg` too (RFC 9051 9)."""
    inner = "From: a@b\r\nSubject: inner\u00df\r\n\r\nx\r\ny\r\n".encode()
    made = prepare(b"Content-Type: message/" + kind.lower() + b"\r\n\r\n" + inner)
    assert sexp.whole(made.body) == [
        *[b"MESSAGE", kind, None, None, None, b"7BIT", len(inner)],
        sexp.whole(prepare(inner).envelope),
        [b"TEXT", b"PLAIN", [b"CHARSET", b"us-ascii"], None, None, b"7BIT", 6, 2],
        5,
    ]


def test_structure_that_would_be_endless_is_given_without_parameters() -> None:
    params = b"".join(b';\r\n p%d="%s"' % (at, b"v" * 150) for at in range(90))
    part = b"--x\r\nContent-Type: application/y" + params + b"\r\n\r\n\r\n"
    content = b"Content-Type: multipart/mixed; boundary=x\r\n\r\n" + part * 200 + b"--x--\r\n"
    made = prepare(content)
    assert len(made.bodystructure) < structure.LONGEST
    parts = sexp.whole(made.bodystructure)
    assert len(parts) == 200 + 5
    assert parts[0][:3] == [b"APPLICATION", b"Y", None]


@pytest.mark.parametrize("name", MESSAGES)
def test_every_nasty_message_has_a_legal_structure_and_envelope(name: str) -> None:
    _check(MESSAGES[name])


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300), st.sampled_from(sorted(MESSAGES)))
def test_any_octets_have_a_legal_structure_and_envelope(octets: bytes, name: str) -> None:
    content = MESSAGES[name]
    _check(content[: len(octets)] + octets + content[len(octets) : 20_000])


def _check(content: bytes) -> None:
    made = prepare(content)
    _check_envelope(sexp.whole(made.envelope))
    brief, full = sexp.whole(made.body), sexp.whole(made.bodystructure)
    _check_body(brief, extended=False)
    _check_body(full, extended=True)
    leaves = _leaves(index(content))
    assert _count(brief) == leaves
    assert _count(full) == leaves


def _leaves(part: Any) -> int:
    return sum(map(_leaves, part.children)) or 1


def _count(body: Any) -> int:
    if isinstance(body[0], list):
        return sum(_count(part) for part in body if isinstance(part, list) and _is_body(part))
    if body[:2] == [b"MESSAGE", b"RFC822"]:
        return _count(body[8])
    return 1


def _is_body(found: list[Any]) -> bool:
    """Parameters and dispositions are lists too, but shorter."""
    return isinstance(found[0], list) or (len(found) >= 7 and isinstance(found[6], int))


def _check_envelope(found: Any) -> None:
    assert len(found) == 10
    for at in (0, 1, 8, 9):
        assert found[at] is None or isinstance(found[at], bytes)
    for addresses in found[2:8]:
        assert addresses is None or addresses
        for address in addresses or ():
            assert len(address) == 4
            assert all(text is None or isinstance(text, bytes) for text in address)


def _check_body(found: Any, extended: bool) -> None:
    if isinstance(found[0], list):
        parts = 0
        while isinstance(found[parts], list):
            _check_body(found[parts], extended)
            parts += 1
        rest = found[parts:]
        assert isinstance(rest[0], bytes)
        assert len(rest) == (5 if extended else 1)
        if extended:
            _check_parameters(rest[1])
            _check_extension(rest[2:])
        return
    type_, subtype, params, content_id, description, encoding, octets, *rest = found
    assert all(isinstance(one, bytes) for one in (type_, subtype, encoding))
    assert encoding
    assert all(one is None or isinstance(one, bytes) for one in (content_id, description))
    assert isinstance(octets, int)
    _check_parameters(params)
    if (type_, subtype) == (b"MESSAGE", b"RFC822"):
        _check_envelope(rest[0])
        _check_body(rest[1], extended)
        assert isinstance(rest[2], int)
        rest = rest[3:]
    elif type_ == b"TEXT":
        assert isinstance(rest[0], int)
        rest = rest[1:]
    assert len(rest) == (4 if extended else 0)
    if extended:
        assert rest[0] is None or isinstance(rest[0], bytes)
        _check_extension(rest[1:])


def _check_extension(found: list[Any]) -> None:
    disposition, language, location = found
    if disposition is not None:
        kind, params = disposition
        assert isinstance(kind, bytes)
        _check_parameters(params)
    assert language is None or all(isinstance(one, bytes) for one in language)
    assert location is None or isinstance(location, bytes)


def _check_parameters(found: Any) -> None:
    assert found is None or (found and len(found) % 2 == 0)
    assert all(isinstance(one, bytes) for one in found or ())

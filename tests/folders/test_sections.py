"""BODY[...]: every section of a message is the slice that RFC 3501 6.4.5 means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from corpus import MESSAGES
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.folders.sections import Piece, Sections, cut, total, write
from imapgate.mime.index import Content, Part, index
from imapgate.wire.commands import Section

# The example of RFC 3501 6.4.5, part by part.
TEXT_1 = b"one"
TEXT_3_1 = b"three one"
TEXT_3_2 = b"three two"
TEXT_4_1 = b"four one"
TEXT_4_2_1 = b"four two one"
TEXT_4_2_2_1 = b"four two two one"
TEXT_4_2_2_2 = b"four two two two"
MIME_1 = b"Content-Type: text/plain\r\n\r\n"
MIME_GIF = b"Content-Type: image/gif\r\nContent-ID: <x@y>\r\n\r\n"
MIME_MESSAGE = b"Content-Type: message/rfc822\r\n\r\n"
MIME_MIXED = b"Content-Type: multipart/mixed; boundary=four\r\n\r\n"
MIME_ALTERNATIVE = b"Content-Type: multipart/alternative; boundary=deep\r\n\r\n"


def _multipart(boundary: bytes, *parts: bytes) -> bytes:
    mark = b"--" + boundary
    return b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


HEADER_3 = b"Subject: third\r\nContent-Type: multipart/mixed; boundary=three\r\n\r\n"
BODY_3 = _multipart(b"three", MIME_1 + TEXT_3_1, MIME_1 + TEXT_3_2)
BODY_4_2_2 = _multipart(b"deep", MIME_1 + TEXT_4_2_2_1, MIME_1 + TEXT_4_2_2_2)
HEADER_4_2 = b"Subject: fourth\r\nContent-Type: multipart/mixed; boundary=inner\r\n\r\n"
BODY_4_2 = _multipart(b"inner", MIME_1 + TEXT_4_2_1, MIME_ALTERNATIVE + BODY_4_2_2)
BODY_4 = _multipart(b"four", MIME_GIF + TEXT_4_1, MIME_MESSAGE + HEADER_4_2 + BODY_4_2)
HEADER = (
    b"From: ann@example.org\r\nSubject: whole\r\n folded\r\nReceived: a\r\nreceived: b\r\n"
    b"Content-Type: multipart/mixed; boundary=top\r\n\r\n"
)
BODY = b"preamble\r\n" + _multipart(
    b"top",
    MIME_1 + TEXT_1,
    MIME_GIF + b"GIF",
    MIME_MESSAGE + HEADER_3 + BODY_3,
    MIME_MIXED + BODY_4,
)
EXAMPLE = HEADER + BODY
INNER_3 = HEADER_3 + BODY_3
INNER_4_2 = HEADER_4_2 + BODY_4_2

EXPECTED: list[tuple[tuple[int, ...], bytes, bytes | None]] = [
    ((), b"", EXAMPLE),
    ((), b"HEADER", HEADER),
    ((), b"TEXT", BODY),
    ((1,), b"", TEXT_1),
    ((1,), b"MIME", MIME_1),
    ((1,), b"HEADER", b""),
    ((1,), b"TEXT", b""),
    ((2,), b"", b"GIF"),
    ((2,), b"MIME", MIME_GIF),
    ((3,), b"", INNER_3),
    ((3,), b"MIME", MIME_MESSAGE),
    ((3,), b"HEADER", HEADER_3),
    ((3,), b"TEXT", BODY_3),
    ((3, 1), b"", TEXT_3_1),
    ((3, 2), b"", TEXT_3_2),
    ((3, 2), b"MIME", MIME_1),
    ((4,), b"", BODY_4),
    ((4,), b"MIME", MIME_MIXED),
    ((4, 1), b"", TEXT_4_1),
    ((4, 1), b"MIME", MIME_GIF),
    ((4, 2), b"", INNER_4_2),
    ((4, 2), b"HEADER", HEADER_4_2),
    ((4, 2), b"TEXT", BODY_4_2),
    ((4, 2, 1), b"", TEXT_4_2_1),
    ((4, 2, 2), b"", BODY_4_2_2),
    ((4, 2, 2), b"MIME", MIME_ALTERNATIVE),
    ((4, 2, 2, 1), b"", TEXT_4_2_2_1),
    ((4, 2, 2, 2), b"", TEXT_4_2_2_2),
    ((5,), b"", None),
    ((1, 1), b"", None),
    ((2, 1), b"MIME", None),
    ((3, 3), b"", None),
    ((4, 3), b"HEADER", None),
    ((4_294_967_295,), b"", None),
]


def read(content: Content, section: Section) -> bytes | None:
    pieces = Sections.read(write(content, index(content))).pieces(section)
    return None if pieces is None else octets(content, pieces)


def octets(content: Content, pieces: Sequence[Piece]) -> bytes:
    found = b"".join(one if isinstance(one, bytes) else content[one[0] : one[1]] for one in pieces)
    assert len(found) == total(pieces)
    return found


@pytest.mark.parametrize(("path", "text", "expected"), EXPECTED)
def test_sections_of_the_rfcs_example(
    path: tuple[int, ...], text: bytes, expected: bytes | None
) -> None:
    found = read(EXAMPLE, Section(path, text))
    assert found == expected


@pytest.mark.parametrize(
    ("path", "text", "fields", "expected"),
    [
        ((), b"HEADER.FIELDS", (b"SUBJECT",), b"Subject: whole\r\n folded\r\n\r\n"),
        ((), b"HEADER.FIELDS", (b"received",), b"Received: a\r\nreceived: b\r\n\r\n"),
        (
            (),
            b"HEADER.FIELDS",
            (b"SUBJECT", b"FROM", b"X"),
            b"From: ann@example.org\r\nSubject: whole\r\n folded\r\n\r\n",
        ),
        ((), b"HEADER.FIELDS", (b"NONE",), b"\r\n"),
        (
            (),
            b"HEADER.FIELDS.NOT",
            (b"RECEIVED", b"CONTENT-TYPE"),
            b"From: ann@example.org\r\nSubject: whole\r\n folded\r\n\r\n",
        ),
        ((), b"HEADER.FIELDS.NOT", (b"NONE",), HEADER),
        ((3,), b"HEADER.FIELDS", (b"SUBJECT",), b"Subject: third\r\n\r\n"),
        (
            (4, 2),
            b"HEADER.FIELDS.NOT",
            (b"SUBJECT",),
            b"Content-Type: multipart/mixed; boundary=inner\r\n\r\n",
        ),
        ((1,), b"HEADER.FIELDS", (b"SUBJECT",), b""),
        ((9,), b"HEADER.FIELDS", (b"SUBJECT",), None),
    ],
)
def test_header_fields_in_the_messages_order_with_a_blank_line(
    path: tuple[int, ...], text: bytes, fields: tuple[bytes, ...], expected: bytes | None
) -> None:
    assert read(EXAMPLE, Section(path, text, fields)) == expected


def test_header_fields_of_a_header_without_end_still_end() -> None:
    """Clients read such an answer up to its blank line."""
    for content in (b"Subject: x", b"Subject: x\r\n"):
        section = Section((), b"HEADER.FIELDS", (b"SUBJECT",))
        assert read(content, section) == b"Subject: x\r\n\r\n"


def test_message_that_is_not_multipart_has_part_one() -> None:
    content = b"Subject: x\r\n\r\ntext"
    assert read(content, Section((1,))) == b"text"
    assert read(content, Section((1,), b"MIME")) == b"Subject: x\r\n\r\n"
    assert read(content, Section((2,))) is None
    assert read(content, Section((1, 1))) is None


def test_message_that_is_a_message_has_the_inner_one_as_part_one() -> None:
    inner = b"Subject: inner\r\n\r\ntext"
    content = b"Subject: outer\r\nContent-Type: message/rfc822\r\n\r\n" + inner
    assert read(content, Section((1,))) == inner
    assert read(content, Section((1,), b"HEADER")) == b"Subject: inner\r\n\r\n"
    assert read(content, Section((1, 1))) == b"text"
    assert read(content, Section((), b"TEXT")) == inner


@pytest.mark.parametrize("name", MESSAGES)
def test_every_section_of_every_nasty_message_is_its_parts_slice(name: str) -> None:
    content = MESSAGES[name]
    root = index(content)
    sections = Sections.read(write(content, root))

    def found(path: tuple[int, ...], text: bytes = b"") -> bytes:
        pieces = sections.pieces(Section(path, text))
        assert pieces is not None
        return octets(content, pieces)

    assert found(()) == content
    assert found((), b"HEADER") + found((), b"TEXT") == content
    for path, part in _parts(root):
        assert found(path) == content[part.body_start : part.body_end]
        assert found(path, b"MIME") == content[part.header_start : part.body_start]
        if part.type == b"MESSAGE" and part.children:
            assert found(path, b"HEADER") + found(path, b"TEXT") == found(path)
            assert found(path, b"HEADER").count(b"\n") <= found(path).count(b"\n")
        else:
            assert found(path, b"HEADER") == b""
    assert sections.pieces(Section((len(root.children) + 1001,))) is None


@pytest.mark.parametrize("name", MESSAGES)
def test_fields_and_the_other_fields_are_the_whole_header(name: str) -> None:
    content = MESSAGES[name]
    root = index(content)
    sections = Sections.read(write(content, root))
    names = sorted({field.name for field in root.fields})
    for wanted in [*names[:5], b"no-such-field"]:
        chosen = sections.pieces(Section((), b"HEADER.FIELDS", (wanted,)))
        others = sections.pieces(Section((), b"HEADER.FIELDS.NOT", (wanted,)))
        assert chosen is not None
        assert others is not None
        both = sorted(piece for piece in [*chosen, *others] if not isinstance(piece, bytes))
        at = 0
        for start, end in both:
            assert start == at
            at = end
        assert at == root.body_start
        expected = b"".join(
            content[field.start : field.end]
            for field in root.fields
            if field.name.lower() == wanted.lower()
        )
        # Offsets only decide; a missing line end is added.
        assert octets(content, chosen) in (expected + b"\r\n", expected + b"\r\n\r\n")


def _parts(root: Part) -> Iterator[tuple[tuple[int, ...], Part]]:
    """Numbers as in RFC 3501 6.4.5, found apart from the code under test."""

    def of_message(message: Part, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Part]]:
        if message.type == b"MULTIPART":
            for number, child in enumerate(message.children, start=1):
                yield from of_part(child, (*path, number))
        else:
            yield from of_part(message, (*path, 1))

    def of_part(part: Part, path: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Part]]:
        yield path, part
        if part.type == b"MESSAGE":
            for child in part.children:
                yield from of_message(child, path)
        else:
            for number, child in enumerate(part.children, start=1):
                yield from of_part(child, (*path, number))

    return of_message(root, ())


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=5),
            st.tuples(st.integers(0, 30), st.integers(0, 10)).map(lambda x: (x[0], x[0] + x[1])),
        ),
        max_size=6,
    ),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_partial_is_the_slice_of_the_whole(pieces: list[Piece], origin: int, length: int) -> None:
    content = bytes(range(40))
    whole = octets(content, pieces)
    assert octets(content, cut(pieces, origin, length)) == whole[origin : origin + length]

"""Where every part stands in the bytes."""

from __future__ import annotations

import email
import email.message
import email.policy
import mmap
from collections.abc import Iterator
from pathlib import Path

import pytest
from corpus import MESSAGES
from corpus_structures import HTML, IMAGE, PDF, TEXT, headed, multipart
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.mime.index import LEVELS, PARTS, Part, field, index
from imapgate.mime.reading import part_at


def walk(part: Part) -> Iterator[Part]:
    yield part
    for child in part.children:
        yield from walk(child)


def bodies(raw: bytes) -> list[tuple[str, str, bytes]]:
    """(section, type/subtype, body) of every part but multiparts, in order."""
    return [
        (
            part.section,
            f"{part.type.decode()}/{part.subtype.decode()}",
            raw[part.body_start : part.body_end],
        )
        for part in walk(index(raw))
        if part.type != b"MULTIPART"
    ]


def check_offsets(raw: bytes, part: Part) -> None:
    """In bounds, in order, and children within their parent's body."""
    assert 0 <= part.header_start <= part.body_start <= part.body_end <= len(raw)
    position = part.header_start
    for known in part.fields:
        assert position <= known.start < known.value_start <= known.end <= part.body_start
        assert raw[known.start : known.start + len(known.name)] == known.name
        position = known.end
    position = part.body_start
    for child in part.children:
        assert position <= child.header_start
        check_offsets(raw, child)
        position = child.body_end
    assert position <= part.body_end
    assert bool(part.children) == (
        part.type == b"MULTIPART" or (part.type, part.subtype) == (b"MESSAGE", b"RFC822")
    )
    expected_lines = (
        raw[part.body_start : part.body_end].count(b"\n")
        if part.type in (b"TEXT", b"MESSAGE")
        else 0
    )
    assert part.lines == expected_lines


INNER_MULTI = b"Content-Type: message/rfc822\r\n\r\nSubject: in\r\n" + multipart(
    "mixed", "in", TEXT, HTML
)
INNER_SINGLE = b"Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nsingle"

TABLE = {
    "plain": (b"A: b\r\n\r\nHello\r\n", [("", "TEXT/PLAIN", b"Hello\r\n")]),
    "no header": (b"Hello\n", [("", "TEXT/PLAIN", b"Hello\n")]),
    "blank line first": (b"\r\nHello", [("", "TEXT/PLAIN", b"Hello")]),
    "no blank line": (b"A: b\r\nHello\r\n", [("", "TEXT/PLAIN", b"Hello\r\n")]),
    "header alone": (b"A: b\r\nC: d", [("", "TEXT/PLAIN", b"")]),
    "two parts": (
        headed("x", multipart("mixed", "b", TEXT, PDF)),
        [("1", "TEXT/PLAIN", b"Hello world"), ("2", "APPLICATION/PDF", b"JVBERi0xLjQK")],
    ),
    "two parts, line feeds": (
        headed("x", multipart("mixed", "b", TEXT, PDF)).replace(b"\r\n", b"\n"),
        [("1", "TEXT/PLAIN", b"Hello world"), ("2", "APPLICATION/PDF", b"JVBERi0xLjQK")],
    ),
    "preamble and epilogue": (
        MESSAGES["preamble_and_epilogue"],
        [("1", "TEXT/PLAIN", b"x")],
    ),
    "empty parts": (
        MESSAGES["parts_empty"],
        [("1", "TEXT/PLAIN", b""), ("2", "TEXT/PLAIN", b""), ("3", "TEXT/PLAIN", b"")],
    ),
    "part without blank line": (MESSAGES["part_without_blank_line"], [("1", "TEXT/PLAIN", b"")]),
    "unterminated": (
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n",
        [("1", "TEXT/PLAIN", b"one"), ("2", "TEXT/PLAIN", b"two\r\n")],
    ),
    "inner never closed": (
        headed("x", multipart("mixed", "o", multipart("mixed", "i", TEXT, closed=False), PDF)),
        [("1.1", "TEXT/PLAIN", b"Hello world\r\n"), ("2", "APPLICATION/PDF", b"JVBERi0xLjQK")],
    ),
    "outer boundary begins with the inner one": (
        headed("x", multipart("mixed", "b-x", multipart("mixed", "b", TEXT), PDF)),
        [("1.1", "TEXT/PLAIN", b"Hello world"), ("2", "APPLICATION/PDF", b"JVBERi0xLjQK")],
    ),
    "inner boundary begins with the outer one": (
        headed("x", multipart("mixed", "b", multipart("mixed", "b-x", TEXT), PDF)),
        [("1.1", "TEXT/PLAIN", b"Hello world"), ("2", "APPLICATION/PDF", b"JVBERi0xLjQK")],
    ),
    "boundary with blanks behind": (MESSAGES["boundary_with_blanks"], [("1", "TEXT/PLAIN", b"x")]),
    "closing boundary at the very end": (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b--",
        [("1", "TEXT/PLAIN", b"x")],
    ),
    "a line that only begins like the boundary": (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--bc\n--b--c\ny\n--b--\n",
        [("1", "TEXT/PLAIN", b"x\n--bc\n--b--c\ny")],
    ),
    "digest": (
        headed(
            "x", multipart("digest", "b", b"\r\nSubject: a\r\n\r\nA", b"\r\nSubject: b\r\n\r\nB")
        ),
        [
            ("1", "MESSAGE/RFC822", b"Subject: a\r\n\r\nA"),
            ("1", "TEXT/PLAIN", b"A"),
            ("2", "MESSAGE/RFC822", b"Subject: b\r\n\r\nB"),
            ("2", "TEXT/PLAIN", b"B"),
        ],
    ),
    "message with one part": (
        headed("x", multipart("mixed", "b", TEXT, INNER_SINGLE)),
        [
            ("1", "TEXT/PLAIN", b"Hello world"),
            ("2", "MESSAGE/RFC822", b"Subject: in\r\n\r\nsingle"),
            ("2", "TEXT/PLAIN", b"single"),
        ],
    ),
    "message that is a multipart": (
        headed("x", multipart("mixed", "b", TEXT, INNER_MULTI)),
        [
            ("1", "TEXT/PLAIN", b"Hello world"),
            ("2", "MESSAGE/RFC822", INNER_MULTI.split(b"\r\n\r\n", 1)[1]),
            ("2.1", "TEXT/PLAIN", b"Hello world"),
            ("2.2", "TEXT/HTML", b"<p>Hello <b>world</b></p>"),
        ],
    ),
    "message in base64 is a leaf": (
        b"Content-Type: message/rfc822\nContent-Transfer-Encoding: BASE64\n\nQTogYg0KDQp4",
        [("", "APPLICATION/OCTET-STREAM", b"QTogYg0KDQp4")],
    ),
    "multipart without boundary is text": (
        b"Content-Type: multipart/mixed\n\n--b\n\nx",
        [("", "TEXT/PLAIN", b"--b\n\nx")],
    ),
    "multipart whose boundary never comes is text": (
        b"Content-Type: multipart/mixed; boundary=b\n\nx",
        [("", "TEXT/PLAIN", b"x")],
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_parts_stand_where_they_are(name: str) -> None:
    """The body of every part is exactly the slice that its offsets give."""
    raw, expected = TABLE[name]
    assert bodies(raw) == expected


@pytest.mark.parametrize("name", MESSAGES)
def test_offsets_of_the_corpus_are_sound(name: str) -> None:
    """In bounds, ordered and nested, for every message of the corpus."""
    raw = MESSAGES[name]
    root = index(raw)
    assert (root.section, root.header_start, root.body_end) == ("", 0, len(raw))
    check_offsets(raw, root)


def test_a_memory_map_gives_the_same_structure(tmp_path: Path) -> None:
    """Large messages are read from a map, never held whole."""
    for raw in MESSAGES.values():
        path = tmp_path / "message"
        path.write_bytes(raw)
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            assert index(content) == index(raw)


@settings(deadline=None, max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            [
                b"Content-Type: multipart/mixed; boundary=b\n",
                b'Content-Type: multipart/digest; boundary="bb"\r\n',
                b"Content-Type: message/rfc822\n",
                b"--b\n",
                b"--bb\r\n",
                b"--b--\n",
                b"--bb--",
                b"\n",
                b"\r\n",
                b" folded\n",
                b"Subject: x\n",
                b"\0\xff",
                b"text",
            ]
        ),
        max_size=40,
    ).map(b"".join)
    | st.binary(max_size=300)
)
def test_any_bytes_have_a_sound_structure(raw: bytes) -> None:
    """No message is refused for its form; offsets are in bounds, ordered and nested."""
    root = index(raw)
    check_offsets(raw, root)
    assert root.body_end == len(raw)


SANE = (
    "alternative",
    "mixed",
    "mixed_two_texts",
    "related_in_alternative",
    "signed",
    "attached_message",
    "attached_multipart_message",
    "digest",
    "plain",
    "name_missing",
    "unterminated",
)


@pytest.mark.parametrize("name", SANE)
def test_structure_agrees_with_the_standard_library(name: str) -> None:
    """As many parts, of the same types, as `email` finds in a sane message."""

    def types(message: email.message.Message) -> Iterator[str]:
        yield message.get_content_type()
        if message.is_multipart():
            for child in message.get_payload():
                yield from types(child)

    raw = MESSAGES[name]
    ours = [(part.type + b"/" + part.subtype).decode().lower() for part in walk(index(raw))]
    assert ours == list(types(email.message_from_bytes(raw, policy=email.policy.compat32)))


NUMBERED = headed(
    "x",
    multipart(
        "mixed", "o", TEXT, INNER_MULTI, INNER_SINGLE, multipart("related", "r", HTML, IMAGE)
    ),
)


@pytest.mark.parametrize(
    ("section", "subtype"),
    [
        ("", b"MIXED"),
        ("1", b"PLAIN"),
        ("2", b"RFC822"),
        ("2.1", b"PLAIN"),
        ("2.2", b"HTML"),
        ("3", b"RFC822"),
        ("3.1", b"PLAIN"),
        ("4", b"RELATED"),
        ("4.1", b"HTML"),
        ("4.2", b"PNG"),
    ],
)
def test_part_numbers_are_those_of_rfc_3501(section: str, subtype: bytes) -> None:
    """Inside a message/rfc822 the parts of a multipart count n.1, n.2; a single part is n.1."""
    part = part_at(index(NUMBERED), section)
    assert part is not None
    assert part.subtype == subtype


NO_SUCH = ("0", "5", "1.1", "3.2", "2.3", "2.1.1", "x", "1.", ".1", "4.2.1", "٣", "9" * 5000)


@pytest.mark.parametrize("section", NO_SUCH)
def test_there_is_no_such_part(section: str) -> None:
    """Numbers that lead nowhere give None."""
    assert part_at(index(NUMBERED), section) is None


def test_a_message_without_parts_is_its_own_part_one() -> None:
    """RFC 3501 6.4.5: every message has at least one part number."""
    root = index(b"A: b\r\n\r\nHello")
    assert part_at(root, "1") is root
    assert part_at(root, "1.1") is None
    for kind in (b"rfc822", b"Global"):
        message = index(b"Content-Type: message/" + kind + b"\r\n\r\nSubject: x\r\n\r\nHello")
        assert part_at(message, "1") is message
        assert part_at(message, "1.1") is message.children[0]


def test_at_most_a_thousand_parts() -> None:
    """Beyond the bound the last part takes what is left."""
    raw = MESSAGES["multipart_1500_parts"]
    root = index(raw)
    assert sum(1 for _ in walk(root)) == PARTS
    assert root.children[-1].body_end == len(raw)


@pytest.mark.parametrize("name", ["multipart_60_levels", "messages_60_levels"])
def test_at_most_fifty_levels(name: str) -> None:
    """What is nested deeper is a leaf."""
    levels, part = 1, index(MESSAGES[name])
    while part.children:
        levels, part = levels + 1, part.children[0]
    assert levels == LEVELS


def test_what_a_part_says_of_itself() -> None:
    """Content fields, with quoting undone and names in upper case."""
    raw = (
        b'content-type: Image/Png; Name="a \\"b\\" c.png"; x=y z\r\n'
        b"Content-ID: <cid@x>\r\nContent-Description: a\r\n picture\r\nContent-MD5: abc==\r\n"
        b'Content-Disposition: attachment; filename="C:\\x.png"\r\nContent-Language: de, en-GB\r\n'
        b"Content-Location: http://x/y\r\nContent-Transfer-Encoding: Base64 (really)\r\n\r\n"
    )
    part = index(raw)
    assert (part.type, part.subtype) == (b"IMAGE", b"PNG")
    assert part.params == ((b"NAME", b'a "b" c.png'), (b"X", b"y z"))
    assert (part.content_id, part.description, part.md5) == (b"<cid@x>", b"a picture", b"abc==")
    assert part.disposition == (b"ATTACHMENT", ((b"FILENAME", b"C:\\x.png"),))
    assert (part.language, part.location) == ((b"DE", b"EN-GB"), b"http://x/y")
    assert part.encoding == b"BASE64"


def test_a_part_that_says_nothing_is_plain_ascii_text() -> None:
    """RFC 2045 5.2."""
    part = index(b"Subject: x\r\n\r\nHello\r\nworld\r\n")
    assert (part.type, part.subtype, part.params) == (
        b"TEXT",
        b"PLAIN",
        ((b"CHARSET", b"us-ascii"),),
    )
    assert (part.encoding, part.disposition, part.lines) == (b"7BIT", None, 2)


def test_a_field_is_unfolded() -> None:
    """Line ends and NULs go, the folding blank stays; the first of several counts."""
    raw = b"Subject:  one\r\n\ttwo\0 \r\nSUBJECT: three\r\n\r\n"
    assert field(raw, index(raw), b"subject") == b"one\ttwo"
    assert field(raw, index(raw), b"To") is None

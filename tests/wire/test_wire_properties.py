"""What holds for all input: the parser's only error, and values that come back as they were."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.wire import commands as c
from imapgate.wire import responses
from imapgate.wire.framing import Framing, Line, LiteralEnd, LiteralHead, LiteralPart
from imapgate.wire.grammar import COMMANDS, BadCommand, GrammarLimits, Literal, Parsed, parse, peek

LIMITS = GrammarLimits()

WORDS = st.sampled_from(
    [
        *COMMANDS,
        *(b"(", b")", b'"', b"\\", b"[", b"]", b"{3}", b"<0.5>", b"~", b"*", b"%", b"&", b"&AOQ-"),
        *(b"1:*", b"4,2", b"0", b"4294967296", b"NIL", b"INBOX", b"FLAGS", b"+FLAGS.SILENT"),
        *(b"\\Seen", b"$a", b"BODY[", b"BODY.PEEK[1.MIME]", b"HEADER.FIELDS", b"ALL", b"OR"),
        *(b"NOT", b"FROM", b"SINCE", b"1-Feb-1994", b"CHARSET", b"UTF-8", b'"a b"', b"\xff"),
        *(b"(FLAGS", b"UID)", b"RETURN", b"LARGER", b"\r", b"\n", b"\x00", b"("),
    ]
)
TEXTS = st.lists(WORDS | st.binary(max_size=6), max_size=8).map(b" ".join)
LITERALS = st.binary(max_size=8).map(Literal)


@st.composite
def parts(draw: st.DrawFn) -> list[bytes | Literal]:
    """Texts with literals between them, as the framing gives them."""
    found: list[bytes | Literal] = [b"a " + draw(TEXTS)]
    for literal in draw(st.lists(LITERALS, max_size=3)):
        found += [literal, draw(TEXTS)]
    return found


def outcome(command: list[bytes | Literal]) -> Parsed | BadCommand:
    try:
        return parse(command, LIMITS)
    except BadCommand as bad:
        return bad


@settings(deadline=None, max_examples=200)
@given(parts())
def test_the_parser_raises_nothing_but_bad_command(command: list[bytes | Literal]) -> None:
    found = outcome(command)
    if isinstance(found, BadCommand):
        assert found.text.isascii()
        assert len(found.text) < 200
        assert found.tag in (b"a", None)
    else:
        assert found.tag == b"a"
        assert isinstance(found.command, c.Command)


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=40))
def test_random_octets_are_at_worst_bad(line: bytes) -> None:
    tag, name = peek(line)
    assert name == name.upper()
    assert outcome([line]).tag == tag


def through_framing(written: bytes) -> list[bytes | Literal]:
    """Server output read as a client's line would be, one octet at a time."""
    framing = Framing(100_000)
    found: list[bytes | Literal] = []
    literal = bytearray()
    for octet in written:
        framing.feed(bytes([octet]))
        for event in framing.events():
            match event:
                case Line(text, _):
                    found.append(text)
                case LiteralHead():
                    framing.accept()
                case LiteralPart(octets):
                    literal += octets
                case LiteralEnd():
                    found.append(Literal(bytes(literal)))
                    literal.clear()
    return found


STRINGS = st.binary(max_size=30).map(lambda octets: octets.replace(b"\x00", b"x"))


@settings(deadline=None, max_examples=200)
@given(STRINGS, STRINGS)
def test_a_written_string_is_read_as_the_same_octets(user: bytes, password: bytes) -> None:
    strings = (responses.nstring(user), responses.astring(password))
    parsed = parse(through_framing(b"a LOGIN %b %b\r\n" % strings), LIMITS)
    assert parsed.command == c.Login(user, password)


@settings(deadline=None, max_examples=200)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_a_written_mailbox_is_read_as_the_same_name(name: str) -> None:
    (line,) = through_framing(b"a SELECT %b\r\n" % responses.mailbox(name))
    expected = "INBOX" if name.upper() == "INBOX" else name
    assert parse([line], LIMITS).command == c.Select(expected)


def test_deep_nesting_ends_in_bad_command_however_long() -> None:
    for opening in (b"(", b"NOT ", b"OR ", b"(NOT "):
        with pytest.raises(BadCommand):
            parse([b"a SEARCH " + opening * 10_000 + b"ALL"], LIMITS)

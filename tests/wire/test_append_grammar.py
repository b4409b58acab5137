"""APPEND's forms of a message (RFC 3501 9, literal8 RFC 4466, UTF8 RFC 6855 4), REPLACE (RFC 8508
5), BINARY's items (RFC 3516 7)."""

from __future__ import annotations

import datetime

import pytest

from imapgate.wire.append_grammar import completed
from imapgate.wire.commands import Append, AppendMessage, BinaryItem, Fetch, Replace
from imapgate.wire.grammar import BadCommand, GrammarLimits, Literal, appended, parse
from imapgate.wire.numbers import STAR, NumberSet

LIMITS = GrammarLimits()
MAIL = Literal(b"a\0b")
DATE = b'"17-Jul-1996 02:44:25 +0000"'
AT = datetime.datetime(1996, 7, 17, 2, 44, 25, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("before", "after", "flags", "date"),
    [
        (b"", b"", (), None),
        (b"~", b"", (), None),
        (b"(\\Seen) ~", b"", (b"\\Seen",), None),
        (b"(\\Seen) " + DATE + b" ~", b"", (b"\\Seen",), AT),
        (b"UTF8 (~", b")", (), None),
        (b"utf8 (~", b")", (), None),
        (b"() UTF8 (~", b")", (), None),
        (DATE + b" UTF8  ( ~", b" )  ", (), AT),
    ],
)
def test_a_message_of_an_append(
    before: bytes, after: bytes, flags: tuple[bytes, ...], date: datetime.datetime | None
) -> None:
    """Alone, and twice in one command."""
    one = AppendMessage(flags, date, MAIL.content)
    parts = [b"a APPEND x " + before, MAIL, after]
    assert parse(parts, LIMITS).command == Append("x", (one,))
    twice = [parts[0], MAIL, after.rstrip() + b" " + before, MAIL, after]
    assert parse(twice, LIMITS).command == Append("x", (one, one))


@pytest.mark.parametrize("before", [b"", b"~", b"(\\Seen) ~", b"UTF8 (~", b"utf8  ( ~"])
def test_an_announced_message_is_taken_as_come(before: bytes) -> None:
    """For what is said before an upload."""
    for parts in ([b"a APPEND x " + before], [b"a APPEND x ", MAIL, b" " + before]):
        command = parse(completed(parts), LIMITS).command
        assert isinstance(command, Append)
        assert command.messages[-1].content == b""


@pytest.mark.parametrize(
    ("text", "item"),
    [
        (b"BINARY[]", BinaryItem((), False, b"BINARY[]")),
        (b"binary[1]", BinaryItem((1,), False, b"BINARY[1]")),
        (b"BINARY.PEEK[1.2]", BinaryItem((1, 2), True, b"BINARY[1.2]")),
        (b"BINARY.PEEK[1]<0.10>", BinaryItem((1,), True, b"BINARY[1]", (0, 10))),
        (b"Binary.Size[1.42949]", BinaryItem((1, 42949), True, b"BINARY.SIZE[1.42949]", size=True)),
        (b"BINARY.SIZE[]", BinaryItem((), True, b"BINARY.SIZE[]", size=True)),
    ],
)  # fmt: skip
def test_binary(text: bytes, item: BinaryItem) -> None:
    """`section-binary` (RFC 3516 7)."""
    for items in (text, b"(" + text + b")"):
        command = parse([b"a FETCH 1 " + items], LIMITS).command
        assert isinstance(command, Fetch)
        assert command.items == (item,)


@pytest.mark.parametrize(
    "text",
    [
        b"BINARY",
        b"BINARY.PEEK",
        b"BINARY[0]",
        b"BINARY[1",
        b"BINARY[1.]",
        b"BINARY[HEADER]",
        b"BINARY[1.TEXT]",
        b"BINARY[4294967296]",
        b"BINARY[1]<1>",
        b"BINARY[1]<1.0>",
        b"BINARY.SIZE[1]<0.1>",
        b"BINARY.SIZE.PEEK[1]",
        b"BINARY.PEEK.SIZE[1]",
    ],
)
def test_a_bad_binary_is_bad(text: bytes) -> None:
    with pytest.raises(BadCommand):
        parse([b"a FETCH 1 " + text], LIMITS)


@pytest.mark.parametrize(
    ("number", "ranges"), [(b"4", ((4, 4),)), (b"*", ((STAR, STAR),)), (b"4294967295", None)]
)
def test_replace(number: bytes, ranges: tuple[tuple[int, int], ...] | None) -> None:
    """RFC 8508 5: one number, then what APPEND has."""
    wanted = NumberSet(ranges or ((4294967295, 4294967295),))
    message = AppendMessage((b"\\Seen",), AT, MAIL.content)
    for name, by_uid in ((b"REPLACE", False), (b"uid Replace", True)):
        parts = [b"a %b %b x (\\Seen) %b ~" % (name, number, DATE), MAIL, b""]
        assert parse(parts, LIMITS).command == Replace("x", (message,), wanted, by_uid)


@pytest.mark.parametrize(
    "words",
    [b"", b"0 x", b"1,2 x", b"1:2 x", b"4294967296 x", b"x 1", b"-1 x"],
)  # fmt: skip
def test_a_bad_replace_is_bad(words: bytes) -> None:
    """Its message is found all the same, to be kept."""
    parts = [b"a REPLACE " + words + b" ", MAIL, b""]
    with pytest.raises(BadCommand):
        parse(parts, LIMITS)
    kept = appended(parts, LIMITS)
    assert kept is not None
    assert [one.content for one in kept.messages] == [MAIL.content]

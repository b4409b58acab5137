"""LIST's options and patterns as typed values (RFC 5258 6, RFC 5819 4, RFC 6154 6, RFC 8440)."""

from __future__ import annotations

import pytest

from imapgate.wire.commands import List
from imapgate.wire.grammar import BadCommand, GrammarLimits, Literal, parse

LIMITS = GrammarLimits(list_patterns=3, folder_name=20)


def one(line: bytes | list[bytes | Literal]) -> object:
    parts = [line] if isinstance(line, bytes) else line
    return parse([b"a " + parts[0], *parts[1:]], LIMITS).command  # type: ignore[operator]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'LIST "" %', List("", ("%",))),
        (b'list () "" "*"', List("", ("*",), True)),
        (b'LIST (SPECIAL-use) "" "*"', List("", ("*",), True, frozenset((b"SPECIAL-USE",)))),
        (b'LIST (REMOTE) "" %', List("", ("%",), True, frozenset((b"REMOTE",)))),
        (
            b'LIST (subscribed REMOTE recursivematch SUBSCRIBED) "" %',
            List("", ("%",), True, frozenset((b"SUBSCRIBED", b"REMOTE", b"RECURSIVEMATCH"))),
        ),
        (b'LIST "" (INBOX Drafts "Sent/%")', List("", ("INBOX", "Drafts", "Sent/%"), True)),
        (b'LIST "a/" ("" % )', List("a/", ("", "%"), True)),
        (b'LIST "" (B&APw-ro)', List("", ("Büro",), True)),
        (b'LIST "" "*" RETURN ()', List("", ("*",), True)),
        (
            b'LIST "" "*" return (CHILDREN special-use SUBSCRIBED MYRIGHTS CHILDREN)',
            List(
                "",
                ("*",),
                True,
                returned=frozenset((b"CHILDREN", b"SPECIAL-USE", b"SUBSCRIBED", b"MYRIGHTS")),
            ),
        ),
        (
            b'LIST "" % RETURN (STATUS (MESSAGES unseen) CHILDREN status (SIZE MESSAGES))',
            List(
                "",
                ("%",),
                True,
                returned=frozenset((b"CHILDREN",)),
                status=(b"MESSAGES", b"UNSEEN", b"SIZE"),
            ),
        ),
        (
            [b'LIST "" (', Literal(b"one two"), b" ", Literal(b"x"), b") RETURN (CHILDREN)"],
            List("", ("one two", "x"), True, returned=frozenset((b"CHILDREN",))),
        ),
    ],
)
def test_options_and_patterns(line: bytes | list[bytes | Literal], expected: List) -> None:
    """Options count once and in any order; each of the three ways makes the command extended."""
    assert one(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        b'LIST (FOO) "" *',
        b'LIST (RECURSIVEMATCH) "" *',
        b'LIST (REMOTE RECURSIVEMATCH) "" *',
        b'LIST (SPECIAL-USE RECURSIVEMATCH) "" *',
        b'LIST (SUBSCRIBED "" *',
        b'LIST (SUBSCRIBED)"" *',
        b'LIST (STATUS) "" *',
        b'LIST "" ()',
        b'LIST "" (a b c d)',
        b'LIST "" (a b',
        b'LIST "" (a (b))',
        b'LIST "" (123456789012345678901)',
        b'LIST "" * CHILDREN',
        b'LIST "" * RETURN',
        b'LIST "" * RETURN CHILDREN',
        b'LIST "" * RETURN (FOO)',
        b'LIST "" * RETURN (REMOTE)',
        b'LIST "" * RETURN (RECURSIVEMATCH)',
        b'LIST "" * RETURN (STATUS)',
        b'LIST "" * RETURN (STATUS ())',
        b'LIST "" * RETURN (STATUS (FOO))',
        b'LIST "" * RETURN (STATUS MESSAGES)',
        b'LIST "" * RETURN (CHILDREN) x',
    ],
)
def test_what_is_bad(line: bytes) -> None:
    with pytest.raises(BadCommand, match="Expected"):
        one(line)

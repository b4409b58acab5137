"""What CONDSTORE and QRESYNC add to commands (RFC 7162 7)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imapgate.wire.commands import Command, Examine, Fetch, HasModseq, Resync, Search, Select, Store
from imapgate.wire.grammar import BadCommand, GrammarLimits, parse
from imapgate.wire.numbers import (
    MAX_MOD_SEQUENCE,
    MAX_NUMBER,
    NumberSet,
    common,
    read_set,
    write_ranges,
)

LIMITS = GrammarLimits(sequence_ranges=4)


def parsed(line: bytes) -> Command:
    return parse([b"a " + line], LIMITS).command


def numbers(text: bytes) -> NumberSet:
    return read_set(text, 10)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        (b"SELECT x", Select("x")),
        (b"SELECT x (CONDSTORE)", Select("x", True)),
        (b'select "x" ( condstore )', Select("x", True)),
        (b"EXAMINE x (QRESYNC (1 1))", Examine("x", False, Resync(1, 1))),
        (
            b"SELECT x (QRESYNC (4294967295 9223372036854775807 41,43:211))",
            Select("x", False, Resync(MAX_NUMBER, MAX_MOD_SEQUENCE, numbers(b"41,43:211"))),
        ),
        (
            b"SELECT x (CONDSTORE qresync (1 2 1:9 (1,3:4 5,7:8)))",
            Select(
                "x",
                True,
                Resync(1, 2, numbers(b"1:9"), (numbers(b"1,3:4"), numbers(b"5,7:8"))),
            ),
        ),
        (
            b"SELECT x (QRESYNC (1 2 (1:3 5,7:8)))",
            Select("x", False, Resync(1, 2, None, (numbers(b"1:3"), numbers(b"5,7:8")))),
        ),
    ],
)
def test_select_parameters(line: bytes, command: Command) -> None:
    assert parsed(line) == command


def test_as_many_known_uids_as_a_set_may_have() -> None:
    parsed(b"SELECT x (QRESYNC (1 2 1,3,5,7 (1,2,3,4 1,3,5,7)))")
    for wrong in (b"1,3,5,7,9", b"1 (1,2,3,4,5 1,3,5,7,9)"):
        with pytest.raises(BadCommand, match="at most 4 ranges"):
            parsed(b"SELECT x (QRESYNC (1 2 %b))" % wrong)


@pytest.mark.parametrize(
    ("modifiers", "since", "vanished"),
    [
        (b"(CHANGEDSINCE 12345)", 12345, False),
        (b"(changedsince 9223372036854775807)", MAX_MOD_SEQUENCE, False),
        (b"(CHANGEDSINCE 0)", 0, False),
        (b"(CHANGEDSINCE 5 VANISHED)", 5, True),
        (b"( VANISHED CHANGEDSINCE 5 )", 5, True),
    ],
)
def test_fetch_modifiers(modifiers: bytes, since: int, vanished: bool) -> None:
    """MODSEQ is among the items, once."""
    for items in (b"FLAGS", b"(FLAGS MODSEQ)", b"FLAGS MODSEQ"):
        command = parsed(b"UID FETCH 1:* %b %b" % (items, modifiers))
        assert isinstance(command, Fetch)
        assert (command.changed_since, command.vanished) == (since, vanished)
        assert [getattr(one, "name", None) for one in command.items] == [b"FLAGS", b"MODSEQ"]


@pytest.mark.parametrize(
    ("modifier", "since"),
    [
        (b"", None),
        (b"(UNCHANGEDSINCE 0) ", 0),
        (b"(unchangedsince 12121230045) ", 12121230045),
        (b"( UNCHANGEDSINCE 9223372036854775807 )  ", MAX_MOD_SEQUENCE),
    ],
)
def test_store_modifiers(modifier: bytes, since: int | None) -> None:
    for flags in (rb"(\Seen)", rb"\Seen"):
        command = parsed(b"STORE 7,5 %b+FLAGS.SILENT %b" % (modifier, flags))
        assert command == Store(numbers(b"7,5"), False, b"+", True, (rb"\Seen",), since)


@pytest.mark.parametrize(
    "key",
    [
        b"MODSEQ 620162338",
        rb'MODSEQ "/flags/\\draft" all 620162338',
        b'modseq "/FLAGS/$MDNSent" PRIV 620162338',
        b'MODSEQ "/flags/x" shared 620162338',
    ],
)
def test_search_for_a_mod_sequence(key: bytes) -> None:
    assert parsed(b"SEARCH " + key) == Search(HasModseq(620162338), False)


ranges = st.sets(st.integers(1, 60)).map(
    lambda found: [
        tuple(map(int, one.split(b":"))) * (1 if b":" in one else 2)
        for one in write_ranges((uid, uid) for uid in sorted(found)).split(b",")
        if one
    ]
)


@given(ranges, ranges)
def test_what_ranges_have_in_common(
    one: list[tuple[int, int]], other: list[tuple[int, int]]
) -> None:
    def members(found: list[tuple[int, int]]) -> list[int]:
        return [uid for first, last in found for uid in range(first, last + 1)]

    assert members(common(one, other)) == sorted(set(members(one)) & set(members(other)))


@pytest.mark.parametrize(
    ("text", "highest", "expected"),
    [
        (b"1:*", 9, [(1, 9)]),
        (b"*", 9, [(9, 9)]),
        (b"12:*,3", 9, [(3, 3), (9, 9)]),
        (b"5:7,12:14,9:20", 9, [(5, 7), (9, 9)]),
        (b"12:14", 9, []),
    ],
)
def test_ranges_up_to(text: bytes, highest: int, expected: list[tuple[int, int]]) -> None:
    assert numbers(text).ranges_up_to(highest) == expected

"""SORT and THREAD against RFC 5256 5, RFC 5957 5 and RFC 5267 3, and how THREAD is answered."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imapgate.wire.commands import Everything, HasText, Returns, Sort, SortCriterion, Thread
from imapgate.wire.cursor import BadCharset
from imapgate.wire.grammar import BadCommand, GrammarLimits, parse
from imapgate.wire.threads import Forest, thread

ALL = Everything()


def by(*keys: str) -> tuple[SortCriterion, ...]:
    """`-KEY` is reversed."""
    return tuple(SortCriterion(key.lstrip("-").encode(), key.startswith("-")) for key in keys)


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("SORT (ARRIVAL) UTF-8 ALL", Sort(by("ARRIVAL"), ALL, False)),
        ("sort (subject reverse date) us-ascii all", Sort(by("SUBJECT", "-DATE"), ALL, False)),
        ('UID SORT (CC FROM TO SIZE) "UTF-8" ALL', Sort(by("CC", "FROM", "TO", "SIZE"), ALL, True)),
        (
            "SORT (DISPLAYFROM REVERSE DISPLAYTO) UTF-8 ALL",
            Sort(by("DISPLAYFROM", "-DISPLAYTO"), ALL, False),
        ),
        (
            'SORT (SUBJECT) US-ASCII TEXT "not in mailbox"',
            Sort(by("SUBJECT"), HasText(b"TEXT", "not in mailbox"), False),
        ),
        (
            "UID SORT RETURN () (REVERSE DATE) UTF-8 ALL",
            Sort(by("-DATE"), ALL, True, Returns(frozenset((b"ALL",)))),
        ),
        (
            "SORT RETURN (MIN COUNT) (DATE) UTF-8 ALL",
            Sort(by("DATE"), ALL, False, Returns(frozenset((b"MIN", b"COUNT")))),
        ),
        # once more is no more
        ("SORT (DATE DATE REVERSE DATE SIZE) UTF-8 ALL", Sort(by("DATE", "SIZE"), ALL, False)),
        ("SORT (REVERSE DATE DATE) UTF-8 ALL", Sort(by("-DATE"), ALL, False)),
        # blanks too many do no harm
        ("SORT ( DATE  SIZE )  UTF-8  ALL ", Sort(by("DATE", "SIZE"), ALL, False)),
        ("THREAD REFERENCES UTF-8 ALL", Thread(b"REFERENCES", ALL, False)),
        ("uid thread orderedsubject us-ascii all", Thread(b"ORDEREDSUBJECT", ALL, True)),
    ],
)
def test_read(line: str, command: object) -> None:
    assert parse([b"a " + line.encode()], GrammarLimits()).command == command


@pytest.mark.parametrize(
    "line",
    [
        *("SORT", "SORT ", "SORT ()", "SORT () UTF-8 ALL", "SORT (DATE)", "SORT (DATE) UTF-8"),
        *("SORT (DATE UTF-8 ALL", "SORT DATE UTF-8 ALL", "SORT (REVERSE) UTF-8 ALL"),
        *("SORT (REVERSE REVERSE DATE) UTF-8 ALL", "SORT (COLOUR) UTF-8 ALL"),
        *("SORT (DATE) UTF-8 COLOUR", "SORT (DATE) CHARSET UTF-8 ALL", "SORT (DATE)UTF-8 ALL"),
        *("SORT RETURN (COLOUR) (DATE) UTF-8 ALL", "SORT RETURN () UTF-8 ALL"),
        *("THREAD", "THREAD REFERENCES", "THREAD REFERENCES UTF-8", "THREAD REFS UTF-8 ALL"),
        *("THREAD (REFERENCES) UTF-8 ALL", "THREAD RETURN () REFERENCES UTF-8 ALL"),
    ],
)
def test_refused(line: str) -> None:
    with pytest.raises(BadCommand):
        parse([b"a " + line.encode()], GrammarLimits())


@pytest.mark.parametrize(
    ("line", "saves"),
    [
        ("SORT (DATE) KOI8-R ALL", False),
        ("SORT RETURN (SAVE) (DATE) KOI8-R ALL", True),
        ("UID THREAD REFERENCES KOI8-R ALL", False),
    ],
)
def test_unknown_charsets(line: str, saves: bool) -> None:
    with pytest.raises(BadCharset) as refused:
        parse([b"a " + line.encode()], GrammarLimits())
    assert refused.value.saves == saves


@pytest.mark.parametrize(
    ("roots", "children", "line"),
    [
        ([], {}, "* THREAD"),
        ([2], {}, "* THREAD (2)"),
        # section 4's examples
        ([2, 3], {3: [6], 6: [4, 44], 4: [23], 44: [7], 7: [96]},
         "* THREAD (2)(3 6 (4 23)(44 7 96))"),
        ([-1], {-1: [3, 5]}, "* THREAD ((3)(5))"),
        # pieces of section 3's
        ([170, 177], {177: [183, 182], 182: [188]}, "* THREAD (170)(177 (183)(182 188))"),
        ([-2, -3], {-2: [170, 179], -3: [194, 195], 195: [196]},
         "* THREAD ((170)(179))((194)(195 196))"),
    ],
)  # fmt: skip
def test_written(roots: list[int], children: dict[int, list[int]], line: str) -> None:
    assert thread(Forest(roots, children)) == line.encode() + b"\r\n"


def test_written_under_other_names() -> None:
    assert thread(Forest([20], {20: [10]}), {10: 1, 20: 2}) == b"* THREAD (2 1)\r\n"


@given(st.integers(1, 3), st.integers(1, 400))
def test_depth_is_no_matter(width: int, depth: int) -> None:
    """As many opened as closed, and every number once."""
    children = {
        level * 10: [level * 10 + 10, *range(level * 10 + 1, level * 10 + width)]
        for level in range(1, depth)
    }
    line = thread(Forest([10], children))
    assert line.count(b"(") == line.count(b")")
    numbers = re.findall(rb"[0-9]+", line)
    assert len(numbers) == len(set(numbers)) == 1 + sum(map(len, children.values()))

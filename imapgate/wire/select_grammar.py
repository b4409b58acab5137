"""SELECT and EXAMINE with their parameters (RFC 4466 2.1; CONDSTORE and QRESYNC RFC 7162)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import chain, pairwise

from imapgate.wire.commands import Command, Examine, Resync, Select
from imapgate.wire.cursor import MAILBOX, Cursor
from imapgate.wire.numbers import STAR, NumberSet

_PARAMETER = "a select parameter"
_NAME = re.compile(rb"[A-Za-z0-9-]+")


def select(cursor: Cursor, kind: type[Select] | type[Examine]) -> Select | Examine:
    """Each parameter at most once."""
    cursor.blank(MAILBOX)
    name = cursor.mailbox()
    if cursor.at_end():
        return kind(name)
    cursor.blank(_PARAMETER)
    start = cursor.place
    named: list[bytes] = []
    resyncs: list[Resync] = []

    def parameter() -> None:
        start = cursor.place
        word = cursor.take(_NAME, _PARAMETER).upper()
        named.append(word)
        if word == b"QRESYNC":
            cursor.blank("( and a UIDVALIDITY")
            resyncs.append(_resync(cursor))
        elif word != b"CONDSTORE":
            raise cursor.fail(_PARAMETER, start)

    cursor.parenthesised(parameter, "select parameters")
    if not named or len(set(named)) < len(named):
        raise cursor.fail("select parameters, each once", start)
    return kind(name, b"CONDSTORE" in named, resyncs[0] if resyncs else None)


def _resync(cursor: Cursor) -> Resync:
    cursor.expect(b"(", "( and a UIDVALIDITY")
    uidvalidity = cursor.number("a UIDVALIDITY", least=1)
    cursor.blank("a mod-sequence")
    modseq = cursor.mod_sequence()
    known: NumberSet | None = None
    matches: tuple[NumberSet, NumberSet] | None = None
    if not cursor.sees(b")"):
        cursor.blank("known UIDs, matches or )")
        if cursor.sees_set():
            known = _numbers(cursor, "known UIDs")
            if not cursor.sees(b")"):
                cursor.blank("matches or )")
                matches = _matches(cursor)
        else:
            matches = _matches(cursor)
    cursor.expect(b")", ")")
    return Resync(uidvalidity, modseq, known, matches)


def _matches(cursor: Cursor) -> tuple[NumberSet, NumberSet]:
    start = cursor.place
    cursor.expect(b"(", "( and known message numbers")
    numbers = _numbers(cursor, "known message numbers")
    cursor.blank("their UIDs")
    uids = _numbers(cursor, "their UIDs")
    cursor.expect(b")", ")")
    if not (_ascends(numbers) and _ascends(uids)) or _count(numbers) != _count(uids):
        raise cursor.fail("as many numbers as UIDs, both ascending", start)
    return numbers, uids


def _numbers(cursor: Cursor, expected: str) -> NumberSet:
    """Without `*`."""
    start = cursor.place
    found = cursor.sequence_set()
    if found.saved or STAR in chain.from_iterable(found.ranges):
        raise cursor.fail(f"{expected} without * and $", start)
    return found


def _ascends(numbers: NumberSet) -> bool:
    ranges = numbers.ranges
    return all(first <= last for first, last in ranges) and all(
        before[1] < after[0] for before, after in pairwise(ranges)
    )


def _count(numbers: NumberSet) -> int:
    return sum(last - first + 1 for first, last in numbers.ranges)


COMMANDS: dict[bytes, Callable[[Cursor], Command]] = {
    b"SELECT": partial(select, kind=Select),
    b"EXAMINE": partial(select, kind=Examine),
}
"""What takes each command's arguments, the blank before them included."""

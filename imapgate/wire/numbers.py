"""Sequence sets (RFC 3501 9, `sequence-set`; `$` of RFC 5182) and stretches of a result (RFC 9394):
what a client wrote, and what it means in a folder."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

STAR = 0
"""Stands for `*` in a range."""

MAX_NUMBER = 2**32 - 1
"""The highest `nz-number` (RFC 3501 9)."""
MAX_MOD_SEQUENCE = 2**63 - 1
"""The highest mod-sequence (RFC 7162 7)."""

_NUMBER = rb"(?:\*|[1-9][0-9]{0,9})"
_RANGE = rb"%b(?::%b)?" % (_NUMBER, _NUMBER)
_SET = re.compile(rb"%b(?:,%b)*" % (_RANGE, _RANGE))
_PARTIAL = re.compile(rb"(-?)([1-9][0-9]{0,9}):\1([1-9][0-9]{0,9})")


@dataclass(frozen=True, slots=True)
class NumberSet:
    """Ranges as written, in the client's order; either end may be STAR, the ends may stand
    reversed. saved: `$`, what the last SEARCH RETURN (SAVE) found, is named too; the session knows
    what that is, the methods here give what the ranges name."""

    ranges: tuple[tuple[int, int], ...]
    saved: bool = False

    def among_uids(self, uids: Sequence[int], highest: int | None = None) -> list[int]:
        """The UIDs of an ascending list that the set names; `*` is the highest there is, or
        `highest` where uids are a part of the list. Unknown ones are passed over (RFC 3501 6.4.8).
        Cost: ranges * log(uids) + result, never the width of a range."""
        named: list[int] = []
        if not uids:
            return named
        for low, high in self._merged(uids[-1] if highest is None else highest):
            start = bisect_left(uids, low)
            named.extend(uids[start : bisect_right(uids, high, start)])
        return named

    def ranges_up_to(self, highest: int) -> list[tuple[int, int]]:
        """The numbers that the set names as disjoint ranges (first, last), ascending, without what
        is above `highest`, which is what `*` means."""
        return [(low, min(high, highest)) for low, high in self._merged(highest) if low <= highest]

    def positions(self, count: int) -> list[int] | None:
        """The sequence numbers, ascending and once each, in a folder of `count` messages; None if
        the set names one that isn't there (BAD). `*` in an empty folder names none, nor does a
        range with it (many clients send `1:*` without looking)."""
        inside = self._inside(count)
        if inside is None:
            return None
        return [number for low, high in inside for number in range(low, high + 1)]

    def at_positions(self, uids: Sequence[int]) -> list[int] | None:
        """The UIDs of a list at `positions`, or None as there. Cost: ranges + result, the latter at
        the speed of slices."""
        inside = self._inside(len(uids))
        if inside is None:
            return None
        named: list[int] = []
        for low, high in inside:
            named.extend(uids[low - 1 : high])
        return named

    def _inside(self, count: int) -> list[tuple[int, int]] | None:
        """Disjoint ranges of sequence numbers, ascending; None if one goes beyond count."""
        if count == 0:
            return [] if all(STAR in ends for ends in self.ranges) else None
        merged = self._merged(count)
        return None if merged and merged[-1][1] > count else merged

    def _merged(self, highest: int) -> list[tuple[int, int]]:
        """Disjoint ranges (low, high), ascending, with `*` taken as `highest`."""
        ends = [(first or highest, last or highest) for first, last in self.ranges]
        merged: list[tuple[int, int]] = []
        for low, high in sorted([(a, b) if a <= b else (b, a) for a, b in ends]):
            if merged and low <= merged[-1][1] + 1:
                if high > merged[-1][1]:
                    merged[-1] = (merged[-1][0], high)
            else:
                merged.append((low, high))
        return merged


@dataclass(frozen=True, slots=True)
class PartialRange:
    """A stretch of a result (RFC 9394 4, `partial-range`), its ends as written and in any order:
    1 is the first of the result, -1 its last; both have the same sign."""

    first: int
    last: int

    def of(self, result: Sequence[int]) -> list[int]:
        """What of a result stands there, in its order; what there isn't is left out."""
        low, high = sorted((abs(self.first), abs(self.last)))
        if self.first > 0:
            return list(result[low - 1 : high])
        return list(result[max(0, len(result) - high) : max(0, len(result) - low + 1)])


def read_partial(text: bytes) -> PartialRange:
    """A `partial-range` as written. Raises ValueError for anything else and above 32 bits."""
    found = _PARTIAL.fullmatch(text)
    if found is None:
        raise ValueError("no range")
    first, last = int(found[2]), int(found[3])
    if max(first, last) > MAX_NUMBER:
        raise ValueError(f"numbers up to {MAX_NUMBER}")
    return PartialRange(-first, -last) if found[1] else PartialRange(first, last)


def read_set(text: bytes, most_ranges: int) -> NumberSet:
    """A `sequence-set` as written; `$` stands alone (RFC 5182) or last (RFC 9051 9). Raises
    ValueError, with a clause for a person, for bad syntax, for a number above 32 bits and for more
    ranges than `most_ranges`. Linear in the text."""
    if text.count(b",") >= most_ranges:
        raise ValueError(f"at most {most_ranges} ranges in one set")
    if text == b"$":
        return NumberSet((), saved=True)
    saved = text.endswith(b",$")
    text = text.removesuffix(b",$")
    if _SET.fullmatch(text) is None:
        raise ValueError("numbers, `:`, `,` and `*` make a set, or `$`")
    ranges: list[tuple[int, int]] = []
    for part in text.replace(b"*", b"%d" % STAR).decode("ascii").split(","):
        first, colon, last = part.partition(":")
        number = int(first)
        ranges.append((number, int(last) if colon else number))
    if max(chain.from_iterable(ranges)) > MAX_NUMBER:
        raise ValueError(f"numbers up to {MAX_NUMBER}")
    return NumberSet(tuple(ranges), saved)


def write_set(numbers: Iterable[int]) -> bytes:
    """Numbers in the given order as a sequence set, neighbours joined: [1,2,3,7] -> b"1:3,7"
    (COPYUID).

    No numbers give b"", which is no set: say nothing then."""
    return write_ranges((number, number) for number in numbers)


def write_ranges(ranges: Iterable[tuple[int, int]]) -> bytes:
    """The same of ranges (first, last)."""
    joined: list[tuple[int, int]] = []
    for first, last in ranges:
        if joined and first == joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], last)
        else:
            joined.append((first, last))
    return b",".join(
        b"%d" % first if first == last else b"%d:%d" % (first, last) for first, last in joined
    )


def common(
    ranges: Sequence[tuple[int, int]], others: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """What two lists of disjoint ascending ranges (first, last) have in common, ascending."""
    found: list[tuple[int, int]] = []
    one = other = 0
    while one < len(ranges) and other < len(others):
        (first, last), (least, most) = ranges[one], others[other]
        if max(first, least) <= min(last, most):
            found.append((max(first, least), min(last, most)))
        if last < most:
            one += 1
        else:
            other += 1
    return found

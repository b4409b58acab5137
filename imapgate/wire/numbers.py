"""Sequence sets (RFC 3501 9, `sequence-set`): what a client wrote, and what it means in a folder."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

STAR = 0
"""Stands for `*` in a range."""


@dataclass(frozen=True, slots=True)
class NumberSet:
    """Ranges as written, in the client's order; either end may be STAR, the ends may stand reversed."""

    ranges: tuple[tuple[int, int], ...]

    def among_uids(self, uids: Sequence[int]) -> list[int]:
        """The UIDs of an ascending list that the set names; `*` is the highest there is. Unknown ones are
        passed over (RFC 3501 6.4.8). Cost: ranges * log(uids) + result, never the width of a range."""
        raise NotImplementedError

    def positions(self, count: int) -> list[int] | None:
        """The sequence numbers, ascending and once each, in a folder of `count` messages; None if the
        set names one that isn't there (BAD). `*` in an empty folder names none."""
        raise NotImplementedError


def write_set(numbers: Iterable[int]) -> bytes:
    """Numbers in the given order as a sequence set, neighbours joined: [1,2,3,7] -> b"1:3,7" (COPYUID)."""
    raise NotImplementedError

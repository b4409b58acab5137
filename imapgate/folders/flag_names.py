"""IMAP flags and the bits under which they are kept (rule 15)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import lru_cache

from storage.runs import Run
from storage.schema import ANSWERED, DELETED, DRAFT, FLAGGED, SEEN

SHARED = {rb"\Answered": ANSWERED, rb"\Flagged": FLAGGED, rb"\Draft": DRAFT}
"""Everybody who sees a group folder sees these, and the keywords."""
OWN = {rb"\Seen": SEEN, rb"\Deleted": DELETED}
"""Each user's own."""

RECENT = rb"\Recent"
ANY_KEYWORD = rb"\*"

_ORDER = (rb"\Answered", rb"\Flagged", rb"\Deleted", rb"\Seen", rb"\Draft")
_CANONICAL = {name.lower(): name for name in (*_ORDER, RECENT)}


def canonical(flag: bytes) -> bytes:
    """A system flag in RFC 3501's spelling, whatever the case; anything else as it is."""
    return _CANONICAL.get(flag.lower(), flag)


def is_system(flag: bytes) -> bool:
    return flag.startswith(b"\\")


@lru_cache(maxsize=4096)
def ready(shared: int, own: int, keywords: str) -> bytes:
    """What stands in a FLAGS list, without \\Recent: b"\\\\Seen $x". keywords: as in the column."""
    names = [name for name in _ORDER if SHARED.get(name, 0) & shared or OWN.get(name, 0) & own]
    if keywords:
        names.append(keywords.encode("ascii", "replace"))
    return b" ".join(names)


def own_state(own: Sequence[Run]) -> Callable[[int], tuple[int, int]]:
    """UID -> (flags, modseq) of the run that covers it, (0, 0) where none does; for many UIDs."""
    firsts = [run.first for run in own]

    def state(uid: int) -> tuple[int, int]:
        at = bisect_right(firsts, uid) - 1
        if at < 0 or own[at].last < uid:
            return 0, 0
        return own[at].flags, own[at].modseq

    return state


def own_bits(own: Sequence[Run]) -> Callable[[int], int]:
    """`storage.runs.flags_at` for many UIDs."""
    firsts = [run.first for run in own]

    def bits(uid: int) -> int:
        at = bisect_right(firsts, uid) - 1
        return own[at].flags if at >= 0 and own[at].last >= uid else 0

    return bits

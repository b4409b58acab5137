"""A user's own flags in one folder as runs of UIDs (DESIGN rule 15). The algebra is pure; rows are at the end."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storage.engine import Tx


@dataclass(frozen=True, slots=True)
class Run:
    """UIDs first..last (both included) have these flag bits since this modseq."""

    first: int
    last: int
    flags: int
    modseq: int


def flags_at(runs: Sequence[Run], uid: int) -> int:
    """runs ascending and disjoint; 0 where none covers the UID."""
    at = bisect_right(runs, uid, key=lambda run: run.first) - 1
    return runs[at].flags if at >= 0 and runs[at].last >= uid else 0


def change(
    runs: Sequence[Run], uids: Iterable[tuple[int, int]], add: int, remove: int, modseq: int
) -> list[Run]:
    """uids: ascending disjoint (first, last) stretches. Sets and clears bits there; runs whose flags change get
    modseq, others keep theirs; neighbours with the same flags and modseq join."""
    raise NotImplementedError


def load(tx: Tx, principal_id: int, folder_id: int, first: int = 1, last: int | None = None) -> list[Run]:
    """Those that touch first..last."""
    raise NotImplementedError


def write(
    tx: Tx, principal_id: int, folder_id: int, uids: Iterable[tuple[int, int]], add: int, remove: int, modseq: int
) -> None:
    """`change` on the rows, replacing only those that differ."""
    raise NotImplementedError

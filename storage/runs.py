"""A user's own flags in one folder as runs of UIDs (docs/rules.md 15). The algebra is pure; rows
are at the end."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import bindparam, delete, func, insert, select

from storage.engine import Tx
from storage.schema import user_run

NEAR = 64
"""Stretches with fewer UIDs between them are read together."""
LAST_UID = 2**32 - 1
"""RFC 3501 2.3.1.1: a UID has 32 bits."""

_OWN = (
    user_run.c.principal_id == bindparam("of_principal"),
    user_run.c.folder_id == bindparam("of_folder"),
)
# Runs are disjoint: of those that begin before `first` only the nearest can reach it.
_NEAREST = select(func.max(user_run.c.first_uid)).where(
    *_OWN, user_run.c.first_uid <= bindparam("first")
)
_LOAD = (
    select(user_run.c.first_uid, user_run.c.last_uid, user_run.c.flags, user_run.c.modseq)
    .where(
        *_OWN,
        user_run.c.first_uid >= func.coalesce(_NEAREST.scalar_subquery(), bindparam("first")),
        user_run.c.first_uid <= bindparam("last"),
        user_run.c.last_uid >= bindparam("first"),
    )
    .order_by(user_run.c.first_uid)
)
_INSERT = insert(user_run)
_DELETE = delete(user_run).where(*_OWN, user_run.c.first_uid == bindparam("first"))


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


def stretches(uids: Iterable[int]) -> list[tuple[int, int]]:
    """UIDs in any order as ascending disjoint (first, last), both included, neighbours joined."""
    found: list[tuple[int, int]] = []
    for uid in sorted(set(uids)):
        if found and found[-1][1] + 1 == uid:
            found[-1] = (found[-1][0], uid)
        else:
            found.append((uid, uid))
    return found


def change(
    runs: Sequence[Run], uids: Iterable[tuple[int, int]], add: int, remove: int, modseq: int
) -> list[Run]:
    """uids: ascending disjoint (first, last) stretches. Sets and clears bits there; runs whose
    flags change get modseq, others keep theirs; neighbours with the same flags and modseq join.

    A run whose last flag was cleared stays, with no flags: its modseq tells other sessions of it.
    """
    left = deque(runs)
    result: list[Run] = []

    def changed(run: Run) -> Run:
        flags = (run.flags | add) & ~remove
        return run if flags == run.flags else replace(run, flags=flags, modseq=modseq)

    def fill(first: int, last: int) -> None:
        if first <= last and add & ~remove:
            _join(result, Run(first, last, add & ~remove, modseq))

    for first, last in uids:
        while left and left[0].last < first:
            _join(result, left.popleft())
        at = first
        while left and left[0].first <= last:
            run = left.popleft()
            if run.first < at:
                _join(result, replace(run, last=at - 1))
                run = replace(run, first=at)
            fill(at, run.first - 1)
            if run.last > last:
                left.appendleft(replace(run, first=last + 1))
                run = replace(run, last=last)
            _join(result, changed(run))
            at = run.last + 1
        fill(at, last)
    for run in left:
        _join(result, run)
    return result


def _join(runs: list[Run], run: Run) -> None:
    before = runs[-1] if runs else None
    if (
        before is not None
        and before.last + 1 == run.first
        and before.flags == run.flags
        and before.modseq == run.modseq
    ):
        runs[-1] = replace(before, last=run.last)
    else:
        runs.append(run)


def load(
    tx: Tx, principal_id: int, folder_id: int, first: int = 1, last: int | None = None
) -> list[Run]:
    """Those that touch first..last (None: to the end), ascending."""
    found = tx.connection.execute(
        _LOAD,
        {
            "of_principal": principal_id,
            "of_folder": folder_id,
            "first": first,
            "last": LAST_UID if last is None else last,
        },
    )
    return [Run(*row) for row in found]


def write(
    tx: Tx,
    principal_id: int,
    folder_id: int,
    uids: Iterable[tuple[int, int]],
    add: int,
    remove: int,
    modseq: int,
) -> None:
    """`change` on the rows, replacing only those that differ. Reads the rows around the stretches
    only, writes only those that overlap or adjoin them."""
    wanted = list(uids)
    found: set[Run] = set()
    for first, last in _windows(wanted):
        # One further on each side: that is where a neighbour may join.
        found.update(load(tx, principal_id, folder_id, first - 1, last + 1))
    before = sorted(found, key=lambda run: run.first)
    after = change(before, wanted, add, remove, modseq)
    kept = found.intersection(after)
    gone = [run for run in before if run not in kept]
    new = [run for run in after if run not in kept]
    own = {"of_principal": principal_id, "of_folder": folder_id}
    if gone:
        tx.connection.execute(
            _DELETE,
            [{**own, "first": run.first} for run in gone],
        )
    if new:
        tx.connection.execute(
            _INSERT,
            [
                {
                    "principal_id": principal_id,
                    "folder_id": folder_id,
                    "first_uid": run.first,
                    "last_uid": run.last,
                    "flags": run.flags,
                    "modseq": run.modseq,
                }
                for run in new
            ],
        )


def _windows(uids: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Near stretches as one, so that a set of thousands costs a few queries."""
    windows: list[tuple[int, int]] = []
    for first, last in uids:
        if windows and first - windows[-1][1] <= NEAR:
            windows[-1] = (windows[-1][0], last)
        else:
            windows.append((first, last))
    return windows

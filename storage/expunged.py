"""UIDs that were given out and stand no more, as runs with the modseq under which each left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import bindparam, delete, func, insert, select

from storage.engine import Tx
from storage.schema import expunged_run

TOLD_APART = 1024
"""Mod-sequences, at least, within which each expunge is remembered by itself."""

_Run = tuple[int, int, int]
"""(first UID, last UID, modseq)."""

_OF_FOLDER = expunged_run.c.folder_id == bindparam("of_folder")
_LATEST = select(func.max(expunged_run.c.modseq)).where(_OF_FOLDER)
_UP_TO = (
    select(expunged_run.c.first_uid, expunged_run.c.last_uid, expunged_run.c.modseq)
    .where(_OF_FOLDER, expunged_run.c.modseq <= bindparam("up_to"))
    .order_by(expunged_run.c.first_uid)
)
_SINCE = (
    select(expunged_run.c.first_uid, expunged_run.c.last_uid)
    .where(_OF_FOLDER, expunged_run.c.modseq > bindparam("since"))
    .order_by(expunged_run.c.first_uid)
)
_INSERT = insert(expunged_run)
_DELETE = delete(expunged_run).where(
    _OF_FOLDER,
    expunged_run.c.modseq == bindparam("under"),
    expunged_run.c.first_uid == bindparam("first"),
)


def remember(tx: Tx, folder_id: int, modseq: int, gone: Sequence[tuple[int, int]]) -> None:
    """gone: (first, last), disjoint; modseq: higher than any remembered before. Now and then what
    is long ago is merged, so that there are hardly more rows than gaps between what stands."""
    latest = tx.connection.execute(_LATEST, {"of_folder": folder_id}).scalar() or 0
    _insert(tx, folder_id, ((first, last, modseq) for first, last in gone))
    if latest // TOLD_APART < modseq // TOLD_APART:
        _merge(tx, folder_id, modseq - TOLD_APART)


def since(tx: Tx, folder_id: int, modseq: int) -> list[tuple[int, int]]:
    """(first, last) of what left after that modseq, ascending; of what left long ago perhaps also
    what left before, as RFC 7162 5.3 allows."""
    rows = tx.connection.execute(_SINCE, {"of_folder": folder_id, "since": modseq})
    return [(row[0], row[1]) for row in rows]


def _merge(tx: Tx, folder_id: int, up_to: int) -> None:
    """Neighbours up to that modseq become one run under the higher modseq: who knows the folder as
    it was between them is told of both."""
    before: list[_Run] = [
        (row[0], row[1], row[2])
        for row in tx.connection.execute(_UP_TO, {"of_folder": folder_id, "up_to": up_to})
    ]
    after: list[_Run] = []
    for first, last, modseq in before:
        if after and after[-1][1] + 1 == first:
            after[-1] = (after[-1][0], last, max(after[-1][2], modseq))
        else:
            after.append((first, last, modseq))
    if len(after) == len(before):
        return
    kept = frozenset(before).intersection(after)
    tx.connection.execute(
        _DELETE,
        [
            {"of_folder": folder_id, "under": modseq, "first": first}
            for first, last, modseq in before
            if (first, last, modseq) not in kept
        ],
    )
    _insert(tx, folder_id, (run for run in after if run not in kept))


def _insert(tx: Tx, folder_id: int, new: Iterable[_Run]) -> None:
    tx.connection.execute(
        _INSERT,
        [
            {"folder_id": folder_id, "modseq": modseq, "first_uid": first, "last_uid": last}
            for first, last, modseq in new
        ],
    )

"""Entries that leave their folder and stand in it again at once, under new UIDs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import bindparam, select

from storage import entries, runs, standing
from storage.engine import Tx
from storage.entries import NewEntry
from storage.schema import DELETED, SEEN, entry

_ENTRIES = (
    select(
        entry.c.uid,
        entry.c.stored_message_id,
        entry.c.size,
        entry.c.internal_at,
        entry.c.internal_zone,
        entry.c.flags,
        entry.c.keywords,
        entry.c.activity_id,
        entry.c.identity,
        entry.c.rendered,
    )
    .where(
        entry.c.folder_id == bindparam("of_folder"),
        entry.c.uid.in_(bindparam("some", expanding=True)),
    )
    .order_by(entry.c.uid)
)


def come_again(
    tx: Tx,
    folder_id: int,
    uids: Sequence[int],
    principal_ids: Collection[int],
    seen_by: int | None = None,
) -> dict[int, int]:
    """Old UID -> new UID of those of uids that are there. What is shared, whose drop it was and
    these people's own flags go over, but for \\Deleted; seen_by: who has seen them from here on.
    A few statements for each of the people."""
    rows = [
        row
        for start in range(0, len(uids), entries.CHUNK)
        for row in tx.connection.execute(
            _ENTRIES, {"of_folder": folder_id, "some": list(uids[start : start + entries.CHUNK])}
        )
    ]
    if not rows:
        return {}
    old = sorted(row[0] for row in rows)
    droppers = standing.droppers(tx, folder_id, old)
    own = {one: runs.load(tx, one, folder_id, old[0], old[-1]) for one in principal_ids}
    modseq = entries.remove(tx, folder_id, old)
    new = entries.add(tx, folder_id, [_new(row) for row in rows])
    again = {row[0]: uid for row, uid in zip(rows, new, strict=True)}
    standing.add_droppers(
        tx, folder_id, [(again[uid], one) for uid, whose in droppers.items() for one in whose]
    )
    for principal_id, known in own.items():
        by_flags: dict[int, list[int]] = {}
        for uid in old:
            flags = runs.flags_at(known, uid) & ~DELETED
            flags |= SEEN if principal_id == seen_by else 0
            if flags:
                by_flags.setdefault(flags, []).append(again[uid])
        for flags, marked in by_flags.items():
            # The entries came with the modseq after that of their leaving.
            runs.write(tx, principal_id, folder_id, runs.stretches(marked), flags, 0, modseq + 1)
    return again


def _new(row: Sequence[Any]) -> NewEntry:
    return NewEntry(
        stored_message_id=row[1],
        size=row[2],
        internal_at=row[3],
        internal_zone=row[4],
        flags=row[5],
        keywords=row[6],
        activity_id=row[7],
        identity=row[8],
        rendered=row[9],
    )

"""Writes the shared flags and keywords of entries."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, update

from storage.engine import Tx
from storage.schema import entry

# Built once: a STORE may run it for every value that it makes.
_SET = (
    update(entry)
    .where(
        entry.c.folder_id == bindparam("of_folder"),
        entry.c.uid.between(bindparam("low"), bindparam("high")),
    )
    .values(
        flags=bindparam("new_flags"),
        keywords=bindparam("new_keywords"),
        modseq=bindparam("new_modseq"),
    )
)


def set_shared(
    tx: Tx,
    folder_id: int,
    stretches: Iterable[tuple[int, int]],
    flags: int,
    keywords: str,
    modseq: int,
) -> None:
    """All entries in the stretches (first, last UID) get these flags, keywords and modseq."""
    new = {"new_flags": flags, "new_keywords": keywords, "new_modseq": modseq}
    ranges = [
        {"of_folder": folder_id, "low": first, "high": last, **new} for first, last in stretches
    ]
    if ranges:
        tx.connection.execute(_SET, ranges)

"""Entries of folders: UIDs, mod-sequences, what was expunged. Rows only; rights are folders'
business."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    String,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
    update,
)

from storage import expunged, keywords
from storage.engine import Tx
from storage.runs import stretches
from storage.schema import (
    entry,
    entry_dropper,
    expunged_entry,
    folder,
    meta,
)

CHUNK = 500
"""Values of one IN list."""
SERVED_EXPUNGED = 24 * 60 * 60
"""Seconds for which what stood under an expunged UID can still be read (docs/rules.md 19)."""


@dataclass(frozen=True, slots=True)
class NewEntry:
    """Columns of a new entry but for its UID and modseq. saved_at: when it came here, seconds since
    1970; None: now."""

    stored_message_id: int
    size: int
    internal_at: int
    internal_zone: int = 0
    flags: int = 0
    keywords: str = ""
    activity_id: int | None = None
    identity: bytes | None = None
    rendered: bool = False
    saved_at: int | None = None


# Built once: to build a statement costs several times what running it does.
_TAKE = (
    update(folder)
    .where(folder.c.id == bindparam("of_folder"))
    .values(
        uidnext=folder.c.uidnext + bindparam("count"),
        modseq=folder.c.modseq + 1,
        messages=folder.c.messages + bindparam("more_messages"),
        octets=folder.c.octets + bindparam("more_octets"),
    )
    .returning(folder.c.uidnext, folder.c.modseq)
)
_NEXT_UIDVALIDITY = (
    update(meta)
    .where(meta.c.key == "uidvalidity")
    .values(value=cast(cast(meta.c.value, BigInteger) + bindparam("count"), String))
    .returning(meta.c.value)
)
_MODSEQ = select(folder.c.modseq).where(folder.c.id == bindparam("of_folder"))
_STANDING = select(func.count(), func.coalesce(func.sum(entry.c.size), 0)).where(
    entry.c.folder_id == bindparam("of_folder"),
    entry.c.uid.in_(bindparam("some", expanding=True)),
)
_INSERT = insert(entry)
_REMOVE = [
    delete(table).where(
        table.c.folder_id == bindparam("of_folder"),
        table.c.uid.between(bindparam("first"), bindparam("last")),
    )
    for table in (entry_dropper, entry)
]
_FORGET = delete(expunged_entry).where(expunged_entry.c.at < bindparam("before"))
_KEPT = ("folder_id", "uid", "stored_message_id", "size", "internal_at", "internal_zone")
_KEEP_READABLE = insert(expunged_entry).from_select(
    [*_KEPT, "at"],
    select(
        *(entry.c[name] for name in _KEPT), bindparam("now", type_=expunged_entry.c.at.type)
    ).where(
        entry.c.folder_id == bindparam("of_folder"),
        entry.c.uid.between(bindparam("first"), bindparam("last")),
    ),
)


def next_uidvalidity(tx: Tx, count: int = 1) -> int:
    """From the database's one counter (docs/rules.md 8); of so many that are taken the last."""
    return int(tx.connection.execute(_NEXT_UIDVALIDITY, {"count": count}).scalar_one())


def next_modseq(tx: Tx, folder_id: int) -> int:
    """Raises the folder's modseq by one (UPDATE ... RETURNING) and touches the folder."""
    return _take(tx, folder_id, 0)[1]


def add(tx: Tx, folder_id: int, entries: Sequence[NewEntry]) -> list[int]:
    """Insert under new UIDs, all with one new modseq; returns the UIDs, in the order given.
    Registers their keywords. Touches (unless there are none)."""
    if not entries:
        return []
    octets = sum(new.size for new in entries)
    first, modseq = _take(tx, folder_id, len(entries), len(entries), octets)
    tx.connection.execute(
        _INSERT,
        [
            {
                "folder_id": folder_id,
                "uid": first + number,
                "stored_message_id": new.stored_message_id,
                "activity_id": new.activity_id,
                "rendered": new.rendered,
                "identity": new.identity,
                "size": new.size,
                "flags": new.flags,
                "keywords": new.keywords,
                "internal_at": new.internal_at,
                "internal_zone": new.internal_zone,
                "saved_at": tx.now if new.saved_at is None else new.saved_at,
                "modseq": modseq,
            }
            for number, new in enumerate(entries)
        ],
    )
    keywords.add(tx, folder_id, [name for new in entries for name in new.keywords.split()])
    return list(range(first, first + len(entries)))


def remove(tx: Tx, folder_id: int, uids: Sequence[int]) -> int:
    """Delete entries (and their droppers), remember them as expunged runs, and for a day what stood
    there; returns the new modseq. Touches. UIDs without an entry (a wrapper's) may be given: they
    are remembered too. Without UIDs nothing is done, and the modseq is the one that stands."""
    if not uids:
        return int(tx.connection.execute(_MODSEQ, {"of_folder": folder_id}).scalar_one())
    messages, octets = _standing(tx, folder_id, uids)
    _, modseq = _take(tx, folder_id, 0, -messages, -octets)
    gone = stretches(uids)
    _keep_readable(tx, folder_id, gone)
    for statement in _REMOVE:
        tx.connection.execute(
            statement,
            [{"of_folder": folder_id, "first": first, "last": last} for first, last in gone],
        )
    expunged.remember(tx, folder_id, modseq, gone)
    return modseq


def allocate_expunged(tx: Tx, folder_id: int) -> int:
    """A UID that is given out and expunged at once (a wrapper's). Touches."""
    uid, modseq = _take(tx, folder_id, 1)
    expunged.remember(tx, folder_id, modseq, [(uid, uid)])
    return uid


def _standing(tx: Tx, folder_id: int, uids: Sequence[int]) -> tuple[int, int]:
    """(how many of these UIDs have an entry, its octets)."""
    messages = octets = 0
    for start in range(0, len(uids), CHUNK):
        some = {"of_folder": folder_id, "some": list(uids[start : start + CHUNK])}
        row = tx.connection.execute(_STANDING, some).one()
        messages += int(row[0])
        octets += int(row[1])
    return messages, octets


def _take(tx: Tx, folder_id: int, uids: int, messages: int = 0, octets: int = 0) -> tuple[int, int]:
    """(first of so many new UIDs, new modseq). messages, octets: by how much the folder grows.
    Locks the folder's row until COMMIT, so that a lower UID never appears after a higher one."""
    uidnext, modseq = tx.connection.execute(
        _TAKE,
        {
            "of_folder": folder_id,
            "count": uids,
            "more_messages": messages,
            "more_octets": octets,
        },
    ).one()
    tx.touch(folder_id)
    return int(uidnext) - uids, int(modseq)


def _keep_readable(tx: Tx, folder_id: int, gone: Sequence[tuple[int, int]]) -> None:
    """Call before the entries are deleted."""
    tx.connection.execute(_FORGET, {"before": tx.now - SERVED_EXPUNGED})
    tx.connection.execute(
        _KEEP_READABLE,
        [
            {"of_folder": folder_id, "first": first, "last": last, "now": tx.now}
            for first, last in gone
        ],
    )

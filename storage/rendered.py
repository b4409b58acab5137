"""Entries of groups' folders that are activities' own messages (entry.rendered)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from storage.engine import Tx
from storage.schema import entry, folder, message


@dataclass(frozen=True, slots=True)
class RenderedRow:
    """An activity's message as it stands in a group's folder."""

    folder_id: int
    group_id: int
    activity_id: int
    uid: int
    stored_message_id: int
    sha256: bytes
    flags: int
    keywords: str
    internal_at: int


_CHUNK = 500
_RENDERED = (
    select(
        entry.c.folder_id,
        folder.c.group_id,
        entry.c.activity_id,
        entry.c.uid,
        entry.c.stored_message_id,
        message.c.sha256,
        entry.c.flags,
        entry.c.keywords,
        entry.c.internal_at,
    )
    .join_from(entry, folder, folder.c.id == entry.c.folder_id)
    .join(message, message.c.id == entry.c.stored_message_id)
    .where(entry.c.rendered, folder.c.group_id.is_not(None))
    .order_by(entry.c.folder_id, entry.c.uid)
)
_OF_ACTIVITY = _RENDERED.where(entry.c.activity_id == bindparam("of_activity"))
_IN_FOLDER = _RENDERED.where(
    entry.c.folder_id == bindparam("of_folder"),
    entry.c.uid.in_(bindparam("some", expanding=True)),
)


def of_activity(tx: Tx, activity_id: int) -> list[RenderedRow]:
    """One for each group's folder in which it stands, in the order of folders' ids."""
    found = tx.connection.execute(_OF_ACTIVITY, {"of_activity": activity_id})
    return [RenderedRow(*row) for row in found]


def in_folder(tx: Tx, folder_id: int, uids: Sequence[int]) -> list[RenderedRow]:
    """Those of uids (ascending) that are, in a group's folder; ascending."""
    found: list[RenderedRow] = []
    for start in range(0, len(uids), _CHUNK):
        some = {"of_folder": folder_id, "some": list(uids[start : start + _CHUNK])}
        found.extend(RenderedRow(*row) for row in tx.connection.execute(_IN_FOLDER, some))
    return found

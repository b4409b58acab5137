"""Rows of folders' annotations. Who may set which is folders' business."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, insert, select

from storage.engine import Tx
from storage.schema import folder_annotation

NAMED = 500
"""Folders of one IN list."""
SHARED = 0
"""In place of a principal: everybody's."""

_OF_FOLDER = select(folder_annotation.c.entry, folder_annotation.c.value).where(
    folder_annotation.c.folder_id == bindparam("of_folder"),
    folder_annotation.c.principal_id == bindparam("of_principal"),
)
_OF_FOLDERS = select(
    folder_annotation.c.folder_id, folder_annotation.c.entry, folder_annotation.c.value
).where(
    folder_annotation.c.folder_id.in_(bindparam("folders", expanding=True)),
    folder_annotation.c.principal_id.in_(bindparam("owners", expanding=True)),
)


def of_folder(tx: Tx, folder_id: int, principal_id: int) -> dict[str, bytes]:
    """Entry -> value, by entry. principal_id: whose, or SHARED."""
    wanted = {"of_folder": folder_id, "of_principal": principal_id}
    rows = tx.connection.execute(_OF_FOLDER, wanted)
    return {row[0]: row[1] for row in sorted((row[0], row[1]) for row in rows)}


def of_folders(tx: Tx, folder_ids: Sequence[int], principal_id: int) -> dict[int, dict[str, bytes]]:
    """Of each folder that has any: entry -> value, that person's and everybody's."""
    found: dict[int, dict[str, bytes]] = {}
    for start in range(0, len(folder_ids), NAMED):
        wanted = {
            "folders": list(folder_ids[start : start + NAMED]),
            "owners": [principal_id, SHARED],
        }
        for row in tx.connection.execute(_OF_FOLDERS, wanted):
            found.setdefault(row[0], {})[row[1]] = row[2]
    return found


def put(tx: Tx, folder_id: int, principal_id: int, entry: str, value: bytes | None) -> None:
    """None: there is none from now on. Touches."""
    tx.touch(folder_id)
    tx.connection.execute(
        delete(folder_annotation).where(
            folder_annotation.c.folder_id == folder_id,
            folder_annotation.c.principal_id == principal_id,
            folder_annotation.c.entry == entry,
        )
    )
    if value is not None:
        tx.connection.execute(
            insert(folder_annotation).values(
                folder_id=folder_id, principal_id=principal_id, entry=entry, value=value
            )
        )


def copy(tx: Tx, from_folder: int, to_folder: int) -> None:
    """All of them, to a folder that has none."""
    columns = (
        folder_annotation.c.principal_id,
        folder_annotation.c.entry,
        folder_annotation.c.value,
    )
    rows = select(bindparam("to_folder", to_folder), *columns).where(
        folder_annotation.c.folder_id == from_folder
    )
    names = ["folder_id", "principal_id", "entry", "value"]
    tx.connection.execute(insert(folder_annotation).from_select(names, rows))

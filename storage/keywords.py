"""Which keywords a folder knows: those that its messages carry, and those they once carried."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import bindparam, delete, insert, select

from storage.schema import entry, folder_keyword
from storage.transactions import Tx

# Built once: to build a statement costs several times what running it does.
_KNOWN = (
    select(folder_keyword.c.name)
    .where(folder_keyword.c.folder_id == bindparam("of_folder"))
    .order_by(folder_keyword.c.name)
)
_CARRIED = (
    select(entry.c.keywords)
    .where(entry.c.folder_id == bindparam("of_folder"), entry.c.keywords != "")
    .distinct()
)
_ADD = insert(folder_keyword)
_FORGET = delete(folder_keyword).where(
    folder_keyword.c.folder_id == bindparam("of_folder"),
    folder_keyword.c.name == bindparam("of_name"),
)


def known(tx: Tx, folder_id: int) -> list[str]:
    """By name, spelled as they were first given."""
    return list(tx.connection.execute(_KNOWN, {"of_folder": folder_id}).scalars())


def add(tx: Tx, folder_id: int, names: Collection[str]) -> None:
    """Remember keywords, spelled as given; those that are known already are passed over."""
    if not names:
        return
    new = sorted(set(names) - set(known(tx, folder_id)))
    if new:
        tx.connection.execute(_ADD, [{"folder_id": folder_id, "name": name} for name in new])


def forget_unused(tx: Tx, folder_id: int) -> None:
    """Forget those that no message carries any more; looks at every message that carries some."""
    rows = tx.connection.execute(_CARRIED, {"of_folder": folder_id}).scalars()
    carried = {name for row in rows for name in row.split()}
    unused = [name for name in known(tx, folder_id) if name not in carried]
    if unused:
        tx.connection.execute(
            _FORGET, [{"of_folder": folder_id, "of_name": name} for name in unused]
        )

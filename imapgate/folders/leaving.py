"""EXPUNGE: messages leave a personal folder, or a group (rule 16)."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities.people import Person
from imapgate.folders.tree import Folder
from storage import Tx


def may_remove(tx: Tx, person: Person, folder: Folder, uids: Sequence[int]) -> frozenset[int]:
    """Those of uids that this person may take out of this folder."""
    raise NotImplementedError


def expunge(tx: Tx, person: Person, folder: Folder, uids: Sequence[int] | None) -> list[int]:
    """Removes what is \\Deleted for this person (of uids, if given) and may go; returns the UIDs that left."""
    raise NotImplementedError

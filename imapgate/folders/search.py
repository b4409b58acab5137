"""SEARCH (RFC 3501 6.4.4) over the messages that the session knows."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities.people import Person
from imapgate.folders.tree import Folder
from imapgate.wire.commands import SearchKey
from storage import Tx


def search(tx: Tx, person: Person, folder: Folder, uids: Sequence[int], recent_from: int, key: SearchKey) -> list[int]:
    """uids: the session's view, ascending (its sequence numbers). Returns matching UIDs, ascending."""
    raise NotImplementedError

"""One transaction as the rooms above see it."""

from __future__ import annotations

from sqlalchemy import Connection

OUTGOING = 0
"""To be touched in a folder's place where something is to be sent, carried out or told: whoever
does that listens for it."""
REVISIONS = -1
"""Likewise where an activity has changed and its folders are to be brought up to date."""
SHOWN = -2
"""Likewise where other activities may be shown as folders now, or under other names."""


class Tx:
    """One transaction: a Core connection, and the news that goes out once it has committed.

    In a write, each request runs in its own SAVEPOINT and may be run a second time: no side effects
    outside the transaction.
    """

    __slots__ = ("_folders", "_people", "_writes", "connection", "due", "now", "wanted")

    connection: Connection
    now: int
    """Whole seconds since 1970 UTC, the same throughout the transaction."""
    due: set[int]
    """Activities that storage.revisions has marked as changed."""
    wanted: dict[int, frozenset[str]]
    """What storage.notifications has looked up, by segment."""

    def __init__(self, connection: Connection, now: int, *, writes: bool) -> None:
        self.connection = connection
        self.now = now
        self.due = set()
        self.wanted = {}
        self._writes = writes
        self._folders: set[int] = set()
        self._people = False

    def touch(self, folder_id: int) -> None:
        """Tell, after COMMIT, everybody who looks at this folder. Raises RuntimeError in a read."""
        self._must_write()
        self._folders.add(folder_id)

    def touch_people(self) -> None:
        """Tell, after COMMIT, every session that people, rights or folder names changed.
        Raises RuntimeError in a read."""
        self._must_write()
        self._people = True

    @property
    def touched_folders(self) -> frozenset[int]:
        return frozenset(self._folders)

    @property
    def touched_people(self) -> bool:
        return self._people

    def _must_write(self) -> None:
        if not self._writes:
            raise RuntimeError("a read transaction has no news to tell")

"""The server's thread that makes revisions."""

from __future__ import annotations

from imapgate.limits import Limits
from storage import Database


class Work:
    """One for a database: the server's.

    Still missing: all of it.
    """

    def __init__(self, db: Database, limits: Limits) -> None:
        self._db = db
        self._limits = limits

    def start(self) -> None:
        """Once."""

    def stop(self) -> None:
        """Waits for the transaction that is running. Idempotent, and nothing if it never
        started."""

"""Activities that have changed get their new revisions."""

from __future__ import annotations

from imapgate.limits import Limits
from storage import Database


def make_due(db: Database, limits: Limits, most: int = 20) -> int:
    """Brings at most so many activities up to date whose time has come; how many were. Raises
    Unavailable.

    Still missing: all of it.
    """
    raise NotImplementedError

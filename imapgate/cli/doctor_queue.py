"""What `imapgate doctor` looks at in the queue of mail that came in."""

from __future__ import annotations

import time
from collections.abc import Iterator

from imapgate.folders import names
from storage import Database, queue_checks

LONG = 60 * 60
"""Seconds after which what was fetched should be filed."""
VERY_LONG = 24 * 60 * 60
"""Seconds after which what was taken should be settled at its source."""


def rows(db: Database) -> Iterator[str]:
    """A sentence for each row that disagrees with others, and each mail shown in vain."""
    yield from queue_checks.rows(db)
    yield from queue_checks.shown(db, names.FAILED_KEY)


def waiting(db: Database) -> Iterator[str]:
    """A sentence for each account with mail that waits."""
    now = int(time.time())
    yield from queue_checks.waiting(db, now - LONG, now - VERY_LONG)

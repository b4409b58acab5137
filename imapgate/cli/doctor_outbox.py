"""What `imapgate doctor` looks at in the outbox."""

from __future__ import annotations

import time
from collections.abc import Iterator

from storage import Database, outbox_checks

LATELY = 7 * 24 * 60 * 60
"""Seconds for which a failed mail is told of."""
LONG = 60 * 60
"""Seconds after which what was being handed over has ended, and what is due was tried."""


def rows(db: Database) -> Iterator[str]:
    """A sentence for each row that disagrees with others."""
    yield from outbox_checks.rows(db)


def waiting(db: Database) -> Iterator[str]:
    """A sentence for each segment with mails that wait for somebody."""
    now = int(time.time())
    yield from outbox_checks.waiting(db, now - LATELY, now - LONG, now - LONG)

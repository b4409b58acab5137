"""Octets of old revisions go once nobody can see them any more."""

from __future__ import annotations

import threading
from functools import partial

from storage import Database, erasing, references

AT_ONCE = 100
"""Messages of one transaction."""


def forget(db: Database, ending: threading.Event | None = None) -> int:
    """Removes the octets of activities' messages that stand in no folder, weren't expunged within
    the last day, and that no record of a drop names; how many. They are known for what they were
    all the same. ending: stops it between two transactions. Raises Unavailable."""
    count, after = 0, 0
    while ending is None or not ending.is_set():
        found = db.read(partial(references.old_renderings, after=after, most=AT_ONCE))
        if not found:
            break
        after = found[-1][0]
        stored = [stored_message_id for _, stored_message_id in found]
        count += db.write(partial(references.detach_renderings, stored_message_ids=stored))
    if count:
        erasing.finish(db)
    return count

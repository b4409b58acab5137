"""What was changed of an account, also under names that it had before."""

from __future__ import annotations

from imapgate.activities.names import key
from imapgate.incoming.accounts import subject
from storage import Tx, settings_history
from storage.settings_history import SettingsRecord


def records_of(tx: Tx, segment_id: int, wanted: str | None, most: int) -> list[SettingsRecord]:
    """The newest first, at most that many. wanted: a subject (accounts.subject), None: all."""
    if wanted is None:
        return settings_history.records(tx, segment_id, most)
    found = []
    for one in settings_history.records(tx, segment_id):
        if key(one.subject) != key(wanted):
            continue
        found.append(one)
        before, _ = one.changes.get("name", (None, None))
        if before is not None:
            wanted = subject(before)
        if len(found) == most:
            break
    return found

"""What was changed of mailers, also under names that they had before."""

from __future__ import annotations

from imapgate.activities.names import key
from imapgate.outgoing.mailers import subject
from storage import Tx, settings_history
from storage.settings_history import SettingsRecord


def records_of(tx: Tx, segment_id: int, name: str | None, most: int) -> list[SettingsRecord]:
    """The newest first, at most that many. name: of a mailer, of the segment or for all segments;
    None: of all mailers."""
    found: list[SettingsRecord] = []
    wanted = None if name is None else {key(subject(name, one)) for one in (segment_id, None)}
    for one in settings_history.records(tx, segment_id):
        if len(found) == most:
            break
        if not one.subject.startswith("mailer ") or (
            wanted is not None and key(one.subject) not in wanted
        ):
            continue
        found.append(one)
        before, _ = one.changes.get("name", (None, None))
        if wanted is not None and before is not None:
            of = None if one.subject == subject(one.changes["name"][1], None) else segment_id
            wanted.add(key(subject(before, of)))
    return found

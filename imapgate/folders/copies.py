"""Entries copied into a personal folder: plain mail, no activities (rule 13)."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities.people import Person
from imapgate.folders import failed, marks
from imapgate.limits import Limits
from storage import Tx, entries
from storage.schema import SEEN
from storage.standing import Standing


def copy_plain(
    tx: Tx,
    person: Person,
    source_id: int,
    copied: Sequence[Standing],
    target_id: int,
    limits: Limits,
) -> list[int]:
    """The new UIDs, one for each. The same stored bytes, with shared flags, keywords,
    INTERNALDATE and the person's own \\Seen (RFC 3501 6.4.7), not \\Deleted. Why a message was in
    Recovered Messages or Incoming/Failed isn't copied."""
    own = marks.own_of(tx, person.id, source_id, [one.uid for one in copied])
    keywords = marks.columns(
        tx, target_id, [set(one.keywords.split()) - failed.SERVERS for one in copied], limits
    )
    uids = entries.add(
        tx,
        target_id,
        [
            entries.NewEntry(
                stored_message_id=one.stored_message_id,
                size=one.size,
                internal_at=one.internal_at,
                internal_zone=one.internal_zone,
                flags=one.flags,
                keywords=kept,
            )
            for one, kept in zip(copied, keywords, strict=True)
        ],
    )
    marks.set_own(
        tx,
        person.id,
        target_id,
        {uid: own[one.uid] & SEEN for uid, one in zip(uids, copied, strict=True)},
    )
    return uids

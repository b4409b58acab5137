"""Messages leave a group (rule 16): by EXPUNGE, or by MOVE out of the group folders."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities import regrouping
from imapgate.activities.people import Person
from imapgate.folders import records, recovered
from imapgate.folders.folder import Folder
from imapgate.folders.verdict import plain
from storage import Tx, entries, standing


def take_out(
    tx: Tx, person: Person, folder: Folder, uids: Sequence[int], command: str, client: str = ""
) -> int:
    """Take messages out of a group's folder; the caller has checked that each may go. Returns the
    folder's modseq after it.

    Activities and bytes stay. Each message also stands in the Recovered Messages of whoever did
    it and of everybody whose drop it was, and leaves a record. command, client: for the record.
    """
    assert folder.group_id is not None
    leaving = standing.load(tx, folder.id, uids)
    gone = [one.uid for one in leaving]
    droppers = standing.droppers(tx, folder.id, gone)
    kept: dict[int, list[recovered.Kept]] = {}
    for one in leaving:
        for principal_id in {person.id, *droppers.get(one.uid, ())}:
            kept.setdefault(principal_id, []).append(
                recovered.Kept(one.stored_message_id, one.size, one.internal_at, one.internal_zone)
            )
    for principal_id, messages in sorted(kept.items()):
        recovered.keep_all(tx, principal_id, messages, recovered.TAKEN_OUT)
    # Two mails may be one activity (same Message-ID, other bytes): it leaves with the last of them.
    concerned = {one.activity_id for one in leaving if one.activity_id is not None}
    for activity_id in sorted(
        concerned - standing.activities_elsewhere(tx, folder.id, concerned, gone)
    ):
        regrouping.take_out(tx, person, activity_id, folder.group_id)
    text = plain(f"Taken out of {folder.short_title}.")
    records.write(
        tx,
        person,
        records.Road(command, client, folder.id, folder.name),
        [
            (
                message,
                records.Result(records.REMOVED, text, activity_id=one.activity_id, uid=one.uid),
            )
            for one, message in zip(leaving, records.messages(tx, leaving), strict=True)
        ],
    )
    return entries.remove(tx, folder.id, gone)

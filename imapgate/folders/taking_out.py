"""Messages leave a group (rule 16): by EXPUNGE, or by MOVE out of the group folders."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities import regrouping, undoing
from imapgate.activities.filing import NumberOutcome
from imapgate.activities.people import Person
from imapgate.folders import records, recovered
from imapgate.folders.folder import Folder
from imapgate.folders.revisions import placing
from imapgate.folders.verdict import plain
from storage import Tx, entries, folders, standing
from storage.standing import Standing


def take_out(
    tx: Tx, person: Person, folder: Folder, uids: Sequence[int], command: str, client: str = ""
) -> int:
    """Take messages out of a group's folder; the caller has checked that each may go. Returns the
    folder's modseq after it.

    Activities and bytes stay. Each mail also stands in the Recovered Messages of whoever did it and
    of everybody whose drop it was, and leaves a record; in no group any more it is linked to
    nothing. An activity's own message comes again at once: that it is deleted takes the activity
    out of nothing. command, client: for the record.
    """
    assert folder.group_id is not None
    leaving = standing.load(tx, folder.id, uids)
    mails = [one for one in leaving if not one.rendered]
    gone = [one.uid for one in mails]
    _recover(tx, person, folder, mails)
    # Two mails may be one activity (same Message-ID, other bytes): it leaves with the last of them.
    concerned = {one.activity_id for one in mails if one.activity_id is not None}
    unlinked = {
        activity_id: regrouping.take_out(tx, person, activity_id, folder.group_id)
        for activity_id in sorted(
            concerned - standing.activities_elsewhere(tx, folder.id, concerned, gone)
        )
    }
    text = plain(f"Taken out of {folder.short_title}.")
    records.write(
        tx,
        person,
        records.Road(command, client, folder.id, folder.name),
        [
            (
                message,
                records.Result(
                    records.REMOVED,
                    text,
                    activity_id=one.activity_id,
                    uid=one.uid,
                    numbers=tuple(
                        NumberOutcome(number, undoing.UNDONE)
                        for number in unlinked.get(one.activity_id or 0, ())
                    ),
                ),
            )
            for one, message in zip(mails, records.messages(tx, mails), strict=True)
        ],
    )
    entries.remove(tx, folder.id, gone)
    bring_again(tx, person, folder, leaving)
    return folders.modseq(tx, folder.id)


def bring_again(tx: Tx, person: Person, folder: Folder, leaving: Sequence[Standing]) -> None:
    """Those of them that are activities' own messages, in a group's folder."""
    own = [one.uid for one in leaving if one.rendered]
    if own:
        placing.bring_again(tx, folder.id, own, person.id)


def _recover(tx: Tx, person: Person, folder: Folder, mails: Sequence[Standing]) -> None:
    droppers = standing.droppers(tx, folder.id, [one.uid for one in mails])
    kept: dict[int, list[recovered.Kept]] = {}
    for one in mails:
        for principal_id in {person.id, *droppers.get(one.uid, ())}:
            kept.setdefault(principal_id, []).append(
                recovered.Kept(one.stored_message_id, one.size, one.internal_at, one.internal_zone)
            )
    for principal_id, messages in sorted(kept.items()):
        recovered.keep_all(tx, principal_id, messages, recovered.TAKEN_OUT)

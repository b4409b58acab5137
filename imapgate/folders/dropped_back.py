"""Activities' own messages that are dropped: they are recognised, and nothing is filed."""

from __future__ import annotations

from imapgate.activities import filing, regrouping
from imapgate.activities.outcome import Filed, Refusal, StoredMail
from imapgate.activities.people import Person, may_contribute, may_see
from imapgate.folders import activity_drop, marks, refusals
from imapgate.folders.activity_folders import settling
from imapgate.folders.folder import Folder, Kind
from imapgate.folders.refusals import Refused
from imapgate.folders.revisions import placing, recognising
from imapgate.limits import Limits
from storage import Tx, activities, standing


def recognised(tx: Tx, person: Person, stored: StoredMail) -> int | None:
    """The activity of which the mail is a message that was written here, if this person may see it;
    whoever may not has dropped an ordinary mail."""
    activity_id = recognising.recognise(tx, person.segment_id, stored.identity, stored.mail)
    return activity_id if activity_id is not None and may_see(tx, person, activity_id) else None


def bring(
    tx: Tx,
    person: Person,
    folder: Folder,
    activity_id: int,
    limits: Limits,
    from_group: int | None = None,
) -> tuple[Filed, int]:
    """What a drop of such a message came to, with its UID: where the activity stands that of the
    message that is there; a group where it doesn't stand it comes into. from_group: MOVE by a
    manager out of that group's folder, which the activity leaves. Raises Refused."""
    number = activities.by_id(tx, activity_id).number
    if folder.kind is Kind.ACTIVITY:
        if folder.activity_id != activity_id:
            text = f"#{number} is an activity itself, it can't go into {folder.title}"
            raise Refused("CANNOT", text)
        uid = _in_own_folder(tx, person, folder, activity_id, limits)
        group_id = activity_drop.group_for(tx, person, folder)
    else:
        assert folder.group_id is not None
        group_id = folder.group_id
        if activities.in_group(tx, activity_id, group_id):
            if not may_contribute(tx, person, group_id):
                raise refusals.by_activities(filing.no_right(tx, group_id))
        else:
            refusal = filing.group_creator(tx, person, group_id)
            if isinstance(refusal, Refusal):
                raise refusals.by_activities(refusal)
            regrouping.join(tx, person, activity_id, group_id)
        if from_group is not None:
            regrouping.leave(tx, person, activity_id, from_group)
        uid = placing.place(tx, activity_id, group_id, limits)
    marks.clear_deleted(tx, person.id, folder.id, [uid])
    return Filed(activity_id, number, False, (group_id,), ()), uid


def _in_own_folder(tx: Tx, person: Person, folder: Folder, activity_id: int, limits: Limits) -> int:
    there = standing.by_activity(tx, folder.id, [activity_id]).get(activity_id)
    if there is None:
        placing.place(tx, activity_id, activity_drop.group_for(tx, person, folder), limits)
        settling.settle(tx, activity_id)
        there = standing.by_activity(tx, folder.id, [activity_id])[activity_id]
    return there[-1]

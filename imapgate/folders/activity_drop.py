"""What is dropped on an activity's folder: into which group it is filed, and where it then stands
in that folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from imapgate.activities import filing
from imapgate.activities.outcome import Refusal
from imapgate.activities.people import Person, may_contribute, role_in
from imapgate.folders import landing, marks
from imapgate.folders.folder import Folder
from imapgate.folders.landing import Lander
from imapgate.limits import Limits
from storage import Tx, activities, entries, folders, standing


def group_for(tx: Tx, person: Person, folder: Folder) -> int:
    """The group that files what is dropped there, and whose roles decide what may be taken out; of
    a group's folder that group. Where none takes mail from this person: one that says why."""
    if folder.group_id is not None:
        return folder.group_id
    assert folder.activity_id is not None
    assert folder.place is not None
    if folder.files_into is not None:
        return folder.files_into
    if folder.place > 0:
        return folder.place
    seen = [
        group_id
        for group_id, _ in activities.groups_of(tx, folder.activity_id)
        if role_in(tx, person, group_id) is not None
    ]
    return next((one for one in seen if may_contribute(tx, person, one)), seen[0])


def common_group(
    tx: Tx, person: Person, folder: Folder, group_id: int | None, email_activity_id: int
) -> int:
    """As group_for, for a mail that is an activity already and stands in a group that is the
    activity's, too: it stays there."""
    assert folder.activity_id is not None
    if (
        group_id is not None
        and activities.in_group(tx, folder.activity_id, group_id)
        and activities.in_group(tx, email_activity_id, group_id)
        and not isinstance(filing.group_creator(tx, person, group_id), Refusal)
    ):
        return group_id
    return group_for(tx, person, folder)


def land(
    tx: Tx,
    person: Person,
    folder: Folder,
    landers: Sequence[Lander],
    in_groups: Mapping[tuple[int, bytes], int],
    limits: Limits,
) -> dict[bytes, int]:
    """identity -> UID in the activity's folder, of mails that were filed and linked to it.
    in_groups: (group id, identity) -> UID, as landing.land gives them.

    What stands there already keeps its UID; the dropper's \\Deleted is cleared. The bytes are those
    that stand in the group. Whose drop it was is known of the group's entry alone.
    """
    by_activity = {one.filed.activity_id: one for one in reversed(landers)}
    there = standing.by_activity(tx, folder.id, by_activity)
    uids = {by_activity[one].identity: found[0] for one, found in there.items()}
    # As another activity that the same mail is, in a group where its dropper didn't see this one.
    twins = standing.by_identity(tx, folder.id, [one.identity for one in landers])
    uids.update((identity, one.uid) for identity, one in twins.items())
    keywords = standing.keywords(tx, folder.id, list(uids.values()))
    present = {identity: standing.Present(uid, keywords[uid]) for identity, uid in uids.items()}
    landing.drop_again(tx, person, folder.id, {one.identity: one for one in landers}, present)
    new = [one for one in by_activity.values() if one.identity not in uids][::-1]
    columns = marks.columns(tx, folder.id, [one.keywords for one in new], limits)
    added = entries.add(
        tx,
        folder.id,
        [_entry(tx, one, in_groups, column) for one, column in zip(new, columns, strict=True)],
    )
    own = {uid: one.marks.own for uid, one in zip(added, new, strict=True)}
    marks.set_own(tx, person.id, folder.id, own)
    uids.update((one.identity, uid) for one, uid in zip(new, added, strict=True))
    return {
        one.identity: uids.get(one.identity) or uids[by_activity[one.filed.activity_id].identity]
        for one in landers
    }


def _entry(
    tx: Tx, lander: Lander, in_groups: Mapping[tuple[int, bytes], int], keywords: str
) -> entries.NewEntry:
    group_id = lander.filed.groups[0]
    found = folders.of_group(tx, group_id)
    assert found is not None
    [filed] = standing.load(tx, found[0], [in_groups[group_id, lander.identity]])
    return entries.NewEntry(
        stored_message_id=filed.stored_message_id,
        size=filed.size,
        internal_at=lander.internal_at,
        internal_zone=lander.internal_zone,
        flags=lander.marks.shared,
        keywords=keywords,
        activity_id=lander.filed.activity_id,
        identity=lander.identity,
    )

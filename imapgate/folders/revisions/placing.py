"""An activity's message in a group's folder: put there, put in another's place, brought again."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from imapgate.folders import ready
from imapgate.folders.rendering import message
from imapgate.limits import Limits
from storage import Tx, activities, again, entries, folders, rendered, revisions, seen
from storage.activities import ActivityRow
from storage.rendered import RenderedRow


def place(tx: Tx, activity_id: int, group_id: int, limits: Limits) -> int:
    """The UID of the activity's message in the folder of one of its groups; it is made at once if
    it isn't there, as of the present revision, and unread for everybody: whoever asks for it sets
    flags.

    Raises LookupError: no such group, or the activity isn't in it. Raises OSError where a large one
    can't be put together.
    """
    here = folders.of_group(tx, group_id)
    if here is None or not activities.in_group(tx, activity_id, group_id):
        raise LookupError(f"activity {activity_id} is not in group {group_id}")
    for one in rendered.of_activity(tx, activity_id):
        if one.folder_id == here[0]:
            return one.uid
    newest = revisions.newest(tx, activity_id)
    number = 1 if newest is None else newest[0]
    activity = activities.by_id(tx, activity_id)
    prepared = message.render(tx, activity_id, group_id, number, limits)
    stored_message_id = store(tx, activity, number, prepared)
    if newest is None:
        revisions.set_newest(tx, activity_id, number)
    new = entries.NewEntry(
        stored_message_id,
        len(prepared.content),
        internal_at=activity.modified_at,
        activity_id=activity_id,
        identity=revisions.entry_identity(activity_id),
        rendered=True,
    )
    return entries.add(tx, here[0], [new])[0]


def store(tx: Tx, activity: ActivityRow, number: int, prepared: ready.Prepared) -> int:
    """One of the messages of that revision, to be known again; the stored message's id."""
    stored_message_id = ready.store(tx, activity.segment_id, prepared)
    if not revisions.is_rendering(tx, stored_message_id):
        revisions.add_rendering(
            tx,
            activity.segment_id,
            activity.id,
            number,
            message.message_id(tx, activity.id, number),
            prepared.identity,
            stored_message_id,
        )
    return stored_message_id


def put(
    tx: Tx,
    activity: ActivityRow,
    folder_id: int,
    group_id: int,
    stored: tuple[int, int],
    old: RenderedRow | None,
    unread_for: Collection[int],
    seen_by: Collection[int | None],
) -> int:
    """A revision comes into its group's folder, in the place of the old one; its UID.

    stored: (stored message's id, octets). Shared flags and keywords go over, and \\Seen for the
    members who had seen the old one, without `unread_for`; the members in `seen_by` have seen it in
    any case. Ids are principals'.
    """
    saw: set[int] = set()
    if old is not None:
        saw = seen.forget(tx, group_id, folder_id, old.uid)
        entries.remove(tx, folder_id, [old.uid])
    new = entries.NewEntry(
        stored[0],
        stored[1],
        internal_at=activity.modified_at,
        flags=0 if old is None else old.flags,
        keywords="" if old is None else old.keywords,
        activity_id=activity.id,
        identity=revisions.entry_identity(activity.id),
        rendered=True,
    )
    uid = entries.add(tx, folder_id, [new])[0]
    has_seen = (saw - set(unread_for)) | (seen.members(tx, group_id).intersection(seen_by))
    seen.add(tx, group_id, folder_id, uid, has_seen, folders.modseq(tx, folder_id))
    return uid


def bring_again(tx: Tx, folder_id: int, uids: Sequence[int], seen_by: int) -> None:
    """Activities' messages that leave a group's folder come again under new UIDs, with their flags,
    seen for that user (principal id) and for whoever had seen them; the old entries are expunged
    here. uids: ascending; those that aren't such messages are passed over."""
    leaving = rendered.in_folder(tx, folder_id, uids)
    if leaving:
        members = sorted(seen.members(tx, leaving[0].group_id))
        again.come_again(tx, folder_id, [one.uid for one in leaving], members, seen_by=seen_by)

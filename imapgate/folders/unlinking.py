"""Mails leave an activity's folder: they aren't about it after all."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from imapgate.activities import undoing
from imapgate.activities.filing import NumberOutcome
from imapgate.activities.people import Person, Role, role_in
from imapgate.folders import activity_drop, records, taking_out
from imapgate.folders.folder import Folder
from imapgate.folders.listing import find_by_id
from imapgate.folders.verdict import plain
from storage import Tx, again, entries, folders, links, standing
from storage.standing import Standing


def may_unlink(tx: Tx, person: Person, folder: Folder, uids: Sequence[int]) -> frozenset[int]:
    """Those of uids that this person may take out of an activity's folder, where they have the
    right `e`: its group's manager any, contributors what they alone dropped; the activity's own
    message, which comes again."""
    here = standing.load(tx, folder.id, uids)
    group_id = activity_drop.group_for(tx, person, folder)
    if role_in(tx, person, group_id) is Role.MANAGER:
        return frozenset(one.uid for one in here)
    mails = {one.activity_id for one in here if one.activity_id is not None and not one.rendered}
    whose = standing.group_droppers(tx, mails)

    def alone(email_activity_id: int | None) -> bool:
        where = whose.get(email_activity_id or 0, {})
        inside = [found for (group, _), found in where.items() if group == group_id]
        return bool(where) and all(one == [person.id] for one in inside or where.values())

    return frozenset(one.uid for one in here if one.rendered or alone(one.activity_id))


def take_out(
    tx: Tx,
    person: Person,
    folder: Folder,
    uids: Sequence[int],
    command: str,
    client: str = "",
    went: Mapping[int, Folder] | None = None,
) -> int:
    """Takes messages out of an activity's folder; the caller has checked that each may go. Returns
    the folder's modseq after it.

    A mail loses its link to the activity, with the follow-up; if nothing else links it, it also
    leaves the folder's group (taking_out.take_out), but where it went there (UID -> folder). The
    activity's own message comes again. command, client: for the record.
    """
    assert folder.activity_id is not None
    assert folder.number is not None
    group_id = activity_drop.group_for(tx, person, folder)
    leaving = standing.load(tx, folder.id, uids)
    mails = [one for one in leaving if not one.rendered]
    apart = []
    for one in mails:
        assert one.activity_id is not None
        undoing.unlink(tx, person, one.activity_id, folder.activity_id)
        target = (went or {}).get(one.uid)
        is_there = target is not None and target.group_id == group_id
        if not is_there and not links.links_from(tx, one.activity_id):
            apart.append(one.activity_id)
    records.write(
        tx,
        person,
        records.Road(command, client, folder.id, folder.name),
        list(_records(tx, folder, mails, plain(f"Taken out of {folder.short_title}."))),
    )
    leave_group(tx, person, group_id, apart, command, client)
    return remove(tx, person, folder, leaving)


def record_moved(
    tx: Tx, person: Person, folder: Folder, mails: Sequence[Standing], road: records.Road, to: str
) -> None:
    """What MOVE takes out of an activity's folder and puts elsewhere; to: where it went."""
    records.write(tx, person, road, list(_records(tx, folder, mails, plain(f"Moved to {to}."))))


def remove(tx: Tx, person: Person, folder: Folder, leaving: Sequence[Standing]) -> int:
    """The entries alone; the activity's own message comes again. Returns the modseq after it."""
    entries.remove(tx, folder.id, [one.uid for one in leaving if not one.rendered])
    own = [one.uid for one in leaving if one.rendered]
    again.come_again(tx, folder.id, own, [person.id], seen_by=person.id)
    return folders.modseq(tx, folder.id)


def leave_group(
    tx: Tx,
    person: Person,
    group_id: int,
    email_activity_ids: Collection[int],
    command: str,
    client: str,
) -> None:
    """Those of the mails that stand in the group's folder are taken out of it."""
    place = folders.of_group(tx, group_id)
    group = None if place is None else find_by_id(tx, person, place[0])
    if group is None:
        return
    there = standing.by_activity(tx, group.id, email_activity_ids)
    uids = sorted(uid for found in there.values() for uid in found)
    if uids:
        taking_out.take_out(tx, person, group, uids, command, client)


def _records(
    tx: Tx, folder: Folder, mails: Sequence[Standing], text: str
) -> list[tuple[records.Message, records.Result]]:
    assert folder.number is not None
    numbers = (NumberOutcome(folder.number, undoing.UNDONE),)
    return [
        (
            message,
            records.Result(
                records.REMOVED, text, activity_id=one.activity_id, uid=one.uid, numbers=numbers
            ),
        )
        for one, message in zip(mails, records.messages(tx, mails), strict=True)
    ]

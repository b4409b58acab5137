"""EXPUNGE: messages leave a personal folder, a group (rule 16), or an activity's folder."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities.people import Person
from imapgate.folders import dragging, failed, unlinking
from imapgate.folders.listing import as_it_is
from imapgate.folders.recovered import keep_if_refused
from imapgate.folders.taking_out import take_out
from imapgate.folders.tree import Folder, Kind
from storage import Tx, entries, standing
from storage import reading as rows
from storage.schema import DELETED


def may_remove(tx: Tx, person: Person, folder: Folder, uids: Sequence[int]) -> frozenset[int]:
    """Those of uids that this person may take out of this folder: the owner and a group's manager
    any, contributors what they alone dropped, viewers none. Activities' own messages may be taken
    by all of them but viewers: they come again. UIDs of which nothing is there don't count in a
    contributor's case, nor in an activity's folder."""
    if "e" not in folder.rights:
        return frozenset()
    if folder.kind is Kind.ACTIVITY:
        return unlinking.may_unlink(tx, person, folder, uids)
    if folder.kind is not Kind.GROUP or "a" in folder.rights:
        return frozenset(uids)
    droppers = standing.droppers(tx, folder.id, uids)
    own = frozenset(uid for uid, whose in droppers.items() if whose == [person.id])
    return own | standing.rendered(tx, folder.id, uids)


def expunge(
    tx: Tx,
    person: Person,
    folder: Folder,
    uids: Sequence[int] | None,
    command: str = "EXPUNGE",
    client: str = "",
) -> list[int]:
    """Removes what is \\Deleted for this person (of uids, if given) and may go; returns the UIDs
    that left, ascending. command, client: for the record of what left a group. Raises Invisible.

    What was dragged away by COPY leaves, or stands where it belongs, as by MOVE."""
    folder = as_it_is(tx, person, folder)
    deleted = rows.own_flagged(tx, person.id, folder.id, DELETED)
    if uids is not None:
        wanted = frozenset(uids)
        deleted = [uid for uid in deleted if uid in wanted]
    allowed = may_remove(tx, person, folder, deleted)
    going = [uid for uid in deleted if uid in allowed]
    if not going:
        return []
    if folder.files:
        went = dragging.targets(tx, person, folder, going)
        back = dragging.come_again(tx, person, folder, went)
        leaving = [uid for uid in going if uid not in back]
        if folder.kind is Kind.ACTIVITY:
            unlinking.take_out(tx, person, folder, leaving, command, client, went)
        else:
            take_out(tx, person, folder, leaving, command, client)
        return going
    remove(tx, person, folder, going, command, client)
    return going


def remove(
    tx: Tx, person: Person, folder: Folder, uids: Sequence[int], command: str, client: str = ""
) -> int:
    """Takes messages out that are there (ascending) and may go; returns the folder's modseq after
    it. command, client: as with expunge."""
    if folder.kind is Kind.GROUP:
        return take_out(tx, person, folder, uids, command, client)
    if folder.kind is Kind.ACTIVITY:
        return unlinking.take_out(tx, person, folder, uids, command, client)
    if folder.failed:
        return failed.take_out(tx, person, folder, uids)
    going = frozenset(uids)
    came = {
        message_id: saved_at
        for uid, message_id, saved_at in rows.entries(
            tx, folder.id, uids, ("stored_message_id", "saved_at")
        )
        if uid in going
    }
    modseq = entries.remove(tx, folder.id, uids)
    keep_if_refused(tx, person, came, folder.id)
    return modseq

"""COPY and MOVE into a personal folder, inside their transactions."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities.people import Person
from imapgate.folders import copies, failed, recovered, taking_out, unlinking
from imapgate.folders.folder import Folder, Kind
from imapgate.limits import Limits
from storage import Tx, entries, standing
from storage.standing import Standing


def to_personal(
    tx: Tx,
    person: Person,
    source: Folder,
    target: Folder,
    chosen: Sequence[Standing],
    moving: bool,
    command: str,
    client: str,
    limits: Limits,
) -> tuple[list[int], int]:
    """(the UIDs in the target, one for each; the source's modseq after a MOVE, else 0). command,
    client: for the record of what leaves a group or an activity's folder.

    Recovered Messages as target: what is taken out stands there anyway, and once.
    """
    made = []
    if not target.recovered:
        made = copies.copy_plain(tx, person, source.id, chosen, target.id, limits)
    modseq = _leave(tx, person, source, chosen, command, client) if moving else 0
    if target.recovered:
        made = _recovered(tx, person, target, chosen)
    return made, modseq


def _leave(
    tx: Tx, person: Person, source: Folder, chosen: Sequence[Standing], command: str, client: str
) -> int:
    uids = [one.uid for one in chosen]
    match source.kind:
        case Kind.GROUP:
            return taking_out.take_out(tx, person, source, uids, command, client)
        case Kind.ACTIVITY:
            return unlinking.take_out(tx, person, source, uids, command, client)
    if source.failed:
        return failed.take_out(tx, person, source, uids)
    return entries.remove(tx, source.id, uids)


def _recovered(tx: Tx, person: Person, target: Folder, chosen: Sequence[Standing]) -> list[int]:
    kept = [
        recovered.Kept(one.stored_message_id, one.size, one.internal_at, one.internal_zone)
        for one in chosen
    ]
    recovered.keep_all(tx, person.id, kept, recovered.TAKEN_OUT)
    here = standing.by_stored_message(tx, target.id, {one.stored_message_id for one in chosen})
    return [here[one.stored_message_id][-1] for one in chosen]

"""What a client without MOVE drags (Outlook): COPY, then \\Deleted and EXPUNGE in the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from imapgate.activities.people import Person
from imapgate.folders import copying_in
from imapgate.folders.folder import Folder
from imapgate.folders.listing import find_by_id
from imapgate.folders.recovered import EXPUNGED_AFTER
from storage import Tx, drops, standing
from storage import reading as rows


def targets(tx: Tx, person: Person, source: Folder, uids: Sequence[int]) -> dict[int, Folder]:
    """UID -> where it went, of those of uids (ascending) in a group's or an activity's folder that
    this person has copied elsewhere within the last 24 hours, since they came there, and has done
    nothing else with: to expunge them now is the other half of a MOVE."""
    came = {row[0]: row[1] for row in rows.entries(tx, source.id, uids, ("saved_at",))}
    here = [one for one in standing.load(tx, source.id, uids) if not one.rendered]
    since = tx.now - EXPUNGED_AFTER
    copied = drops.copied(tx, person.id, {one.identity for one in here}, since)
    found: dict[int, Folder | None] = {}
    for folder_id in {folder_id for folder_id, _ in copied.values()} - {source.id}:
        found[folder_id] = find_by_id(tx, person, folder_id)
    went: dict[int, Folder] = {}
    for one in here:
        folder_id, at = copied.get(one.identity, (0, 0))
        target = found.get(folder_id)
        # What the copy itself brought here, to be linked there, didn't go from here.
        if target is not None and came[one.uid] < at:
            went[one.uid] = target
    return went


def come_again(
    tx: Tx, person: Person, source: Folder, went: Mapping[int, Folder]
) -> frozenset[int]:
    """Those that belong where they went and into the source, too (copying_in.staying), leave it and
    stand in it again under new UIDs; their old ones. went: as `targets` gives it."""
    back: set[int] = set()
    for target in {one.id: one for one in went.values()}.values():
        uids = [uid for uid, one in went.items() if one.id == target.id]
        chosen = standing.load(tx, source.id, uids)
        back |= copying_in.staying(tx, person, source, target, chosen)
    copying_in.come_again(tx, person, source, sorted(back))
    return frozenset(back)

"""Filed mails get their entries: one in every group that an activity is in by the drop (rule 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imapgate.activities.filing import Filed
from imapgate.activities.linking import NOT_LINKED
from imapgate.activities.people import Person
from imapgate.folders import marks
from imapgate.folders.marks import NUMBER_UNKNOWN, Marks
from imapgate.limits import Limits
from storage import Tx, entries, folders, keywords, runs, standing
from storage.schema import DELETED


@dataclass(frozen=True, slots=True)
class Lander:
    """A stored message that was filed, and what its entries are to look like.

    internal_at: seconds since 1970 UTC; internal_zone: minutes east. droppers: principals whose
    drop it was in the group that it comes from.
    """

    stored_message_id: int
    size: int
    identity: bytes
    internal_at: int
    internal_zone: int
    marks: Marks
    filed: Filed
    droppers: tuple[int, ...] = ()

    @property
    def keywords(self) -> set[str]:
        """With $NumberUnknown, as this drop came out (rule 6)."""
        unknown = any(one.outcome in NOT_LINKED for one in self.filed.numbers)
        return set(self.marks.keywords) - {NUMBER_UNKNOWN} | (
            {NUMBER_UNKNOWN} if unknown else set()
        )


def land(
    tx: Tx,
    person: Person,
    landers: Sequence[Lander],
    limits: Limits,
    is_drop: bool = True,
) -> dict[tuple[int, bytes], int]:
    """(group id, identity) -> UID. The same mail twice in one command is one entry. is_drop: it is
    this person's drop; what came in by itself is nobody's, and stays so when it is dropped again.

    What stands in a folder keeps its UID, flags and INTERNALDATE; the dropper's \\Deleted is
    cleared.
    """
    by_group: dict[int, dict[bytes, Lander]] = {}
    for lander in landers:
        for group_id in lander.filed.groups:
            by_group.setdefault(group_id, {}).setdefault(lander.identity, lander)
    places = folders.of_groups(tx, list(by_group))
    uids = {}
    # In the order of folders' ids: two drops into the same groups lock their rows alike.
    for group_id, (folder_id, _) in sorted(places.items(), key=lambda place: place[1]):
        here = _land_in_folder(tx, person, folder_id, by_group[group_id], limits, is_drop)
        uids.update({(group_id, identity): uid for identity, uid in here.items()})
    return uids


def _land_in_folder(
    tx: Tx,
    person: Person,
    folder_id: int,
    landers: Mapping[bytes, Lander],
    limits: Limits,
    is_drop: bool,
) -> dict[bytes, int]:
    present = standing.by_identity(tx, folder_id, list(landers))
    new = [one for identity, one in landers.items() if identity not in present]
    keywords = marks.columns(tx, folder_id, [one.keywords for one in new], limits)
    added = entries.add(
        tx,
        folder_id,
        [
            entries.NewEntry(
                stored_message_id=one.stored_message_id,
                size=one.size,
                internal_at=one.internal_at,
                internal_zone=one.internal_zone,
                flags=one.marks.shared,
                keywords=column,
                activity_id=one.filed.activity_id,
                identity=one.identity,
            )
            for one, column in zip(new, keywords, strict=True)
        ],
    )
    own = {uid: one.marks.own for uid, one in zip(added, new, strict=True)}
    marks.set_own(tx, person.id, folder_id, own)
    drop_again(tx, person, folder_id, landers, present)
    uids = {identity: one.uid for identity, one in present.items()}
    uids.update({one.identity: uid for uid, one in zip(added, new, strict=True)})
    if not is_drop:
        return uids
    droppers = standing.droppers(tx, folder_id, [one.uid for one in present.values()])
    standing.add_droppers(
        tx,
        folder_id,
        [
            (uids[identity], principal_id)
            for identity, one in landers.items()
            for principal_id in (person.id, *one.droppers)
            if _becomes_dropper(principal_id, identity in present, droppers.get(uids[identity]))
        ],
    )
    return uids


def _becomes_dropper(principal_id: int, was_there: bool, known: Sequence[int] | None) -> bool:
    """Else a contributor could make any mail that came in by itself theirs, and take it out."""
    return not was_there if known is None else principal_id not in known


def drop_again(
    tx: Tx,
    person: Person,
    folder_id: int,
    landers: Mapping[bytes, Lander],
    present: Mapping[bytes, standing.Present],
) -> None:
    """What stands there was dropped once more: the person's \\Deleted is cleared, and
    $NumberUnknown is as this drop came out."""
    own = marks.own_of(tx, person.id, folder_id, sorted(one.uid for one in present.values()))
    deleted = [uid for uid, flags in own.items() if flags & DELETED]
    renamed = {}
    for identity, one in present.items():
        now = set(one.keywords.split()) - {NUMBER_UNKNOWN}
        now |= landers[identity].keywords & {NUMBER_UNKNOWN}
        if now != set(one.keywords.split()):
            renamed[one.uid] = " ".join(sorted(now))
    if not deleted and not renamed:
        return
    modseq = entries.next_modseq(tx, folder_id)
    if deleted:
        runs.write(tx, person.id, folder_id, runs.stretches(deleted), 0, DELETED, modseq)
    for uid, column in renamed.items():
        standing.set_keywords(tx, folder_id, uid, column, modseq)
        keywords.add(tx, folder_id, column.split())

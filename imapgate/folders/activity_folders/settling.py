"""Made folders of activities are brought up to date: renamed, removed, given what belongs into them
and rid of what doesn't."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from imapgate.activities.linking import RELATES_TO
from imapgate.activities.people import person_by_id
from imapgate.folders import marks
from imapgate.folders.activity_folders import places
from imapgate.folders.activity_folders.contents import belonging, seen_in_groups
from storage import Tx, entries, folders
from storage import activity_entries as entry_rows
from storage import activity_folders as rows
from storage import standing as standing_rows
from storage.activity_entries import Kept, Source
from storage.activity_folders import MadeRow
from storage.entries import NewEntry
from storage.schema import SEEN


def settle(tx: Tx, activity_id: int) -> None:
    """After the activity changed: everybody's made folders of it. Of an e-mail activity: what they
    show of it in the folders of those that it is linked to, or was. A write; touches what has
    changed. The cost is that of the made folders, and of what stands in those of the activity
    itself."""
    made = rows.made_of(tx, activity_id)
    if made:
        _settle(tx, made)
    targets = sorted(entry_rows.targets(tx, activity_id, RELATES_TO))
    showing = [one for target_id in targets for one in rows.made_of(tx, target_id)]
    if showing:
        _settle_mail(tx, activity_id, targets, showing)


def settle_person(tx: Tx, principal_id: int) -> None:
    """After somebody's memberships or addresses changed: all that was made for them."""
    made = rows.made_by(tx, principal_id)
    if made:
        _settle(tx, made)


def settle_group(tx: Tx, group_id: int) -> None:
    """After a group was renamed, or lost its folder: whoever has made folders at its place or of
    its activities."""
    for principal_id in rows.owners_in(tx, group_id):
        settle_person(tx, principal_id)


def _settle(tx: Tx, made: Sequence[MadeRow]) -> None:
    by_owner: dict[int, list[MadeRow]] = {}
    for one in made:
        by_owner.setdefault(one.owner_id, []).append(one)
    staying: list[MadeRow] = []
    for owner_id, some in by_owner.items():
        names = _names(tx, owner_id, some)
        for one in some:
            name = names.get((one.place, one.activity_id))
            if name is None:
                folders.remove(tx, one.id)
                tx.touch_people()
                continue
            staying.append(one)
            if name != one.name:
                rows.rename(tx, one.id, name)
                tx.touch_people()
    _fill(tx, [one for one in staying if one.activity_id is not None])


def _settle_mail(
    tx: Tx, email_activity_id: int, targets: Sequence[int], made: Sequence[MadeRow]
) -> None:
    """One mail in the folders of what it is linked to, however many stand beside it."""
    found = entry_rows.sources_of_mail(tx, email_activity_id, targets, RELATES_TO)
    standing = entry_rows.kept_of_mail(tx, email_activity_id, [one.id for one in made])
    groups = entry_rows.groups_of(tx, list({one.owner_id for one in made}))
    for one in sorted(made, key=lambda one: one.id):
        here = standing.get(one.id, [])
        there = belonging(
            found.get(one.activity_id or 0, ()), one.place, groups[one.owner_id], here
        )
        alike = standing_rows.by_identity(tx, one.id, [mail.identity for mail in there])
        has_twin = not {twin.uid for twin in alike.values()} <= {kept.uid for kept in here}
        if here and (has_twin or not there):
            # The same mail is another activity, too, or perhaps: one of them is shown.
            _fill(tx, [one])
        elif not has_twin:
            _exchange(tx, one, here, there)


def _names(tx: Tx, owner_id: int, made: Iterable[MadeRow]) -> dict[tuple[int, int | None], str]:
    """Of those of somebody's folders that are still to be there: what they are called now."""
    known = person_by_id(tx, owner_id)
    if known is None:
        return {}
    here = places.of_person(tx, known[0])
    wanted = [one.activity_id for one in made if one.activity_id is not None]
    found: dict[tuple[int, int | None], str] = {}
    for one in places.opened(rows.these_open(tx, here.which, wanted)):
        for place in here.of(one):
            found[place, one.id] = here.folder(place, one, None).name
    for row in made:
        if row.activity_id is None and (row.place <= 0 or row.place in here.groups):
            found[row.place, None] = here.above(row.place)
    return found


def _fill(tx: Tx, made: Sequence[MadeRow]) -> None:
    activity_ids = list({one.activity_id: None for one in made if one.activity_id is not None})
    found = entry_rows.sources(tx, activity_ids, RELATES_TO)
    standing = entry_rows.kept(tx, [one.id for one in made])
    groups = entry_rows.groups_of(tx, list({one.owner_id for one in made}))
    # In the order of folders' ids: two transactions lock their rows alike.
    for one in sorted(made, key=lambda one: one.id):
        here = standing.get(one.id, [])
        there = belonging(
            found.get(one.activity_id or 0, ()), one.place, groups[one.owner_id], here
        )
        _exchange(tx, one, here, there)


def _exchange(tx: Tx, made: MadeRow, standing: Sequence[Kept], wanted: Sequence[Source]) -> None:
    """What stays keeps its UID, flags and keywords; what takes the place of an older form of its
    own takes over the shared ones."""
    known = {(one.activity_id, one.stored_message_id) for one in standing}
    there = {(one.activity_id, one.stored_message_id) for one in wanted}
    going = [one for one in standing if (one.activity_id, one.stored_message_id) not in there]
    new = [one for one in wanted if (one.activity_id, one.stored_message_id) not in known]
    if going:
        entries.remove(tx, made.id, [one.uid for one in going])
    if not new:
        return
    before = {(one.activity_id, one.rendered): one for one in going}
    uids = entries.add(tx, made.id, [_entry(one, before) for one in new])
    seen = seen_in_groups(tx, made.owner_id, new)
    own = {
        uid: SEEN for uid, one in zip(uids, new, strict=True) if (one.folder_id, one.uid) in seen
    }
    marks.set_own(tx, made.owner_id, made.id, own)


def _entry(one: Source, before: Mapping[tuple[int, bool], Kept]) -> NewEntry:
    old = before.get((one.activity_id, one.rendered))
    return NewEntry(
        stored_message_id=one.stored_message_id,
        size=one.size,
        internal_at=one.internal_at,
        internal_zone=one.internal_zone,
        flags=one.flags if old is None else old.flags,
        keywords="" if old is None else old.keywords,
        activity_id=one.activity_id,
        identity=one.identity,
        rendered=one.rendered,
    )

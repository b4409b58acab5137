"""A folder of an activity, or a heading above it, becomes one that is there: once somebody looks
into it, puts something into it or decides about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from imapgate.activities.linking import RELATES_TO
from imapgate.activities.people import Person
from imapgate.folders.activity_folders import names, places
from imapgate.folders.activity_folders.contents import belonging, seen_in_groups
from imapgate.folders.folder import Folder, Kind
from storage import Database, Tx, entries
from storage import activity_entries as entry_rows
from storage import activity_folders as rows
from storage.activity_entries import Laid, Source
from storage.activity_folders import NewFolder
from storage.schema import SEEN

AT_ONCE = 500
"""Folders that are made in one transaction: others write, too."""


class Unmade(Exception):
    """Of folders that aren't made yet it was asked what stands in them: to be made first."""

    def __init__(self, folders: Sequence[Folder]) -> None:
        super().__init__(f"{len(folders)} folders aren't made yet")
        self.folders = folders


def is_made(folder: Folder) -> bool:
    return folder.id > 0


def check_made(folders: Sequence[Folder]) -> None:
    """Raises Unmade."""
    unmade = [one for one in folders if not is_made(one)]
    if unmade:
        raise Unmade(unmade)


def make(tx: Tx, person: Person, folder: Folder) -> Folder:
    """A write. The folder with its real id and UIDVALIDITY, and with all that belongs into it; as
    it is where it has been made already, or never is to be. folder: found just now, in this
    transaction."""
    return make_all(tx, person, [folder])[0]


def make_all(tx: Tx, person: Person, folders: Sequence[Folder]) -> list[Folder]:
    """As make, of any number at a cost that hardly grows with it."""
    wanted = [one for one in folders if not is_made(one)]
    if not wanted:
        return list(folders)
    found = entry_rows.sources(
        tx, [one.activity_id for one in wanted if one.activity_id is not None], RELATES_TO
    )
    groups = entry_rows.groups_of(tx, [person.id])[person.id]
    contents = {
        one.id: belonging(found.get(one.activity_id or 0, ()), one.place or 0, groups)
        for one in wanted
    }
    last = entries.next_uidvalidity(tx, len(wanted))
    numbers = range(last - len(wanted) + 1, last + 1)
    valid = {one.id: number for one, number in zip(wanted, numbers, strict=True)}
    ids: dict[str, int] = {}
    for kind in (Kind.HEADING, Kind.ACTIVITY):
        new = [
            _new(person, one, valid[one.id], contents[one.id]) for one in wanted if one.kind is kind
        ]
        ids.update(rows.add(tx, person.segment_id, kind.value, new))
    made = {one.id: replace(one, id=ids[_key(one)], uidvalidity=valid[one.id]) for one in wanted}
    seen = seen_in_groups(tx, person.id, (one for some in contents.values() for one in some))
    entry_rows.lay(
        tx,
        person.id,
        (
            Laid(made[before].id, uid, one, SEEN if (one.folder_id, one.uid) in seen else 0)
            for before, some in contents.items()
            for uid, one in enumerate(some, start=1)
        ),
    )
    tx.touch_people()  # Who is told of its messages (RFC 5465) knows it by its id.
    return [made.get(one.id, one) for one in folders]


def make_found(db: Database, person: Person, folders: Sequence[Folder]) -> None:
    """What was found in an earlier transaction: some may have been made, or be gone, meanwhile. Off
    the reactor. Raises Unavailable."""
    for start in range(0, len(folders), AT_ONCE):
        db.write(partial(_make_found, person=person, folders=folders[start : start + AT_ONCE]))


def _make_found(tx: Tx, person: Person, folders: Sequence[Folder]) -> None:
    known = {(row.place, row.activity_id) for row in rows.made_by(tx, person.id)}
    here = places.of_person(tx, person)
    asked = [one.activity_id for one in folders if one.activity_id is not None]
    there = {
        (place, one.id)
        for one in places.opened(rows.these_open(tx, here.which, asked))
        for place in here.of(one)
    }
    new = [
        one
        for one in folders
        if (one.place, one.activity_id) not in known
        and (one.activity_id is None or (one.place, one.activity_id) in there)
    ]
    make_all(tx, person, new)


def _key(folder: Folder) -> str:
    return names.name_key(folder.place or 0, folder.activity_id)


def _new(person: Person, folder: Folder, uidvalidity: int, contents: Sequence[Source]) -> NewFolder:
    return NewFolder(
        person.id,
        folder.place or 0,
        folder.activity_id,
        folder.name,
        _key(folder),
        uidvalidity,
        len(contents),
        sum(one.size for one in contents),
    )

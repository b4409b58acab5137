"""What somebody has below `Activities`: the headings, and folders of open activities there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imapgate.activities.people import Person, Role
from imapgate.activities.process_plans import EMAIL_CLASS
from imapgate.folders import names as folder_names
from imapgate.folders import rights
from imapgate.folders.activity_folders import names
from imapgate.folders.folder import Folder, Kind
from storage import Tx
from storage import activity_folders as rows
from storage import folders as folder_rows
from storage.activity_folders import MadeRow, OpenRow
from storage.schema import ACTIVITIES, ASSIGNED, REPORTED


@dataclass(frozen=True, slots=True)
class Group:
    """A group that somebody is a member of. name: of its heading. takes_mail: it has an e-mail
    creator. rights: in the folders of its activities."""

    name: str
    takes_mail: bool
    rights: str


@dataclass(frozen=True, slots=True)
class Open:
    """An open activity. groups: those of somebody's that it is in, oldest first."""

    id: int
    number: int
    level: str
    assigned_to_id: int | None
    reporting_contact_id: int | None
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """Where one person's folders of activities are. groups: by id, oldest first. contacts: whose
    activities count as reported by this person. which: what is open there."""

    person: Person
    groups: Mapping[int, Group]
    contacts: frozenset[int]
    which: rows.Which

    def of(self, one: Open) -> list[int]:
        """The places of an activity's folders."""
        found = list(one.groups)
        if one.assigned_to_id == self.person.id:
            found.append(ASSIGNED)
        if one.reporting_contact_id in self.contacts:
            found.append(REPORTED)
        return found

    def above(self, place: int) -> str:
        """The whole name of a heading."""
        if place == ACTIVITIES:
            return folder_names.ACTIVITIES
        return names.HEADINGS[place] if place <= 0 else self.groups[place].name

    def heading(self, place: int, made: MadeRow | None) -> Folder:
        return _folder(self.above(place), rights.HEADING, place, None, made, ())

    def folder(self, place: int, one: Open, made: MadeRow | None) -> Folder:
        """place: one of its places."""
        name = f"{self.above(place)}{folder_names.SEPARATOR}{one.level}"
        if place > 0:
            group = self.groups[place]
            filing = place if "i" in group.rights else None
            return _folder(name, group.rights, place, one, made, (group.takes_mail, filing))
        groups = [self.groups[group_id] for group_id in one.groups]
        # Who may file has all the others' rights, who may write those of who may read.
        letters = max((group.rights for group in groups), key=len)
        filing = next((one for one in one.groups if "i" in self.groups[one].rights), None)
        takes_mail = any(group.takes_mail for group in groups)
        return _folder(name, letters, place, one, made, (takes_mail, filing))


def of_person(tx: Tx, person: Person) -> Places:
    """A few queries, however many activities there are."""
    seen = rows.groups_of(tx, person.id)
    taking = folder_rows.groups_served(tx, person.segment_id, EMAIL_CLASS)
    called = names.of_groups((row.id, row.folder) for row in seen)
    groups = {
        row.id: Group(
            called[row.id],
            row.id in taking,
            rights.in_activity(Role(row.role), row.id in taking),
        )
        for row in seen
    }
    contacts = rows.contacts_of(tx, person.id, person.segment_id)
    which = rows.Which(person.segment_id, EMAIL_CLASS, tuple(groups))
    return Places(person, groups, contacts, which)


def opened(found: Sequence[OpenRow]) -> list[Open]:
    """One for the rows of each activity, in the order of their first ones."""
    groups: dict[int, list[int]] = {}
    first: dict[int, OpenRow] = {}
    for row in found:
        first.setdefault(row.id, row)
        groups.setdefault(row.id, []).append(row.group_id)
    return [
        Open(
            row.id,
            row.number,
            names.level(row.number, row.name),
            row.assigned_to_id,
            row.reporting_contact_id,
            tuple(sorted(groups[row.id])),
        )
        for row in first.values()
    ]


def _folder(
    name: str,
    letters: str,
    place: int,
    one: Open | None,
    made: MadeRow | None,
    filing: tuple[bool, int | None] | tuple[()],
) -> Folder:
    """filing: (whether it takes mail, into which group), of an activity's."""
    activity_id = None if one is None else one.id
    takes_mail, files_into = filing or (False, None)
    decided = None if made is None else made.subscribed
    return Folder(
        id=names.id_before(place, activity_id) if made is None else made.id,
        kind=Kind.HEADING if one is None else Kind.ACTIVITY,
        name=name,
        rights=letters,
        special_use=None,
        uidvalidity=0 if made is None else made.uidvalidity,
        group_id=None,
        group_name=None,
        takes_mail=takes_mail,
        subscribed=place <= 0 if decided is None else bool(decided),
        has_children=one is None,
        recovered=False,
        place=place,
        activity_id=activity_id,
        number=None if one is None else one.number,
        files_into=files_into,
    )

"""What NOTIFY tells of folders that aren't selected (RFC 5465): which are watched for what, and
what has become of them since the client was told last."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from imapgate.activities.people import Person
from imapgate.folders import names
from imapgate.folders.activity_folders.names import id_before
from imapgate.folders.folder import Folder, Kind
from imapgate.folders.listing import list_folders
from imapgate.folders.status import Status, Wanted, statuses
from imapgate.limits import Limits
from imapgate.wire.commands import MESSAGE_EVENTS, Event, MailboxEvents
from storage import Tx, annotating, folders
from storage import watching as rows
from storage.transactions import SHOWN

__all__ = ["SHOWN", "Asked", "Counted", "Known", "Named", "Noted", "Told", "begin", "look"]


@dataclass(frozen=True, slots=True)
class Known:
    """What the client knows. folders: all that the person sees, by id. marks: how far those watched
    for message events had come when that was told. notes: of those watched for them, what is noted:
    entry -> a hash of its value. lost: ids of watched folders that the person
    may no longer see, or that are gone."""

    folders: Mapping[int, Folder] = field(default_factory=dict)
    marks: Mapping[int, rows.Mark] = field(default_factory=dict)
    notes: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    lost: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Named:
    """A LIST response. here: False, nothing stands there any more for this person. accessible:
    False, it was watched for message events and can be no longer. old_name: before it was
    renamed."""

    folder: Folder
    here: bool = True
    accessible: bool = True
    old_name: str | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """A STATUS response. messages: some came or went. flags: of some they changed."""

    folder: Folder
    status: Status
    messages: bool
    flags: bool


@dataclass(frozen=True, slots=True)
class Noted:
    """A METADATA response without values (RFC 5464 4.4.2): entries that were set, changed or
    removed."""

    folder: Folder
    entries: tuple[str, ...]


Told = Named | Counted | Noted


class Asked:
    """What one NOTIFY asks for, ready to be held against a thousand folders."""

    def __init__(self, groups: Sequence[MailboxEvents]) -> None:
        self._groups = [
            (group.which, frozenset(map(_key, group.names)), group.events) for group in groups
        ]

    @property
    def names(self) -> bool:
        """Whether anything is asked for about names."""
        return any(Event.MAILBOX_NAME in events for _, _, events in self._groups)

    def of(self, folder: Folder) -> frozenset[Event]:
        """All that is asked for of this folder, be it in several groups (RFC 5465 6)."""
        found: frozenset[Event] = frozenset()
        key = names.key(folder.name)
        for which, keys, events in self._groups:
            if not events <= found and _is_named(folder, key, which, keys):
                found |= events
        return found


def begin(
    tx: Tx, person: Person, asked: Asked, selected: int | None, limits: Limits
) -> tuple[Known, list[Counted]]:
    """Everything as it is now; counts of what is watched for message events but `selected` (a
    folder's id), in the order of LIST."""
    known = _all(tx, person, asked, limits)
    watched = [known.folders[one] for one in known.marks if one != selected]
    counts = statuses(tx, person, watched, Wanted.OWN)
    return known, [
        Counted(
            folder, counts[folder.id], messages=True, flags=Event.FLAG_CHANGE in asked.of(folder)
        )
        for folder in watched
    ]


def look(
    tx: Tx,
    person: Person,
    asked: Asked,
    known: Known,
    names_too: bool,
    selected: int | None,
    limits: Limits,
    own: Collection[str] = (),
) -> tuple[Known, list[Told]]:
    """What is to be told, in this order, and what the client knows then. names_too: folders, names,
    rights or subscriptions may have changed. selected: the folder whose messages the session tells
    of itself; it is passed over here. own: names of what this session itself just changed."""
    now = _all(tx, person, asked, limits) if names_too else _moved(tx, person, known)
    keys = frozenset(map(_key, own))
    told: list[Told] = []
    if names_too:
        told += _named(asked, known, now, keys)
    moving = [
        one
        for one, mark in now.marks.items()
        if one != selected and known.marks.get(one, mark) != mark
    ]
    if moving:
        told += _counted(tx, person, asked, known, now, moving)
    told += _noted(tx, person, known, now, keys)
    if names_too:
        lost = known.lost.union(known.marks) - now.folders.keys()
        now = replace(now, lost=lost)
    return now, told


def _counted(
    tx: Tx, person: Person, asked: Asked, known: Known, now: Known, moving: Sequence[int]
) -> list[Counted]:
    """moving: ids of folders in which anything happened, be it nothing to this person."""
    told: list[tuple[Folder, bool, bool]] = []
    seen = folders.still_seen(tx, person.id, person.segment_id, moving)
    for one in moving:
        if one not in seen:
            continue
        folder = now.folders[one]
        moved = rows.movement(tx, person.id, one, known.marks[one], now.marks[one])
        messages = moved.arrived or moved.expunged
        flags = moved.flagged and Event.FLAG_CHANGE in asked.of(folder)
        if messages or flags:
            told.append((folder, messages, flags))
    counts = statuses(tx, person, [one[0] for one in told], Wanted.OWN)
    return [Counted(folder, counts[folder.id], *what) for folder, *what in told]


def _all(tx: Tx, person: Person, asked: Asked, limits: Limits) -> Known:
    seen = {folder.id: folder for folder in list_folders(tx, person, limits)}
    watched = [one.id for one in seen.values() if asked.of(one) & MESSAGE_EVENTS]
    found = rows.marks(tx, watched)
    noted = [one.id for one in seen.values() if Event.MAILBOX_METADATA_CHANGE in asked.of(one)]
    return Known(
        seen,
        {one: found[one] for one in watched if one in found},
        _notes(tx, person, noted),
    )


def _moved(tx: Tx, person: Person, known: Known) -> Known:
    """Only how far the folders have come; what is gone keeps its mark until the names are read."""
    marks = {**known.marks, **rows.marks(tx, list(known.marks))}
    return replace(known, marks=marks, notes=_notes(tx, person, list(known.notes)))


def _notes(tx: Tx, person: Person, folder_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    found = annotating.of_folders(tx, folder_ids, person.id) if folder_ids else {}
    return {
        one: {entry: hash(value) for entry, value in found.get(one, {}).items()}
        for one in folder_ids
    }


def _noted(tx: Tx, person: Person, known: Known, now: Known, own: Collection[str]) -> list[Noted]:
    """own: keys of folders of which this session itself noted something."""
    changed = {
        one: sorted(dict(set(notes.items()) ^ set(known.notes[one].items())))
        for one, notes in now.notes.items()
        if known.notes.get(one, notes) != notes
    }
    if not changed:
        return []
    seen = folders.still_seen(tx, person.id, person.segment_id, list(changed))
    return [
        Noted(now.folders[one], tuple(entries))
        for one, entries in changed.items()
        if one in seen and names.key(now.folders[one].name) not in own
    ]


def _named(asked: Asked, known: Known, now: Known, own: Collection[str]) -> list[Named]:
    """In LIST's order; what is gone comes first. own: keys of what this session itself changed."""
    earlier = {_same(folder): folder for folder in known.folders.values()}
    later = {_same(folder): folder for folder in now.folders.values()}
    gone = [
        told
        for one, folder in earlier.items()
        if one not in later
        for told in _gone(asked.of(folder), folder)
    ]
    moved: dict[str, str] = {}
    there: list[Named] = []
    for one, folder in later.items():
        before = earlier.get(one)
        events = asked.of(folder)
        if before is not None and Event.MAILBOX_NAME not in events and before.name != folder.name:
            events |= asked.of(before)
        if before is None:
            regained = folder.id in known.lost and events & MESSAGE_EVENTS
            if Event.MAILBOX_NAME in events or regained:
                there.append(Named(folder))
        elif before.name != folder.name and Event.MAILBOX_NAME in events:
            moved[before.name] = folder.name
            # Children are renamed along, without a word (RFC 5465 5.4).
            if not _went_along(moved, before.name, folder.name):
                there.append(Named(folder, old_name=before.name))
        elif (before.subscribed != folder.subscribed and Event.SUBSCRIPTION_CHANGE in events) or (
            # The parent of what was made or deleted is affected too (RFC 5465 5.4).
            before.has_children != folder.has_children and Event.MAILBOX_NAME in events
        ):
            there.append(Named(folder))
    return [told for told in (*gone, *there) if names.key(told.folder.name) not in own]


def _same(folder: Folder) -> int:
    """What a folder is known by, be it made yet or not."""
    return folder.id if folder.place is None else id_before(folder.place, folder.activity_id)


def _gone(events: frozenset[Event], folder: Folder) -> list[Named]:
    if Event.MAILBOX_NAME in events:
        return [Named(folder, here=False)]
    if events & MESSAGE_EVENTS:
        return [Named(folder, accessible=False)]
    return []


def _went_along(moved: Mapping[str, str], old_name: str, new_name: str) -> bool:
    """Whether it was renamed with its parent: parents come before their children."""
    old_above, new_above = names.parent(old_name), names.parent(new_name)
    if old_above is None or moved.get(old_above) != new_above:
        return False
    return old_name.removeprefix(old_above) == new_name.removeprefix(str(new_above))


def _key(name: str) -> str:
    return names.key(names.normal(name))


def _is_named(folder: Folder, key: str, which: bytes, keys: frozenset[str]) -> bool:
    match which:
        case b"PERSONAL" | b"INBOXES":
            return folder.kind is Kind.PERSONAL
        case b"SUBSCRIBED":
            return folder.subscribed
        case b"MAILBOXES":
            return key in keys
    above: str | None = key
    while above is not None:
        if above in keys:
            return True
        above = names.parent(above)
    return False

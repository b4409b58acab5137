"""Which folders a person sees, and with which rights (rules 13, 14)."""

from __future__ import annotations

from operator import itemgetter

from imapgate.activities.people import Person, Role
from imapgate.activities.process_plans import EMAIL_CLASS
from imapgate.folders import names, rights
from imapgate.folders.activity_folders import finding
from imapgate.folders.activity_folders.listing import listed
from imapgate.folders.folder import Folder, Invisible, Kind
from imapgate.limits import Limits
from storage import Tx
from storage import folders as rows

_LENT = (Kind.GROUP, Kind.ACTIVITY)
"""Of folders that a person sees as long as they are a member of a group."""


def list_folders(tx: Tx, person: Person, limits: Limits) -> list[Folder]:
    """All folders, INBOX first, then by name; parents before children. A few queries, however
    many."""
    seen = rows.seen_by(tx, person.id, person.segment_id)
    taking = rows.groups_served(tx, person.segment_id, EMAIL_CLASS)
    parents = {
        row.name_key[:at]
        for row in seen
        for at, one in enumerate(row.name_key)
        if one == names.SEPARATOR
    }
    shown = [row for row in seen if row.kind != Kind.HEADING.value or row.name_key in parents]
    found = [
        (names.order(row.name_key), _folder(row, row.group_id in taking, row.name_key in parents))
        for row in shown
    ]
    for folder in listed(tx, person, limits):
        found.append((names.order(names.key(folder.name)), folder))
    found.sort(key=itemgetter(0))
    return [folder for _, folder in found]


def find(tx: Tx, person: Person, name: str) -> Folder | None:
    """By name: INBOX in any case, a trailing `/` ignored, otherwise NFC and case folding decide;
    None if the person can't see such a folder."""
    name_key = names.key(names.normal(name))
    if finding.is_below(name_key):
        return finding.found(tx, person, name)
    return _seen(tx, person, rows.by_key(tx, person.id, person.segment_id, name_key))


def find_by_id(tx: Tx, person: Person, folder_id: int) -> Folder | None:
    """None if it is gone or the person may no longer see it."""
    return _seen(tx, person, rows.by_id(tx, person.id, person.segment_id, folder_id))


def as_it_is(tx: Tx, person: Person, folder: Folder) -> Folder:
    """A group's or an activity's folder with the rights of this moment, for who changes something
    in it; another folder as it was. Raises Invisible."""
    if folder.kind not in _LENT:
        return folder
    found = find_by_id(tx, person, folder.id)
    if found is None:
        raise Invisible
    return found


def check_seen(tx: Tx, person: Person, folder: Folder) -> None:
    """For who reads in a folder that was found before: raises Invisible where it is a group's or an
    activity's that the person sees no longer."""
    if folder.kind in _LENT and not rows.still_seen(tx, person.id, person.segment_id, [folder.id]):
        raise Invisible


def _seen(tx: Tx, person: Person, row: rows.FolderRow | None) -> Folder | None:
    if row is None:
        return None
    if row.place is not None:
        return finding.at(tx, person, row.place, row.activity_id)
    # A group's name has no separator: nothing is below its folder.
    parent = row.kind != Kind.GROUP.value and rows.has_children(
        tx, person.id, person.segment_id, row.name_key
    )
    if row.kind == Kind.HEADING.value and not parent:
        return None
    taking = row.group_id is not None and bool(
        rows.groups_served(tx, person.segment_id, EMAIL_CLASS, row.group_id)
    )
    return _folder(row, taking, parent)


def _folder(row: rows.FolderRow, group_takes_mail: bool, has_children: bool) -> Folder:
    kind = Kind(row.kind)
    recovered = kind is Kind.PERSONAL and row.name_key == names.RECOVERED_KEY
    failed = kind is Kind.PERSONAL and row.name_key == names.FAILED_KEY
    match kind:
        case Kind.PERSONAL:
            takes_mail = not (recovered or failed)
            letters = rights.PERSONAL if takes_mail else rights.FILLED
        case Kind.GROUP:
            letters = rights.in_group(Role(row.role), group_takes_mail)
            takes_mail = group_takes_mail
        case Kind.HEADING | Kind.ACTIVITY:
            letters, takes_mail = rights.HEADING, False
    return Folder(
        id=row.id,
        kind=kind,
        name=row.name,
        rights=letters,
        special_use=row.special_use,
        uidvalidity=row.uidvalidity,
        group_id=row.group_id,
        group_name=row.group_name,
        takes_mail=takes_mail,
        subscribed=bool(row.subscribed),
        has_children=has_children,
        recovered=recovered,
        failed=failed,
    )

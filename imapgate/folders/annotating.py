"""What is noted about a folder (METADATA, RFC 5464): by each person for themselves, and by who
administers it for everybody. A group's description is its `/shared/comment`."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities.names import Mistake
from imapgate.activities.people import Person
from imapgate.folders.activity_folders.making import make
from imapgate.folders.folder import Folder, Kind
from imapgate.folders.listing import find
from imapgate.folders.verdict import Verdict, done, refused
from imapgate.limits import Limits
from storage import Tx, annotating, entries, folders

DESCRIPTION = "/shared/comment"
SPECIAL_USE = "/private/specialuse"
"""RFC 6154 4: what LIST tells; it can't be set here."""
_SHARED = "/shared/"


def read(
    tx: Tx, person: Person, name: str, wanted: Sequence[str], depth: int | None
) -> dict[str, bytes] | None:
    """Values by entry, as GETMETADATA asks (RFC 5464 4.2); None: there is no such folder, or this
    person doesn't see it. name "": the server, of which nothing is noted."""
    if not name:
        return {}
    folder = find(tx, person, name)
    if folder is None:
        return None
    known = annotating.of_folder(tx, folder.id, person.id)
    if folder.special_use is not None:
        known[SPECIAL_USE] = folder.special_use.encode("ascii")
    known |= annotating.of_folder(tx, folder.id, annotating.SHARED)
    return {
        entry: value
        for entry, value in known.items()
        if any(_is_meant(entry, one, depth) for one in wanted)
    }


def write(
    tx: Tx,
    person: Person,
    name: str,
    values: Sequence[tuple[str, bytes | None]],
    limits: Limits,
) -> Verdict:
    """SETMETADATA (RFC 5464 4.3): all of them or none. values: each entry once.

    NO [NONEXISTENT]; [NOPERM] for a shared one by who doesn't administer the folder; [CANNOT] for
    the server and for its special use; [METADATA MAXSIZE n], [METADATA TOOMANY].
    """
    if not name:
        return refused("CANNOT", "Nothing can be noted about the server itself.")
    folder = find(tx, person, name)
    if folder is None:
        return refused("NONEXISTENT", f'There is no folder "{name}", or you may not see it.')
    cause = _against(folder, values, limits)
    if cause is not None:
        return cause
    folder = make(tx, person, folder)
    before: dict[tuple[int, str], bytes] = {}
    for owner in (person.id, annotating.SHARED):
        mine = [one for one in values if one[0].startswith(_SHARED) == (owner == 0)]
        noted = annotating.of_folder(tx, folder.id, owner)
        before.update(((owner, entry), value) for entry, value in noted.items())
        known = set(noted)
        for entry, value in mine:
            (known.discard if value is None else known.add)(entry)
        if len(known) > limits.annotations and any(value is not None for _, value in mine):
            return refused("METADATA TOOMANY", f"Not kept: at most {limits.annotations} notes.")
    changes = False
    for entry, value in values:
        owner = annotating.SHARED if entry.startswith(_SHARED) else person.id
        changes |= before.get((owner, entry)) != value
        annotating.put(tx, folder.id, owner, entry, value)
    if changes:
        entries.next_modseq(tx, folder.id)  # RFC 7162 3.2
    return done("Noted.")


def describe(tx: Tx, group_id: int, text: str | None, limits: Limits) -> None:
    """A group's description; None: none. Raises Mistake if it is too long, LookupError if the group
    has no folder."""
    found = folders.of_group(tx, group_id)
    if found is None:
        raise LookupError(f"group {group_id} has no folder")
    value = None if text is None else text.encode("utf-8")
    if value is not None and len(value) > limits.annotation:
        raise Mistake(f"The description is longer than {limits.annotation:,} octets.")
    before = annotating.of_folder(tx, found[0], annotating.SHARED).get(DESCRIPTION)
    annotating.put(tx, found[0], annotating.SHARED, DESCRIPTION, value)
    if before != value:
        entries.next_modseq(tx, found[0])  # RFC 7162 3.2


def description(tx: Tx, group_id: int) -> str | None:
    """Of a group; None: none. A client's octets that are no UTF-8 are shown as U+FFFD."""
    found = folders.of_group(tx, group_id)
    if found is None:
        return None
    value = annotating.of_folder(tx, found[0], annotating.SHARED).get(DESCRIPTION)
    return None if value is None else value.decode("utf-8", "replace")


def _against(
    folder: Folder, values: Sequence[tuple[str, bytes | None]], limits: Limits
) -> Verdict | None:
    for entry, value in values:
        if entry == SPECIAL_USE:
            return refused("CANNOT", "A special use is given when a folder is made.")
        own = folder.kind is Kind.PERSONAL
        if entry.startswith(_SHARED) and not own and "a" not in folder.rights:
            return refused("NOPERM", f"You don't administer {folder.title}.")
        if value is not None and len(value) > limits.annotation:
            code = f"METADATA MAXSIZE {limits.annotation}"
            return refused(code, f"Not kept: a note has at most {limits.annotation:,} octets.")
    return None


def _is_meant(entry: str, wanted: str, depth: int | None) -> bool:
    if entry == wanted:
        return True
    below = entry.removeprefix(f"{wanted}/")
    return below != entry and (depth is None or below.count("/") < depth)

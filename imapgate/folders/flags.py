"""STORE and the implicit \\Seen (rules 15, 16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.people import Person
from imapgate.folders import flag_names, marks
from imapgate.folders.changed import FlagsNow
from imapgate.folders.leaving import may_remove
from imapgate.folders.listing import as_it_is
from imapgate.folders.storing import Asked, Change, Messages
from imapgate.folders.tree import Folder
from imapgate.limits import Limits
from storage import Database, Tx, entries, runs
from storage import reading as rows
from storage.engine import Unavailable
from storage.schema import DELETED, SEEN


@dataclass(frozen=True, slots=True)
class Stored:
    """before, after: the folder's modseq around this change (equal: nothing changed). flags: those
    of every message asked for that is still there, ascending. refused: UIDs where
    something asked for was not allowed, be it to take away what a replacement doesn't name.
    all_refused: nothing was allowed at all (NO [NOPERM]). limit: too many keywords (NO [LIMIT]).
    modified: UIDs that stay as they are, since they were changed after unchanged_since (RFC 7162
    3.1.3)."""

    before: int
    after: int
    flags: list[FlagsNow]
    refused: frozenset[int]
    all_refused: bool
    limit: bool = False
    modified: frozenset[int] = frozenset()


def permanent(folder: Folder) -> tuple[bytes, ...]:
    """What PERMANENTFLAGS lists for this person, `\\*` included where keywords may be made."""
    allowed: list[bytes] = []
    if "w" in folder.rights:
        allowed += flag_names.SHARED
    if "t" in folder.rights:
        allowed.append(rb"\Deleted")
    if "s" in folder.rights:
        allowed.append(rb"\Seen")
    if "w" in folder.rights:
        allowed.append(flag_names.ANY_KEYWORD)
    return tuple(allowed)


def store(
    tx: Tx,
    person: Person,
    folder: Folder,
    uids: Sequence[int],
    mode: bytes,
    flags: Sequence[bytes],
    limits: Limits,
    unchanged_since: int | None = None,
) -> Stored:
    """mode, unchanged_since: as in wire.commands.Store. A replacing STORE leaves what may not be
    changed. Raises Invisible."""
    folder = as_it_is(tx, person, folder)
    before = rows.state(tx, person.id, folder.id).modseq
    everything = Messages.load(tx, person, folder, uids)
    known = marks.vocabulary(tx, folder.id)
    asked = Asked.read(mode, flags, known)
    modified = frozenset[int]()
    if unchanged_since is not None:
        modified = asked.modified(everything, unchanged_since)
    view = everything.without(modified)
    deletable = frozenset[int]()
    if asked.own & DELETED and mode != b"-" and "t" in folder.rights:
        deletable = may_remove(tx, person, folder, view.asked)
    if asked.anything and not asked.allowed_anywhere(folder, deletable, view):
        refused = frozenset(everything.asked)
        return Stored(before, before, everything.flags(), refused, all_refused=True)
    adds = "w" in folder.rights and mode != b"-"
    if adds and not marks.has_room(tx, folder.id, known, asked.keywords, limits):
        return Stored(before, before, everything.flags(), frozenset(), False, limit=True)
    refused = asked.refused(folder, deletable, view)
    changed = Change(view, asked, folder, deletable)
    if not changed.anything:
        told = everything.flags()
        return Stored(before, before, told, refused, all_refused=False, modified=modified)
    after = entries.next_modseq(tx, folder.id)
    changed.write(tx, person, after)
    told = changed.flags(after)
    if modified:
        told = sorted([*told, *(one for one in everything.flags() if one.uid in modified)])
    return Stored(before, after, told, refused, all_refused=False, modified=modified)


def see(
    db: Database, person: Person, folder: Folder, uids: Sequence[int]
) -> tuple[frozenset[int], int, int]:
    """`mark_seen` in transactions of its own: what is seen already, as most of what clients read
    is, costs a look and no commit (then before and after are 0). Where nothing can be written (the
    disk is full), nothing becomes seen, and what can be read is read."""
    if db.read(lambda tx: _nothing_to_see(tx, person, folder, uids)):
        return frozenset(), 0, 0
    try:
        return db.write(lambda tx: mark_seen(tx, person, folder, uids))
    except Unavailable:
        return frozenset(), 0, 0


def mark_seen(
    tx: Tx, person: Person, folder: Folder, uids: Sequence[int]
) -> tuple[frozenset[int], int, int]:
    """(UIDs that became seen, modseq before, after). Raises Invisible."""
    folder = as_it_is(tx, person, folder)
    before = rows.state(tx, person.id, folder.id).modseq
    if "s" not in folder.rights or not uids:
        return frozenset(), before, before
    view = Messages.load(tx, person, folder, uids)
    new = frozenset(uid for uid in view.asked if not view.own[uid] & SEEN)
    if not new:
        return new, before, before
    after = entries.next_modseq(tx, folder.id)
    runs.write(tx, person.id, folder.id, view.stretches(new), SEEN, 0, after)
    return new, before, after


def _nothing_to_see(tx: Tx, person: Person, folder: Folder, uids: Sequence[int]) -> bool:
    """Whether `mark_seen` would write nothing. False too if one that isn't seen is gone."""
    if "s" not in folder.rights or not uids:
        return True
    bits = flag_names.own_bits(runs.load(tx, person.id, folder.id, min(uids), max(uids)))
    return all(bits(uid) & SEEN for uid in uids)

"""Which names an extended LIST tells, and why (RFC 5258 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imapgate.activities.people import Person
from imapgate.folders import names
from imapgate.folders.folder import Folder
from imapgate.folders.listing import list_folders
from imapgate.limits import Limits
from storage import Tx, subscriptions


@dataclass(frozen=True, slots=True)
class Criteria:
    """patterns: a name matches if it matches one of them. subscribed: subscribed names, their
    folder be there or not. special_use: only folders with one. recursive: also names above such as
    meet these and match no pattern."""

    reference: str
    patterns: tuple[str, ...]
    subscribed: bool = False
    special_use: bool = False
    recursive: bool = False


@dataclass(frozen=True, slots=True)
class Listed:
    """folder None: nothing of that name is there. meets: it meets the criteria itself; below: a
    name below it does (both known only if recursive was asked for)."""

    name: str
    folder: Folder | None
    subscribed: bool
    meets: bool = True
    below: bool = False


def choose(tx: Tx, person: Person, criteria: Criteria, limits: Limits) -> list[Listed]:
    """Each name once, in LIST's order. As many queries as list_folders, with subscribed one
    more."""
    known = {names.key(one.name): one for one in _known(tx, person, criteria.subscribed, limits)}
    meeting = {key: one for key, one in known.items() if _meets(one, criteria)}
    matching = {key for key, one in known.items() if _matches(one.name, criteria)}
    chosen = {key: one for key, one in meeting.items() if key in matching}
    if criteria.recursive:
        chosen = _with_parents(known, meeting, chosen, criteria)
    return [chosen[key] for key in sorted(chosen, key=names.order)]


def _known(tx: Tx, person: Person, also_lost: bool, limits: Limits) -> Iterator[Listed]:
    """All names; also_lost: subscribed ones whose folder is gone, too."""
    if also_lost:
        for name, _ in subscriptions.lost(tx, person.id):
            yield Listed(name, None, True)
    for folder in list_folders(tx, person, limits):
        yield Listed(folder.name, folder, folder.subscribed)


def _meets(one: Listed, criteria: Criteria) -> bool:
    if criteria.subscribed and not one.subscribed:
        return False
    special_use = None if one.folder is None else one.folder.special_use
    return special_use is not None or not criteria.special_use


def _matches(name: str, criteria: Criteria) -> bool:
    return names.matches(name, criteria.reference, *criteria.patterns)


def _with_parents(
    known: dict[str, Listed],
    meeting: dict[str, Listed],
    chosen: dict[str, Listed],
    criteria: Criteria,
) -> dict[str, Listed]:
    """A name that doesn't meet the criteria is told only for the sake of one below it that isn't
    told itself (RFC 5258 3.5)."""
    above: dict[str, str] = {}
    needed: set[str] = set()
    for key, one in meeting.items():
        parent = names.parent(one.name)
        while parent is not None:
            at = names.key(parent)
            above.setdefault(at, parent)
            if key not in chosen:
                needed.add(at)
            parent = names.parent(parent)
    found = {
        key: Listed(one.name, one.folder, one.subscribed, True, key in above)
        for key, one in chosen.items()
    }
    for key in needed.difference(found):
        one = known.get(key) or Listed(above[key], None, False)
        if _matches(one.name, criteria):
            found[key] = Listed(one.name, one.folder, one.subscribed, False, True)
    return found

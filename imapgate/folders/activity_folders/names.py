"""What is below `Activities` is called. An activity's number decides which one is meant; the name
behind it is for people."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from imapgate.folders import names
from storage.schema import ACTIVITIES, ASSIGNED, REPORTED

HEADINGS = {
    ASSIGNED: f"{names.ACTIVITIES}{names.SEPARATOR}Assigned to me",
    REPORTED: f"{names.ACTIVITIES}{names.SEPARATOR}Reported by me",
}
LONGEST_GROUP = 100
"""Characters of a group's level."""
LONGEST_NAME = 80
"""Characters of an activity's name in its folder's: with everything above it a whole name has fewer
than 255."""

_NUMBER = re.compile(r"#([0-9]{1,18})(?: .*)?", re.DOTALL)
_READ = 8 * LONGEST_NAME
"""Characters of an activity's name that are looked at; it may have any number."""
_PLACES = 2**32
"""More than there are groups."""


def level(number: int, name: str) -> str:
    """`#10000001 Gadget does not boot`: without `/`, control characters or outer blanks, composed
    (NFC), blanks in a row as one, at most LONGEST_NAME characters of the name."""
    shown = names.shown(" ".join(name[:_READ].split()))
    kept = unicodedata.normalize("NFC", shown)[:LONGEST_NAME].strip()
    return f"#{number} {kept}" if kept else f"#{number}"


def number_in(level_name: str) -> int | None:
    """The number that a last level begins with; None: it is no activity's."""
    found = _NUMBER.fullmatch(level_name)
    return None if found is None else int(found[1])


def of_groups(groups: Iterable[tuple[int, str]]) -> dict[int, str]:
    """(id, its folder's whole name) of somebody's groups -> what they are called below
    `Activities`. Groups of different kinds may have one name: the oldest has it alone. Give the
    groups in the order of their ids."""
    taken = {names.key(name) for name in HEADINGS.values()}
    found = {}
    for group_id, folder in groups:
        level_name = folder.rpartition(names.SEPARATOR)[2][:LONGEST_GROUP]
        found[group_id] = names.for_group(names.ACTIVITIES, level_name, taken)
        taken.add(names.key(found[group_id]))
    return found


def name_key(place: int, activity_id: int | None) -> str:
    """What a made folder is known by among its owner's: no name that anybody could give."""
    root = names.key(names.ACTIVITIES)
    return f"{root}/{place}" if activity_id is None else f"{root}/{place}/{activity_id}"


def id_before(place: int, activity_id: int | None) -> int:
    """The id of a folder that isn't made yet: negative, each its own, the same whenever it is
    looked at."""
    return -((activity_id or 0) * _PLACES + place - ACTIVITIES + 1)

"""One folder below `Activities`, by its name or its row."""

from __future__ import annotations

from imapgate.activities.people import Person
from imapgate.folders import names as folder_names
from imapgate.folders.activity_folders import names, places
from imapgate.folders.activity_folders.places import Places
from imapgate.folders.folder import Folder
from storage import Tx
from storage import activity_folders as rows
from storage.schema import ACTIVITIES, ASSIGNED, REPORTED


def is_below(name_key: str) -> bool:
    """Whether that can only be a name for here. name_key: as names.key gives it."""
    return name_key.partition(folder_names.SEPARATOR)[0] == folder_names.ACTIVITIES_KEY


def found(tx: Tx, person: Person, name: str) -> Folder | None:
    """None: there is nothing of that name for this person. The number alone tells which activity is
    meant, so that an old name still leads there; the folder has its present one. Also one that is
    beyond what LIST shows."""
    levels = folder_names.normal(name).split(folder_names.SEPARATOR)
    if len(levels) > 3 or not is_below(folder_names.key(levels[0])):
        return None
    here = places.of_person(tx, person)
    if len(levels) == 1:
        return _heading(tx, here, ACTIVITIES)
    wanted = folder_names.key(folder_names.SEPARATOR.join(levels[:2]))
    every = (ASSIGNED, REPORTED, *here.groups)
    place = next((one for one in every if folder_names.key(here.above(one)) == wanted), None)
    if place is None or len(levels) == 2:
        return None if place is None else _heading(tx, here, place)
    number = names.number_in(levels[2])
    activity_id = None if number is None else rows.by_number(tx, person.segment_id, number)
    return None if activity_id is None else _folder(tx, here, place, activity_id)


def at(tx: Tx, person: Person, place: int, activity_id: int | None) -> Folder | None:
    """What stands there; None: nothing any more, or nothing that this person sees. activity_id
    None: the heading."""
    here = places.of_person(tx, person)
    if activity_id is None:
        return _heading(tx, here, place)
    return _folder(tx, here, place, activity_id)


def _heading(tx: Tx, here: Places, place: int) -> Folder | None:
    """None: nothing is below it."""
    person = here.person
    if place == ACTIVITIES:
        shown = rows.any_open(tx, here.which)
    elif place == ASSIGNED:
        shown = rows.any_assigned(tx, here.which, person.id)
    elif place == REPORTED:
        shown = rows.any_reported(tx, here.which, here.contacts)
    else:
        shown = place in here.groups and rows.any_open(tx, here.which.only(place))
    if not shown:
        return None
    return here.heading(place, rows.made_at(tx, person.id, names.name_key(place, None)))


def _folder(tx: Tx, here: Places, place: int, activity_id: int) -> Folder | None:
    open_ones = places.opened(rows.these_open(tx, here.which, [activity_id]))
    if not open_ones or place not in here.of(open_ones[0]):
        return None
    made = rows.made_at(tx, here.person.id, names.name_key(place, activity_id))
    return here.folder(place, open_ones[0], made)

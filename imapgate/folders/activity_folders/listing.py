"""All that somebody sees below `Activities`."""

from __future__ import annotations

from imapgate.activities.people import Person
from imapgate.folders.activity_folders import places
from imapgate.folders.activity_folders.places import Open
from imapgate.folders.folder import Folder
from imapgate.limits import Limits
from storage import Tx
from storage import activity_folders as rows
from storage.schema import ACTIVITIES


def listed(tx: Tx, person: Person, limits: Limits) -> list[Folder]:
    """Headings that have any folder, and the folders of open activities, below each heading those
    that changed last; in no order. A few queries, whatever is there."""
    here = places.of_person(tx, person)
    below: dict[int, list[Open]] = {}
    for one in places.opened(rows.all_open(tx, here.which)):
        for place in here.of(one):
            shown = below.setdefault(place, [])
            if len(shown) < limits.activity_folders:
                shown.append(one)
    if not below:
        return []
    made = {(row.place, row.activity_id): row for row in rows.made_by(tx, person.id)}
    found = [here.heading(ACTIVITIES, made.get((ACTIVITIES, None)))]
    for place, shown in below.items():
        found.append(here.heading(place, made.get((place, None))))
        found += [here.folder(place, one, made.get((place, one.id))) for one in shown]
    return found

"""The folders that a person sees (rules 13, 14): looking, making, renaming, deleting, subscribing.

This module is what sessions use; `listing` looks, `personal` changes a person's own folders.
"""

from __future__ import annotations

from imapgate.activities.people import Person
from imapgate.folders import names
from imapgate.folders.activity_folders.making import make
from imapgate.folders.choosing import Criteria, Listed, choose
from imapgate.folders.folder import Folder, Kind
from imapgate.folders.listing import find, find_by_id, list_folders
from imapgate.folders.personal import create, delete, rename
from imapgate.folders.status import Status, Wanted, status, statuses
from imapgate.folders.verdict import Verdict, done, refused
from imapgate.limits import Limits
from storage import Tx, subscriptions

__all__ = [
    "Criteria",
    "Folder",
    "Kind",
    "Listed",
    "Status",
    "Wanted",
    "choose",
    "create",
    "delete",
    "find",
    "find_by_id",
    "list_folders",
    "lost_subscriptions",
    "rename",
    "status",
    "statuses",
    "subscribe",
]


def lost_subscriptions(tx: Tx, person: Person) -> list[str]:
    """Subscribed names whose folder is gone (LSUB shows them)."""
    return [name for name, _ in subscriptions.lost(tx, person.id)]


def subscribe(tx: Tx, person: Person, name: str, on: bool, limits: Limits) -> Verdict:
    """SUBSCRIBE and UNSUBSCRIBE (RFC 3501 6.3.6, 6.3.7): NO [NONEXISTENT] to subscribe what is no
    folder, NO [LIMIT] for too many names (a folder's name stays when it is deleted), NO [CANNOT] to
    unsubscribe Recovered Messages (rule 3).

    A name that isn't subscribed is unsubscribed with success: Thunderbird deletes a folder by
    RENAME, which takes the subscription along, and UNSUBSCRIBE of the old name."""
    folder = find(tx, person, name)
    if folder is None and on:
        return refused("NONEXISTENT", f'There is no folder "{name}".')
    if folder is None:
        subscriptions.forget_lost(tx, person.id, names.key(names.normal(name)))
        return done("Unsubscribed.")
    if folder.recovered and not on:
        return refused("CANNOT", f"{names.RECOVERED} stays subscribed.")
    if on and not folder.subscribed:
        known = subscriptions.count(tx, person.id)
        if known >= limits.subscriptions:
            return refused("LIMIT", f"Not subscribed: you have {known:,} subscriptions already.")
    if folder.subscribed != on or not on:
        subscriptions.decide(tx, person.id, make(tx, person, folder).id, on)
        tx.touch_people()
    return done("Subscribed." if on else "Unsubscribed.")

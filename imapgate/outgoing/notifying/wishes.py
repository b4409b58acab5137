"""Whom a happening concerns: who wants to be told of it, and may see it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from imapgate.activities import happenings
from imapgate.activities.people import Person, may_see, person_by_id
from imapgate.folders import failed
from storage import Tx, activities
from storage.notifications import NotificationRow

MAIL, INBOX, BOTH = "mail", "inbox", "both"
WAYS = (MAIL, INBOX, BOTH)


@dataclass(frozen=True, slots=True)
class Way:
    """How somebody is told."""

    by_mail: bool = False
    to_inbox: bool = False

    def __or__(self, other: Way) -> Way:
        return Way(self.by_mail or other.by_mail, self.to_inbox or other.to_inbox)

    def __bool__(self) -> bool:
        return self.by_mail or self.to_inbox


def welcome(tx: Tx, principal_id: int) -> Person | None:
    """The person, unless they are disabled or not there."""
    found = person_by_id(tx, principal_id)
    return None if found is None or found[1] else found[0]


def way(
    wishes: Sequence[NotificationRow],
    event: str,
    detail: Mapping[str, Any],
    activity_id: int | None,
    groups: Collection[int],
) -> Way:
    """How one person's wishes have them told of one event; nothing of Way: not at all. groups: ids,
    the activity's."""
    told = Way()
    for wish in wishes:
        if counts(wish, event, detail) and covers(wish, activity_id, groups):
            told = told | Way(wish.by_mail, wish.to_inbox)
    return told


def counts(wish: NotificationRow, event: str, detail: Mapping[str, Any]) -> bool:
    """Whether it is among the kinds that are wanted."""
    if event == happenings.INCOMING_FAILED:
        return event in wish.events
    told_as = happenings.TOLD_AS[event]
    if event == happenings.ASSIGNED and detail.get("to") != wish.principal_id:
        told_as = told_as - {happenings.ASSIGNED}
    return not wish.events.isdisjoint(told_as)


def covers(wish: NotificationRow, activity_id: int | None, groups: Collection[int]) -> bool:
    """Whether it happened where that person wants to be told of it."""
    if wish.activity_id is not None:
        return wish.activity_id == activity_id
    return wish.group_id is None or wish.group_id in groups


def groups_of(tx: Tx, activity_id: int, detail: Mapping[str, Any]) -> frozenset[int]:
    """The groups by which a wish covers what happened: the activity's, and the one that it left."""
    left = {detail["group"]} if detail.get("what") == "left" else set()
    return frozenset(left.union(one for one, _ in activities.groups_of(tx, activity_id)))


def sees(tx: Tx, person: Person, activity_id: int) -> bool:
    """Whether this person may be told of that activity, as rights are now."""
    return may_see(tx, person, activity_id)


def decides(tx: Tx, person: Person, row_id: int) -> bool:
    """Whether this person decides about that message of the queue, as rights are now."""
    return person.id in failed.entitled(tx, row_id)

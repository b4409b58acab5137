"""What happened is gathered for whom it concerns, until it is due to be told."""

from __future__ import annotations

from collections.abc import Mapping

from imapgate.activities import happenings
from imapgate.outgoing.notifying import wishes
from imapgate.outgoing.settings import NOTIFY_AFTER, value_of
from storage import Tx, notifications
from storage import pending_notifications as pending
from storage.events import EventRow
from storage.notifications import NotificationRow

MOST_LINES = 50
"""Of one activity; what happens beyond them is only counted."""


def note(tx: Tx, event: EventRow) -> None:
    """Gathers an event for everybody who wants to be told of it, may see the activity and didn't do
    it themselves. In the transaction that consumes the event: told once, whenever the process
    ends."""
    if event.event not in happenings.TOLD_AS:
        raise ValueError(f"there is no event {event.event!r} to be told")
    groups = wishes.groups_of(tx, event.activity_id, event.detail)
    line = {"event": event.event, "at": event.at, "by": event.principal_id, **event.detail}
    due_at = tx.now + value_of(tx, event.segment_id, NOTIFY_AFTER)
    for principal_id, own in _by_person(tx, event.segment_id).items():
        if principal_id == event.principal_id:
            continue
        if not wishes.way(own, event.event, event.detail, event.activity_id, groups):
            continue
        person = wishes.welcome(tx, principal_id)
        if person is not None and wishes.sees(tx, person, event.activity_id):
            pending.gather(tx, principal_id, event.activity_id, line, due_at, MOST_LINES)


def mail_failed(tx: Tx, segment_id: int, row_id: int) -> None:
    """A message of the queue (its row's id) can't be filed and isn't tried again by itself. Who
    decides about it and wants to be told, is. In the transaction in which it fails."""
    if happenings.INCOMING_FAILED not in notifications.wanted(tx, segment_id):
        return
    line = {"event": happenings.INCOMING_FAILED, "at": tx.now, "by": None, "message": row_id}
    due_at = tx.now + value_of(tx, segment_id, NOTIFY_AFTER)
    for principal_id, own in _by_person(tx, segment_id).items():
        if not wishes.way(own, happenings.INCOMING_FAILED, {}, None, ()):
            continue
        person = wishes.welcome(tx, principal_id)
        if person is not None and wishes.decides(tx, person, row_id):
            pending.gather(tx, principal_id, None, line, due_at, MOST_LINES)


def _by_person(tx: Tx, segment_id: int) -> Mapping[int, list[NotificationRow]]:
    found: dict[int, list[NotificationRow]] = {}
    for one in notifications.of_segment(tx, segment_id):
        found.setdefault(one.principal_id, []).append(one)
    return found

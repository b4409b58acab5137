"""What happens to activities and somebody may want to be told: left as rows (storage.events) in the
transaction in which it happens; the room `outgoing` tells it after the commit.

A row holds no text of a mail or of a follow-up: what is told is read when it is told, so that what
was erased or taken from somebody's sight meanwhile isn't.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from imapgate.activities.terms import Terms
from storage import Tx, contacts, events, notifications, revisions
from storage.activities import ActivityRow

CREATED = "created"
CHANGED = "changed"
ASSIGNED = "assigned"
FOLLOW_UP = "follow-up"
STATE = "state"
CONTACT = "contact"
INCOMING_FAILED = "incoming-failed"
WANTED = (CREATED, CHANGED, ASSIGNED, FOLLOW_UP, STATE, CONTACT, INCOMING_FAILED)
"""What a user may want to be told:

created: a new activity, whether somebody or a mail made it.
changed: what no other of these says: it came into or left a group, was assigned to somebody else,
    got attachments, other people as recipients.
assigned: it was assigned to this user.
follow-up: somebody wrote a follow-up, or a mail became one.
state: its state is another.
contact: a customer wrote: a mail of its reporting contact, or of anybody who isn't staff, became a
    follow-up.
incoming-failed: mail that came in could not be filed and isn't tried again by itself. It is about
    no activity, so there is no event row: `outgoing.notifying.mail_failed` gathers it.
"""
TOLD_AS: Mapping[str, frozenset[str]] = {
    CREATED: frozenset({CREATED}),
    CHANGED: frozenset({CHANGED}),
    ASSIGNED: frozenset({ASSIGNED, CHANGED}),
    FOLLOW_UP: frozenset({FOLLOW_UP}),
    STATE: frozenset({STATE}),
    CONTACT: frozenset({CONTACT, FOLLOW_UP}),
}
"""Of an event of an activity, for which wishes it counts. ASSIGNED counts as ASSIGNED for the one
to whom it was assigned, and as CHANGED for everybody else."""


def happened(
    tx: Tx,
    segment_id: int,
    activity_id: int,
    event: str,
    person_id: int | None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Leaves a row if anybody in the segment wants that event. event: one of TOLD_AS. person_id:
    who did it, so that they aren't told of it, nor find it unread; None: no user. detail:
    JSON-able, no text of people's."""
    revisions.changed_by(tx, activity_id, person_id)
    if not TOLD_AS[event].isdisjoint(notifications.wanted(tx, segment_id)):
        events.add(tx, segment_id, activity_id, event, person_id, detail)


def created(
    tx: Tx, segment_id: int, activity_id: int, doer: int | None, assigned_to_id: int | None
) -> None:
    """A new activity is there, in its groups or about to be."""
    happened(tx, segment_id, activity_id, CREATED, doer)
    if assigned_to_id is not None:
        assigned(tx, segment_id, activity_id, doer, assigned_to_id)


def assigned(
    tx: Tx, segment_id: int, activity_id: int, doer: int | None, assigned_to_id: int
) -> None:
    """To another user than before."""
    happened(tx, segment_id, activity_id, ASSIGNED, doer, {"to": assigned_to_id})


def followed_up(
    tx: Tx,
    activity: ActivityRow,
    follow_up_id: int,
    doer: int | None,
    sender_contact_id: int | None = None,
) -> None:
    """sender_contact_id: of the mail that became the follow-up, if it was one."""
    event = FOLLOW_UP
    wanted = notifications.wanted(tx, activity.segment_id)
    if sender_contact_id is not None and not TOLD_AS[CONTACT].isdisjoint(wanted):
        reports = sender_contact_id == activity.reporting_contact_id
        if reports or not contacts.by_id(tx, sender_contact_id).is_staff:
            event = CONTACT
    happened(tx, activity.segment_id, activity.id, event, doer, {"follow_up": follow_up_id})


def moved(tx: Tx, activity: ActivityRow, transition: str, to_state: str, doer: int | None) -> None:
    """activity: as it was before. A transition that ends where it began changes nothing to tell."""
    if to_state != activity.state:
        detail = {"transition": transition, "from": activity.state, "to": to_state}
        happened(tx, activity.segment_id, activity.id, STATE, doer, detail)


def changed(
    tx: Tx, segment_id: int, activity_id: int, what: str, doer: int | None, **detail: Any
) -> None:
    """what: `joined` or `left` (group: its id), `attachments` (count), `recipients`."""
    happened(tx, segment_id, activity_id, CHANGED, doer, {"what": what, **detail})


def doer(terms: Terms, person_id: int | None) -> int | None:
    """Who did what a mail on these terms does: who dropped it; of one that came in by itself the
    user who wrote it, not the one in whose name it is filed."""
    return terms.writer_id if terms.by_itself else person_id

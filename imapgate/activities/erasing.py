"""An activity's mail and texts go for good; its number and what was done about it stay."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities import wrapped_before
from imapgate.activities.names import Mistake, checked
from imapgate.activities.people import Person
from imapgate.activities.process_plans import EMAIL_CLASS
from storage import (
    Tx,
    activities,
    drops,
    erasing,
    erasing_queue,
    events,
    links,
    notices,
    outbox_keeping,
    pending_notifications,
    processes,
)
from storage.activities import ActivityRow

ERASED = "[erased]"
TOLD_OF_MAILS = ("Mail could not be delivered", "Mail may have been sent")
"""Titles of follow-ups that name whom an activity's mail went to: their texts go with it."""
TOLD_OF_ACTIONS = (
    "Not sent as mail",
    "Not sent to everybody",
    "Not exported",
    "Template not sent",
    "Template not sent to everybody",
)
"""Titles of those that name to whom, or what, could not be sent; they go as well."""


def find(tx: Tx, segment_id: int, numbers: Sequence[int]) -> list[ActivityRow]:
    """The activities of these numbers, once each. Raises Mistake: unknown, or erased already."""
    found = []
    for number in dict.fromkeys(numbers):
        activity = activities.by_number(tx, segment_id, number)
        if activity is None:
            raise Mistake(f"There is no activity #{number}.")
        if activity.name == ERASED:
            raise Mistake(f"#{number} was erased already.")
        found.append(activity)
    return found


def messages_of(tx: Tx, found: Sequence[ActivityRow]) -> set[int]:
    """Stored messages: of an e-mail activity its mail, as often as it came; of another one the
    wrapper mails that made it or wrote to it, and copies of its own message with other octets; of
    both what was sent of it, or is to be, and the notices that tell of it."""
    mails = [one.id for one in found if one.activity_class == EMAIL_CLASS]
    others = [one.id for one in found if one.activity_class != EMAIL_CLASS]
    stored = erasing.of_activities(tx, mails, wrappers=False)
    stored |= erasing_queue.of_activities(tx, mails, wrappers=False)
    if others:
        stored |= drops.recognised(tx, others)
        stored |= erasing.of_activities(tx, others, wrappers=True)
        stored |= erasing_queue.of_activities(tx, others, wrappers=True)
        stored |= {
            stored_message_id
            for _, stored_message_id in _wrappers(tx, found)
            if stored_message_id is not None
        }
    ids = [one.id for one in found]
    return stored | outbox_keeping.of_activities(tx, ids) | notices.about(tx, ids)


def records_of(tx: Tx, found: Sequence[ActivityRow]) -> set[int]:
    """Ids of the drop records that name them, those of wrappers that named several included."""
    records = set(erasing.records_of(tx, [one.id for one in found]))
    return records | {record_id for record_id, _ in _wrappers(tx, found)}


def _wrappers(tx: Tx, found: Sequence[ActivityRow]) -> list[tuple[int, int | None]]:
    others = {one.number for one in found if one.activity_class != EMAIL_CLASS}
    return list(wrapped_before.naming(tx, found[0].segment_id, others)) if others else []


def checked_reason(reason: str) -> str:
    """As it is kept. Raises Mistake."""
    return checked(reason, "reason")


def erase(tx: Tx, found: Sequence[ActivityRow], reason: str, person: Person | None) -> list[int]:
    """Of each: name, texts, mail, media, notes, the text of follow-ups that came from it or tell
    whom its mails went to, and the contacts that it alone brought. It is closed, keeps its number
    and its links, and a follow-up tells who erased it and why. Returns the numbers of activities
    that were named after the mails and aren't any more."""
    brought = erasing.contacts_of(tx, [one.id for one in found], [one.created_at for one in found])
    renamed: list[int] = []
    for one in found:
        renamed += erasing.rename_linked(tx, one.id, ERASED)
        erasing.remove_email(tx, one.id)
        erasing.blank_follow_ups(tx, one.id, (*TOLD_OF_MAILS, *TOLD_OF_ACTIONS), ERASED)
        events.remove_of_activity(tx, one.id)
        pending_notifications.remove_of_activity(tx, one.id)
        _close(tx, one)
        links.add_follow_up(
            tx,
            one.id,
            links.FollowUpRow(
                transition=None,
                title="Erased",
                text=reason,
                author_id=None if person is None else person.id,
                author_contact_id=None,
                from_activity_id=None,
                at=tx.now,
            ),
        )
    erasing.remove_contacts(tx, brought)
    return sorted(set(renamed) - {one.number for one in found})


def _close(tx: Tx, activity: ActivityRow) -> None:
    changes: dict[str, str | int | None] = {
        "name": ERASED,
        "description": "",
        "detailed_description": "",
        "reporting_contact_id": None,
    }
    process_id = processes.type_by_id(tx, activity.type_id).process_id
    closed = next((one for one in processes.states(tx, process_id) if one.is_closed), None)
    if closed is not None and not activity.is_closed:
        changes.update(state_id=closed.id, actual_end=tx.now)
    activities.change(tx, activity.id, **changes)

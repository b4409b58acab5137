"""What stands on an activity when an action on it didn't come off."""

from __future__ import annotations

import logging

from imapgate.activities import happenings
from imapgate.activities.erasing import TOLD_OF_ACTIONS
from storage import Tx, activities, links
from storage.events import EventRow

NOT_SENT, NOT_TO_EVERYBODY, NOT_EXPORTED, TEMPLATE_NOT_SENT, TEMPLATE_NOT_TO_EVERYBODY = (
    TOLD_OF_ACTIONS
)

_log = logging.getLogger(__name__)


def add(tx: Tx, event: EventRow, title: str, text: str) -> None:
    """A follow-up that nobody wrote, and a line in the log. title: one of these; text: plain
    sentences."""
    follow_up_id = links.add_follow_up(
        tx,
        event.activity_id,
        links.FollowUpRow(
            transition=None,
            title=title,
            text=text,
            author_id=None,
            author_contact_id=None,
            from_activity_id=None,
            at=tx.now,
        ),
    )
    activities.change(tx, event.activity_id)
    activity = activities.by_id(tx, event.activity_id)
    # Who wanted it hears of it, too.
    happenings.followed_up(tx, activity, follow_up_id, None)
    number = activity.number
    fields = {"number": number, "action": event.event, "result": title}
    extra = {"event": "outgoing_not_done", "fields": fields}
    _log.warning("activity #%d: %s (%s)", number, title, event.event, extra=extra)

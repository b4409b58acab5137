"""Activities as JSON-able dicts, for the command line (`activity show`, `activity list`)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from imapgate.activities.creators import PRIORITIES
from imapgate.activities.groups import Group
from imapgate.activities.names import Mistake
from storage import Tx, address_groups, contacts, emails, links, people
from storage import activities as rows

_PRIORITY_NAMES = {value: name for name, value in PRIORITIES.items()}


def show_activity(tx: Tx, segment_id: int, number: int) -> dict[str, Any]:
    """Everything about one activity. Times are ISO 8601 UTC, numbers are integers; what only an
    e-mail activity has (subject, sender, message_id, sha256, sent_at, direction, automatic,
    gateway, body) is None, recipients and address_groups empty, for others. Raises Mistake."""
    activity = rows.by_number(tx, segment_id, number)
    if activity is None:
        raise Mistake(f"There is no activity #{number}.")
    return {
        "number": activity.number,
        "class": activity.activity_class,
        "type": activity.type,
        "name": activity.name,
        "description": activity.description,
        "detailed_description": activity.detailed_description,
        "state": activity.state,
        "closed": activity.is_closed,
        "percent_complete": activity.percent_complete,
        "priority": _PRIORITY_NAMES[activity.priority],
        "groups": [name for _, name in rows.groups_of(tx, activity.id)],
        "reporting_contact": _contact(tx, activity.reporting_contact_id),
        "assigned_to": _user(tx, activity.assigned_to_id),
        "created_by": _user(tx, activity.created_by_id),
        "created_at": _iso(activity.created_at),
        "modified_at": _iso(activity.modified_at),
        "due_at": _iso(activity.due_at),
        "actual_start": _iso(activity.actual_start),
        "actual_end": _iso(activity.actual_end),
        **_email(tx, activity.id),
        "media": [
            {"name": one.name, "content_type": one.content_type, "size": one.size}
            for one in rows.media_of(tx, activity.id)
        ],
        "notes": [{"title": title, "text": text} for title, text in rows.notes(tx, activity.id)],
        "links": [
            {"number": linked, "kind": kind}
            for _, linked, kind in links.links_from(tx, activity.id)
        ],
        "follow_ups": [_follow_up(tx, one) for one in links.follow_ups(tx, activity.id)],
    }


def list_activities(
    tx: Tx,
    segment_id: int,
    *,
    group: Group | None = None,
    activity_class: str | None = None,
    state: str | None = None,
    closed: bool | None = None,
    limit: int | None = None,
) -> list[dict[str, Any]]:
    """number, class, name, state, percent_complete, priority, groups of each, by number; with a
    limit the newest ones. None: any."""
    found = rows.of_segment(
        tx,
        segment_id,
        group_id=None if group is None else group.id,
        activity_class=activity_class,
        state=state,
        is_closed=closed,
        limit=limit,
    )
    groups = rows.group_names(tx, segment_id)
    return [
        {
            "number": one.number,
            "class": one.activity_class,
            "name": one.name,
            "state": one.state,
            "percent_complete": one.percent_complete,
            "priority": _PRIORITY_NAMES[one.priority],
            "groups": groups.get(one.id, []),
        }
        for one in found
    ]


def _email(tx: Tx, activity_id: int) -> dict[str, Any]:
    email = emails.of_activity(tx, activity_id)
    recipients = emails.recipients(tx, activity_id)
    return {
        "subject": email.subject if email else None,
        "sender": next((one.address for one in recipients if one.kind == "from"), None),
        "recipients": [
            {"kind": one.kind, "address": one.address, "contact": one.contact} for one in recipients
        ],
        "address_groups": [
            {"kind": kind, "name": group.name}
            for kind, group in address_groups.as_recipients(tx, activity_id)
        ],
        "gateway": email.gateway if email else None,
        "message_id": email.message_id if email else None,
        "sha256": email.sha256.hex() if email else None,
        "sent_at": _iso(email.sent_at) if email else None,
        "direction": email.direction if email else None,
        "automatic": email.automatic if email else None,
        "body": email.body if email else None,
    }


def _follow_up(tx: Tx, row: links.FollowUpRow) -> dict[str, Any]:
    origin = None if row.from_activity_id is None else rows.by_id(tx, row.from_activity_id)
    return {
        "transition": row.transition,
        "title": row.title,
        "text": row.text,
        "author": _contact(tx, row.author_contact_id) or _user(tx, row.author_id),
        "from_activity": origin.number if origin else None,
        "at": _iso(row.at),
    }


def _contact(tx: Tx, contact_id: int | None) -> str | None:
    return None if contact_id is None else contacts.name(tx, contact_id)


def _user(tx: Tx, principal_id: int | None) -> str | None:
    row = None if principal_id is None else people.principal_by_id(tx, principal_id)
    return row.name if row else None


def _iso(at: int | None) -> str | None:
    """None too for a time that no calendar has (a Date header may say anything)."""
    if at is None or not _FIRST <= at <= _LAST:
        return None
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_FIRST = int(datetime(1, 1, 1, tzinfo=UTC).timestamp())
_LAST = int(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())

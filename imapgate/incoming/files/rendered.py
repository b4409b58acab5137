"""An activity that was made of no mail, as a mail: what it says, in plain text."""

from __future__ import annotations

from typing import Any

from imapgate.activities.show import show_activity
from imapgate.mime import writing
from imapgate.mime.mail import Mailbox
from imapgate.outgoing.composing.own import x_mailer
from storage import Tx, activities, addresses, people

NOBODY = "nobody@imapgate.invalid"
"""The address of who has none; the domain is nobody's (RFC 2606)."""


def rendered(tx: Tx, segment_id: int, number: int) -> tuple[str, int, bytes]:
    """(its name, when it was made in seconds since 1970, the mail). The same as long as the
    activity is the same. Raises Mistake if there is no such activity."""
    shown = show_activity(tx, segment_id, number)
    activity = activities.by_number(tx, segment_id, number)
    assert activity is not None
    address = None
    if activity.reporting_contact_id is not None:
        address = addresses.mailbox_of(tx, activity.reporting_contact_id)
    name = shown["reporting_contact"] or shown["created_by"] or ""
    headers = writing.Headers(
        sender=_mailbox(name, address),
        subject=f"{activity.name} [#{number}]",
        at=activity.created_at,
        message_id=f"activity-{number}-{activity.created_at}@imapgate.invalid",
        mailer=x_mailer(people.segment_by_id(tx, segment_id).name),
    )
    return activity.name, activity.created_at, writing.message(headers, _text(shown))


def _text(shown: dict[str, Any]) -> str:
    lines = [
        f"{shown['class']} #{shown['number']} ({shown['type']}): {shown['state']}, "
        f"{shown['percent_complete']} percent complete"
    ]
    if shown["groups"]:
        lines.append(f"Groups: {', '.join(shown['groups'])}")
    if shown["assigned_to"]:
        lines.append(f"Assigned to: {shown['assigned_to']}")
    for text in (shown["description"], shown["detailed_description"]):
        if text and text != shown["name"]:
            lines += ["", text.rstrip()]
    for one in shown["follow_ups"]:
        head = f"{one['at']}, {one['author'] or 'nobody'}: {one['title']}"
        lines += ["", "-" * 20, head]
        if one["text"].strip():
            lines += ["", one["text"].rstrip()]
    return "\n".join(lines) + "\n"


def _mailbox(name: str, address: str | None) -> Mailbox:
    """Whatever a mail's header said may stand as a contact's address."""
    try:
        return Mailbox(name, writing.ascii_address(address or NOBODY))
    except writing.Unwritable:
        return Mailbox(name, NOBODY)

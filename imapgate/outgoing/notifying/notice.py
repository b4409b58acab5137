"""The mail that tells somebody what happened."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from imapgate.activities import subjects
from imapgate.activities.creators import PRIORITIES
from imapgate.activities.people import Person, roles
from imapgate.folders import notices
from imapgate.mime import writing
from imapgate.mime.automatic import own_field
from imapgate.mime.mail import Mailbox
from imapgate.outgoing import formats, outbox
from imapgate.outgoing.identities import default_account, identity_of
from imapgate.outgoing.notifying.changes import Change, Told
from imapgate.outgoing.templates.rendering import render
from imapgate.outgoing.templates.values import moment
from storage import Tx, activities, people
from storage.activities import ActivityRow

TEMPLATE = "notification"
MOST_LINES = 50
"""Changes that one mail tells; it says how many more there were."""
LONGEST_TEXTS = 20_000
"""Characters of all follow-ups together that one mail tells: a template makes more of each."""
LONGEST_NAME = 500
"""Characters of an activity's name."""
_PRIORITY_NAMES = {value: name for name, value in PRIORITIES.items()}


def written(tx: Tx, person: Person, told: Sequence[Told], address: str | None) -> bytes:
    """The mail's octets, for this person's INBOX as for the outbox. told: of one activity, whose
    number then stands in the subject, so that an answer is filed to it; or a digest of several.
    address: where the person gets mail, an ascii_address.

    From the system's mailer, an answer goes where that says; where there is no mailer, nobody can
    be answered. All notices of an activity refer to one Message-ID, so that they are one thread."""
    activity = told[0].activity if len(told) == 1 else None
    account = default_account(tx, person.id)
    changes, omitted = _changes(told)
    link = None
    if activity is not None and account is not None and account.link_pattern:
        link = account.link_pattern.replace("{number}", str(activity.number))
    values: dict[str, Any] = {
        "recipient": person.name,
        "activity": None if activity is None else _shown(tx, person, activity),
        "changes": [
            {"at": moment(one.at), "who": one.who, "what": one.what, "text": one.text}
            for one in changes
        ],
        "omitted": omitted or None,
        "link": link,
        "segment": person.segment,
    }
    rendered = render(tx, person.segment_id, TEMPLATE, values)
    subject = rendered.subject if activity is not None else _counted(told) or rendered.subject
    if activity is not None:
        segment = people.segment_by_id(tx, person.segment_id)
        template = segment.subject_template or subjects.USUAL
        subject = subjects.render(template, activity.number, subject)
    if account is not None and account.subject_prefix:
        subject = f"{account.subject_prefix} {subject}"
    is_html = formats.format_for(tx, person.segment_id, principal_id=person.id) == formats.HTML
    headers = _headers(tx, person, activity, subject, address)
    return writing.message(headers, rendered.text, rendered.html if is_html else None)


def _headers(
    tx: Tx, person: Person, activity: ActivityRow | None, subject: str, address: str | None
) -> writing.Headers:
    system = identity_of(tx, person.segment_id, None)
    sender = f"no-reply@{notices.DOMAIN}" if system.is_fallback else system.address
    thread = []
    if activity is not None:
        thread = [notices.thread_id(person.segment_id, activity.number)]
    return writing.Headers(
        sender=Mailbox("imapgate", sender),
        to=() if address is None else (Mailbox(person.name, address),),
        reply_to=() if system.reply_to is None else (Mailbox("", system.reply_to),),
        subject=subject,
        at=tx.now,
        message_id=writing.new_id(writing.ascii_address(sender).rpartition("@")[2]),
        in_reply_to=thread[0] if thread else None,
        references=thread,
        auto_submitted="auto-generated",
        own=(own_field(person.segment_id, outbox.NOTIFICATION),),
    )


def _counted(told: Sequence[Told]) -> str:
    """The subject of a digest, and of several mails that could not be filed; empty for one."""
    changes = sum(len(one.changes) + one.more for one in told if one.activity is not None)
    activities = sum(one.activity is not None for one in told)
    failed = sum(len(one.changes) + one.more for one in told if one.activity is None)
    if not activities:
        return f"{failed} mails that came in could not be filed" if failed > 1 else ""
    whole = "1 activity" if activities == 1 else f"{activities} activities"
    subject = f"{'1 change' if changes == 1 else f'{changes} changes'} of {whole}"
    return f"{subject}; mail that could not be filed: {failed}" if failed else subject


def _changes(told: Sequence[Told]) -> tuple[list[Change], int]:
    """Those that are told, and how many there were beside them."""
    found = []
    for one in told:
        before = ""
        if len(told) > 1 and one.activity is not None:
            before = f"#{one.activity.number} {' '.join(one.activity.name.split())[:100]}: "
        found += [(before, change) for change in one.changes]
    room = LONGEST_TEXTS
    kept = []
    for before, change in found[:MOST_LINES]:
        text = (change.text or "")[:room] or None
        room -= len(text or "")
        kept.append(Change(change.at, before + change.what, change.who, text))
    return kept, len(found) - len(kept) + sum(one.more for one in told)


def _shown(tx: Tx, person: Person, activity: ActivityRow) -> dict[str, Any]:
    """Of its groups those of which the person is a member: nobody else learns their names."""
    known = roles(tx, person)
    assigned = None
    if activity.assigned_to_id is not None:
        assigned = people.principal_by_id(tx, activity.assigned_to_id)
    return {
        "number": str(activity.number),
        "name": activity.name[:LONGEST_NAME],
        "type": activity.type,
        "state": activity.state,
        "priority": _PRIORITY_NAMES[activity.priority],
        "groups": [name for one, name in activities.groups_of(tx, activity.id) if one in known],
        "assigned_to": None if assigned is None else assigned.name,
    }

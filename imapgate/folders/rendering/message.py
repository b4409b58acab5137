"""An activity as a mail."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from imapgate.activities import subjects
from imapgate.folders import notices, ready
from imapgate.folders.binary import Damaged
from imapgate.folders.octets import Octets
from imapgate.folders.rendering import media, page
from imapgate.folders.rendering.gathering import Gathered, Person, gather
from imapgate.folders.rendering.media import Medium
from imapgate.limits import MIB, Limits
from imapgate.mime import writing
from imapgate.mime.automatic import own_field
from imapgate.mime.index import Content
from imapgate.mime.mail import Mailbox
from storage import Tx, activities, people

KIND = "activity"
"""In the house's own field."""
MOST_REFERENCES = 40
"""Linked mails to which a message refers: the newest ones."""
_SHARES = (1, 2, 4, 8)
"""Tried in turn: a sign takes up to thirteen octets in HTML and quoted-printable, and an address on
the web stands at every number."""
_URGENCY = {1: ("5", "Low"), 3: ("2", "High"), 4: ("1", "High"), 5: ("1", "High")}
"""X-Priority and Importance; a normal one has neither."""


def render(
    tx: Tx, activity_id: int, group_id: int, revision: int, limits: Limits
) -> ready.Prepared:
    """The activity's message as the members of that group may see it, ready to be stored. revision:
    from 1. The same activity as it stands gives the same octets. Reads only.

    Everything in it but the attachments is below 1 MiB. Those are parts if the group's settings say
    so and there is room for them (media.room), else they are only named. Raises OSError where a
    large message can't be put together.
    """
    key = people.object_key(tx, activities.by_id(tx, activity_id).segment_id)
    for share in _SHARES:
        gathered = gather(tx, activity_id, group_id, share)
        room = media.room(limits) if gathered.shows_attachments else 0
        try:
            told, parts = media.attached(tx, gathered.media, room)
            content = _content(gathered, key, revision, told, parts, room)
        except Damaged:
            # `doctor` tells of it; the activity is to be read all the same.
            told = media.named(gathered.media, "can't be read any more")
            content = _content(gathered, key, revision, told, (), 0)
        if content is not None:
            break
    assert content is not None
    return ready.prepare(content)


def message_id(tx: Tx, activity_id: int, revision: int) -> str:
    """Of that revision's message, for whichever group; without angle brackets. The same each time,
    nobody else's, and known to nobody who hasn't got the message."""
    activity = activities.by_id(tx, activity_id)
    key = people.object_key(tx, activity.segment_id)
    return _message_id(key, activity.number, revision)


def _content(
    gathered: Gathered,
    key: bytes,
    revision: int,
    told: Sequence[Medium],
    parts: Sequence[writing.Attached | writing.AttachedMail],
    room: int,
) -> Content | None:
    """None: the texts alone are too large. Raises Damaged, also if parts have more octets than were
    counted."""
    own_id = _message_id(key, gathered.activity.number, revision)
    headers = _headers(gathered, key, own_id, revision)
    text, html = page.text(gathered, told), page.html(gathered, told)
    seed = hmac.digest(key, f"{own_id}\0{text}\0{html}".encode(), "sha256")
    with Octets(MIB + room) as octets:
        for piece in writing.pieces(headers, text, html, parts, seed):
            octets.add(piece)
        if octets.size > octets.most and not parts:
            return None
        if octets.size > octets.most:
            raise Damaged("media have more octets than they had")
        return octets.content()


def _message_id(key: bytes, number: int, revision: int) -> str:
    made = hmac.digest(key, f"activity {number} {revision}".encode(), "sha256")[:10].hex()
    return f"activity-{number}.{revision}.{made}@{notices.DOMAIN}"


def _headers(gathered: Gathered, key: bytes, own_id: str, revision: int) -> writing.Headers:
    activity = gathered.activity
    thread = notices.thread_id(activity.segment_id, activity.number)
    first = _message_id(key, activity.number, 1)
    # All revisions begin with the same one, which no mail has: so they are one thread everywhere.
    before = [thread] if revision == 1 else [thread, first]
    own = [
        own_field(activity.segment_id, KIND),
        ("X-imapgate-Activity", str(activity.number)),
        ("X-imapgate-Class", activity.activity_class),
        ("X-imapgate-State", activity.state),
        ("X-imapgate-Priority", gathered.priority),
    ]
    if activity.priority in _URGENCY:
        own += zip(("X-Priority", "Importance"), _URGENCY[activity.priority], strict=True)
    assignee = gathered.assignee
    return writing.Headers(
        sender=notices.SENDER if gathered.reporter is None else _mailbox(gathered.reporter),
        to=() if assignee is None else (_mailbox(assignee),),
        undisclosed=True,
        subject=subjects.render(
            gathered.subject_template or subjects.USUAL, activity.number, gathered.name
        ),
        at=activity.modified_at,
        message_id=own_id,
        in_reply_to=before[-1],
        references=[*before, *gathered.mail_ids[-MOST_REFERENCES:]],
        auto_submitted="auto-generated",
        own=own,
    )


def _mailbox(person: Person) -> Mailbox:
    """Who has no address that mail can be written to is named all the same."""
    try:
        return Mailbox(person.name, writing.ascii_address(person.address or ""))
    except writing.Unwritable:
        return Mailbox(person.name or "imapgate", f"no-reply@{notices.DOMAIN}")

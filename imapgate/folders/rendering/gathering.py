"""What an activity's message says: what the members of one group may all see of the activity and of
what stands around it, cut to what one message may hold."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from imapgate.activities.creators import PRIORITIES
from imapgate.folders.rendering.audience import Audience
from imapgate.folders.rendering.cutting import Cut, Room, name
from storage import Tx, activities, groups, people, surroundings
from storage.activities import ActivityRow, MediaRow

MOST_FOLLOW_UPS = 50
MOST_LINKS = 50
MOST_MAILS = 50
MOST_MEDIA = 50
"""What one message names of each; it tells how many more there are."""
TEXTS = 50_000
"""Octets of all free texts together, in UTF-8."""
DESCRIPTION = 20_000
"""Octets of a description."""
TITLE = 1_000
"""Octets of the activity's own name."""
FOLLOW_UP = 8_000
"""Octets of one follow-up's text."""
_PRIORITY_NAMES = {value: name for name, value in PRIORITIES.items()}


@dataclass(frozen=True, slots=True)
class Person:
    """name: may be empty. address: None if there is none."""

    name: str
    address: str | None


@dataclass(frozen=True, slots=True)
class FollowUp:
    """at: seconds since 1970. from_number: of the mail that it came from, where all may see it."""

    at: int
    author: str | None
    title: str
    transition: str | None
    text: Cut
    from_number: int | None


@dataclass(frozen=True, slots=True)
class Link:
    number: int
    name: str
    state: str


@dataclass(frozen=True, slots=True)
class LinkedMail:
    """sent_at: seconds since 1970."""

    number: int
    subject: str
    sender: str | None
    sent_at: int | None


@dataclass(frozen=True, slots=True)
class Gathered:
    """Names are single lines, texts may hold anything else. more_...: how many there are that
    aren't named. mail_ids: Message-IDs of the linked mails, the oldest first, without angle
    brackets. url: with `{number}`."""

    activity: ActivityRow
    name: str
    priority: str
    reporter: Person | None
    assignee: Person | None
    created_by: str | None
    groups: tuple[str, ...]
    description: Cut
    detailed_description: Cut
    follow_ups: tuple[FollowUp, ...]
    more_follow_ups: int
    links: tuple[Link, ...]
    more_links: int
    mails: tuple[LinkedMail, ...]
    more_mails: int
    mail_ids: tuple[str, ...]
    media: tuple[MediaRow, ...]
    more_media: int
    shows_attachments: bool
    segment: str
    subject_template: str | None
    url: str | None


def gather(tx: Tx, activity_id: int, group_id: int, share: int = 1) -> Gathered:
    """In a bounded number of queries, whatever hangs on the activity. share: of what a message may
    hold, it gets a half, a third, and so on. Reads only."""
    activity = activities.by_id(tx, activity_id)
    segment = people.segment_by_id(tx, activity.segment_id)
    group = groups.by_id(tx, group_id)
    room = Room(TEXTS // share)
    description = room.cut(activity.description, DESCRIPTION)
    # What a mail made has the same text in both.
    detailed = activity.detailed_description
    if detailed.strip() == activity.description.strip():
        detailed = ""
    detailed_description = room.cut(detailed, DESCRIPTION)
    written, follow_ups = surroundings.follow_ups(
        tx, activity_id, MOST_FOLLOW_UPS // share, FOLLOW_UP
    )
    links, linked = surroundings.linked(tx, activity_id, MOST_LINKS // share)
    mails, mailed = surroundings.linked_mails(tx, activity_id, MOST_MAILS // share)
    around = {one.from_id for one in written if one.from_id is not None}
    around.update(one.id for one in links)
    around.update(one.id for one in mails)
    audience = Audience(tx, group_id)
    seen = audience.seen(around)
    shown_links = [one for one in links if one.id in seen]
    shown_mails = [one for one in mails if one.id in seen]
    media = activities.media_of(tx, activity_id)
    shown_media = tuple(media[: MOST_MEDIA // share])
    return Gathered(
        activity=activity,
        name=name(activity.name, TITLE),
        priority=_PRIORITY_NAMES[activity.priority],
        reporter=_reporter(tx, activity),
        assignee=_user(tx, activity.assigned_to_id),
        created_by=_named(_user(tx, activity.created_by_id)),
        groups=tuple(
            name(one)
            for known, one in activities.groups_of(tx, activity_id)
            if audience.is_in(frozenset((known,)))
        ),
        description=description,
        detailed_description=detailed_description,
        follow_ups=tuple(_follow_ups(written, seen, room)),
        more_follow_ups=follow_ups - len(written),
        links=tuple(Link(one.number, name(one.name), name(one.state)) for one in shown_links),
        more_links=linked - len(shown_links),
        mails=tuple(
            LinkedMail(one.number, name(one.subject), _name_or_none(one.sender), one.sent_at)
            for one in shown_mails
        ),
        more_mails=mailed - len(shown_mails),
        mail_ids=tuple(one.message_id for one in reversed(shown_mails) if one.message_id),
        media=shown_media,
        more_media=len(media) - len(shown_media),
        shows_attachments=group is not None and group.shows_attachments,
        segment=segment.name,
        subject_template=segment.subject_template,
        url=segment.activity_url,
    )


def _reporter(tx: Tx, activity: ActivityRow) -> Person | None:
    if activity.reporting_contact_id is None:
        return _user(tx, activity.created_by_id)
    return Person(*surroundings.reporter(tx, activity.reporting_contact_id))


def _user(tx: Tx, principal_id: int | None) -> Person | None:
    row = None if principal_id is None else people.principal_by_id(tx, principal_id)
    return None if row is None else Person(row.name, row.email)


def _named(person: Person | None) -> str | None:
    return None if person is None else name(person.name)


def _name_or_none(text: str | None) -> str | None:
    return None if text is None else name(text) or None


def _follow_ups(
    found: Sequence[surroundings.FollowUp], seen: Collection[int], room: Room
) -> Iterator[FollowUp]:
    for one in found:
        yield FollowUp(
            at=one.at,
            author=_name_or_none(one.author),
            title=name(one.title),
            transition=_name_or_none(one.transition),
            text=room.cut(one.text, FOLLOW_UP, max(0, one.length - len(one.text))),
            from_number=one.from_number if one.from_id in seen else None,
        )

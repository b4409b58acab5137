"""What a mail is about: activity numbers in its subject, then the mails that it answers (rule
9)."""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from imapgate.activities import patterns, wrapped_before
from imapgate.activities.names import Mistake
from imapgate.activities.people import Person, may_see
from imapgate.mime.mail import Mail
from storage import Tx, activities, cited, drops, emails, links, people, revisions, sent

_log = logging.getLogger(__name__)

MOST_NUMBERS = 50
"""Numbers of one subject that are looked up."""
MOST_REFERENCES = 50
"""Message-IDs of one mail that are looked up."""
MOST_SAME_MESSAGE_ID = 20
"""Activities with one Message-ID that are looked at."""

SENT = ("activity", "template", "submission")
"""Kinds of mail that went out (schema.outbox) whose answers are about their activity; those to
approvals are decided elsewhere, and nobody answers the others."""

_NUMBER = re.compile(r"(?<!\w)#([1-9][0-9]{0,17})(?!\w)")


def numbers_in(subject: str, own_pattern: str | None = None) -> tuple[int, ...]:
    """The activity numbers that a subject names, each once, in its order; at most MOST_NUMBERS.

    `#10009555` counts on word boundaries: `#10009555:`, `(#10009555)`, `[#10009555],`, but neither
    `C#`, `#fff`, `a#1`, nor a number of more than 18 digits. own_pattern: the segment's own,
    counted beside it, unless its search could be long (patterns.check).
    """
    searched = subject[: patterns.LONGEST_SUBJECT]
    found = list(_places(_NUMBER, searched))
    own = None if own_pattern is None else _compiled(own_pattern)
    if own is not None:
        found += _places(own, searched)
    numbers = dict.fromkeys(number for _, number in sorted(found))
    return tuple(numbers)[:MOST_NUMBERS]


def own_pattern(tx: Tx, segment_id: int) -> str | None:
    """The segment's subject pattern, if it has one."""
    return people.segment_by_id(tx, segment_id).subject_pattern


def visible(tx: Tx, person: Person, number: int) -> activities.ActivityRow | None:
    """The activity of that number; None if there is none or this person may not see it: told
    alike."""
    row = activities.by_number(tx, person.segment_id, number)
    return row if row is not None and may_see(tx, person, row.id) else None


def answered(
    tx: Tx, person: Person, mail: Mail, own_id: int, groups: Collection[int] = ()
) -> tuple[int, ...]:
    """Ids of the activities that a mail belongs to by In-Reply-To, then References (newest first).

    The first of these Message-IDs that is filed where this person may see it, or was sent of such
    an activity, counts: what it is linked to, or, if it is linked to nothing, its own activity. So
    does that of such an activity's own message, of whichever revision, and that of a wrapper, which
    stands for what it made or named. own_id: the mail's activity, which is never its own answer.
    groups: beside those of the person.
    """
    every = list(dict.fromkeys((*mail.in_reply_to, *reversed(mail.references))))[:MOST_REFERENCES]
    known = cited.known(tx, person.segment_id, every) if every else frozenset()
    for message_id in (one for one in every if one in known):
        filed = [
            activity_id
            for activity_id, _ in emails.seen_by_message_id(
                tx,
                person.segment_id,
                None if groups else person.member_id,
                message_id,
                MOST_SAME_MESSAGE_ID,
            )
            if activity_id != own_id and (not groups or _reaches(tx, person, activity_id, groups))
        ] or [
            activity_id
            for activity_id in sent.activities_of(
                tx, person.segment_id, message_id, SENT, MOST_SAME_MESSAGE_ID
            )
            if activity_id != own_id and _reaches(tx, person, activity_id, groups)
        ]
        if filed:
            return _linked(tx, person, filed, own_id, groups) or (filed[0],)
        stood_for = [
            activity_id
            for activity_id in _stood_for(tx, person.segment_id, message_id)
            if activity_id != own_id and _reaches(tx, person, activity_id, groups)
        ]
        if stood_for:
            return tuple(stood_for)[:MOST_NUMBERS]
    return ()


def _stood_for(tx: Tx, segment_id: int, message_id: str) -> tuple[int, ...]:
    """The activities of which that is a message that was written here, or those of a wrapper."""
    written = revisions.by_message_id(tx, segment_id, message_id)
    if written:
        return tuple(dict.fromkeys(one.activity_id for one in written))
    wrappers = drops.wrappers_by_message_id(tx, segment_id, message_id, MOST_SAME_MESSAGE_ID)
    return wrapped_before.ids(tx, segment_id, wrappers)


def _linked(
    tx: Tx, person: Person, email_ids: list[int], own_id: int, groups: Collection[int]
) -> tuple[int, ...]:
    targets = dict.fromkeys(
        target
        for email_id in email_ids
        for target, _, _ in links.links_from(tx, email_id)
        if target != own_id and _reaches(tx, person, target, groups)
    )
    return tuple(targets)[:MOST_NUMBERS]


def _reaches(tx: Tx, person: Person, activity_id: int, groups: Collection[int]) -> bool:
    return may_see(tx, person, activity_id) or any(
        activities.in_group(tx, activity_id, one) for one in groups
    )


def _places(pattern: re.Pattern[str], subject: str) -> Iterator[tuple[int, int]]:
    for match in pattern.finditer(subject):
        digits = match[1]
        if digits and len(digits) <= 18 and digits.isascii() and digits.isdigit():
            yield match.start(1), int(digits)


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """None for one that was stored before it would have been refused."""
    try:
        patterns.check(pattern)
    except Mistake as mistake:
        _log.warning("a segment's subject pattern isn't used: %s", mistake)
        return None
    return re.compile(pattern)

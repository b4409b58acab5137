"""What is set for a whole segment: how mails find activities, what makes them, whose domains,
where activities stand on the web."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict

from imapgate.activities import segments, web_addresses
from imapgate.activities.names import Mistake, key
from imapgate.activities.segments import Segment, find_segment
from storage import Tx, people, settings_history

SUBJECT = "segment"
"""In the settings history."""
MOST_DOMAINS = 100
_DOMAIN = re.compile(r"(?!-)[\w-]{1,63}(?:\.[\w-]{1,63})*", re.ASCII)


def edit_segment(
    tx: Tx,
    name: str,
    who: str,
    *,
    default_creator: str | None = None,
    subject_pattern: str | None = None,
    subject_template: str | None = None,
    domains: Sequence[str] | None = None,
    activity_url: str | None = None,
    reason: str = "",
) -> Segment:
    """The segment now; each change stands in the settings history with who and reason.

    None: stays as it is; empty: none from now on. subject_pattern: a regular expression whose one
    group is an activity's number. subject_template: see subjects. domains: the segment's own, in
    place of those that it had. activity_url: see web_addresses; activities' messages have it from
    their next revision on. Raises Mistake, also if what the template makes would not be found by
    the pattern.
    """
    before = find_segment(tx, name)
    if subject_pattern is not None or subject_template is not None:
        pattern = before.subject_pattern if subject_pattern is None else subject_pattern or None
        template = before.subject_template if subject_template is None else subject_template or None
        segments.set_subjects(tx, before.id, pattern, template)
    if domains is not None:
        people.set_domains(tx, before.id, _checked(domains))
    if activity_url is not None:
        url = web_addresses.checked(activity_url) if activity_url.strip() else None
        people.set_activity_url(tx, before.id, url)
    if default_creator is not None:
        segments.set_default_creator(tx, before.id, default_creator or None)
    now = find_segment(tx, name)
    changes = settings_history.differences(asdict(before), asdict(now))
    if changes:
        settings_history.record(tx, now.id, who, SUBJECT, changes, reason)
        tx.touch_people()
    return now


def _checked(domains: Sequence[str]) -> list[str]:
    kept = list(dict.fromkeys(key(one) for one in domains if one.strip()))
    if len(kept) > MOST_DOMAINS:
        raise Mistake(f"A segment has at most {MOST_DOMAINS} domains.")
    for one in kept:
        if len(one) > 253 or not _DOMAIN.fullmatch(_ascii(one)):
            raise Mistake(f'"{one}" is no domain.')
    return kept


def _ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""

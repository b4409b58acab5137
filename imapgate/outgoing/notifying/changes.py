"""What happened, in words for one person: only what that person may know when it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from imapgate.activities import happenings
from imapgate.activities.people import Person, may_see, role_in
from imapgate.outgoing.notifying import wishes
from imapgate.outgoing.notifying.wishes import Way
from storage import Tx, activities, contacts, groups, incoming, links, people
from storage.activities import ActivityRow
from storage.notifications import NotificationRow
from storage.pending_notifications import PendingRow

LONGEST_TEXT = 2_000
"""Characters of a follow-up that are told."""
LONGEST_TITLE = 200
"""Characters of a title or subject that are told."""


@dataclass(frozen=True, slots=True)
class Change:
    """at: seconds since 1970. who: a name, None: nobody knows, or it happened by itself. what: one
    line. text: of a follow-up that was written by hand; what a mail says stands in the mail, which
    isn't repeated. transition: that ended in another state."""

    at: int
    what: str
    who: str | None = None
    text: str | None = None
    transition: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What one person is told about one activity (None: about mail that came in). more: how much
    else happened. way: how they are told."""

    row: PendingRow
    activity: ActivityRow | None
    changes: tuple[Change, ...]
    more: int
    way: Way


def told(tx: Tx, person: Person, row: PendingRow, own: Sequence[NotificationRow]) -> Told | None:
    """None: by now there is nothing that this person may be told, or wants to be. own: what they
    want to be told of."""
    activity = None
    if row.activity_id is not None:
        if not wishes.sees(tx, person, row.activity_id):
            return None
        activity = activities.by_id(tx, row.activity_id)
    found: list[Change] = []
    way = Way()
    for line in row.lines:
        wanted = _way(tx, own, row.activity_id, line)
        change = _change(tx, person, activity, line) if wanted else None
        if change is None:
            continue
        way = way | wanted
        if found and _is_said(found[-1], change):
            found[-1] = replace(found[-1], text=change.text)
        else:
            found.append(change)
    return Told(row, activity, tuple(found), row.more, way) if found else None


def _way(
    tx: Tx, own: Sequence[NotificationRow], activity_id: int | None, line: Mapping[str, Any]
) -> Way:
    covered = frozenset[int]()
    if activity_id is not None:
        covered = wishes.groups_of(tx, activity_id, line)
    return wishes.way(own, line["event"], line, activity_id, covered)


def _is_said(before: Change, change: Change) -> bool:
    """A follow-up that was written with a transition, and is called by it, says nothing more."""
    named = before.transition is not None and change.what == f"Follow-up: {before.transition}"
    return named and before.who == change.who and before.text is None


def _change(
    tx: Tx, person: Person, activity: ActivityRow | None, line: Mapping[str, Any]
) -> Change | None:
    event, at = line["event"], line["at"]
    if event == happenings.INCOMING_FAILED:
        return _failed(tx, person, line["message"], at)
    assert activity is not None
    who = _user(tx, line["by"])
    if event in (happenings.FOLLOW_UP, happenings.CONTACT):
        return _follow_up(tx, person, line["follow_up"], event, at)
    if event == happenings.CREATED:
        reporter = activity.reporting_contact_id
        if who is None and reporter is not None:
            who = contacts.name(tx, reporter)
        return Change(at, f"New: {activity.type}", who)
    if event == happenings.STATE:
        what = f"State: {line['to']} (was {line['from']}, by {line['transition']})"
        return Change(at, what, who, transition=line["transition"])
    if event == happenings.ASSIGNED:
        return Change(at, f"Assigned to {_user(tx, line['to'])}", who)
    return _other(tx, person, line, at, who)


def _other(
    tx: Tx, person: Person, line: Mapping[str, Any], at: int, who: str | None
) -> Change | None:
    if line["what"] in ("joined", "left"):
        # Only members learn a group's name.
        group = groups.by_id(tx, line["group"])
        if group is None or role_in(tx, person, group.id) is None:
            return None
        came = "Came into" if line["what"] == "joined" else "Left"
        return Change(at, f"{came} {group.kind} {group.name}", who)
    if line["what"] == "attachments":
        return Change(at, f"Attachments: {line['count']} more", who)
    return Change(at, "Other sender or recipients", who)


def _follow_up(tx: Tx, person: Person, follow_up_id: int, event: str, at: int) -> Change | None:
    row = links.follow_up_by_id(tx, follow_up_id)
    if row is None:
        return None
    what = "A customer wrote" if event == happenings.CONTACT else "Follow-up"
    who = _user(tx, row.author_id)
    if row.author_contact_id is not None:
        who = contacts.name(tx, row.author_contact_id)
    mail_id = row.from_activity_id
    if mail_id is None:
        return Change(at, f"{what}: {_line(row.title)}", who, row.text[:LONGEST_TEXT] or None)
    number = f" (#{activities.by_id(tx, mail_id).number})" if may_see(tx, person, mail_id) else ""
    return Change(at, f"{what}: {_line(row.title)}{number}", who)


def _failed(tx: Tx, person: Person, row_id: int, at: int) -> Change | None:
    """Unless it was settled meanwhile."""
    row = incoming.by_id(tx, row_id)
    if row is None or row.state != incoming.FAILED or not wishes.decides(tx, person, row_id):
        return None
    lines = [row.text]
    if row.sender_key:
        lines.append(f"From: {row.sender_key}")
    if row.subject:
        lines.append(f"Subject: {_line(row.subject)}")
    what = f"Mail that came in could not be filed (message {row.id})"
    return Change(at, what, None, "\n".join(lines))


def _user(tx: Tx, principal_id: int | None) -> str | None:
    row = None if principal_id is None else people.principal_by_id(tx, principal_id)
    return None if row is None else row.name


def _line(text: str) -> str:
    kept = " ".join(text.split())
    return kept if len(kept) <= LONGEST_TITLE else f"{kept[: LONGEST_TITLE - 3]}..."

"""Requests for approval: a transition that waits for somebody's word by mail.

Who was asked and what came of it stands on the activity as follow-ups: here of requests, and of
those that end without a decision; of decisions where they are made (deciding, approving)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from imapgate.activities import approval_tokens, approvers, happenings
from imapgate.activities.names import Mistake, key
from storage import Tx, activities, links, outgoing_settings, processes
from storage import approvals as rows

APPROVED, REJECTED, IMPOSSIBLE, WITHDRAWN = "approved", "rejected", "impossible", "withdrawn"
EXPIRED = "expired"
"""How a request ended. impossible: the transition could not be taken any more, or nobody could be
asked; expired: nobody decided in time."""
OPEN = "open"
ASKED = "Approval asked for"
"""How the title of its follow-up begins; the text's first paragraph tells who was asked."""
DAYS = "approval-days"
"""The setting (storage.outgoing_settings) for how many days replies decide."""
USUAL_DAYS = 14
DAY = 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class Approval:
    """number, name: the activity's. state: open, or how it ended, at which time (seconds since
    1970) and by whom: an address, or who withdrew it. expires_at: until when replies decide; None:
    for ever."""

    id: int
    number: int
    name: str
    transition: str
    rejected_by: str | None
    approvers: tuple[str, ...]
    state: str
    made_at: int
    decided_at: int | None
    decided_by: str | None
    expires_at: int | None


def request(
    tx: Tx,
    segment_id: int,
    number: int,
    transition: str,
    named: Sequence[str],
    asked_by_id: int | None = None,
    text: str = "",
) -> Approval:
    """A new request, which stands on the activity; nobody is asked by that alone
    (activities.approving). named: approvers, of whom the first reply that says a word decides.
    text: what the user says who asks. Raises Mistake: no such activity, a transition that doesn't
    start from its state or isn't offered by mail, one that waits already, nobody to ask. Nothing is
    written then."""
    activity = activities.by_number(tx, segment_id, number)
    if activity is None:
        raise Mistake(f"There is no activity #{number}.")
    step = offered(tx, activity, transition)
    if isinstance(step, str):
        raise Mistake(f"{step}.")
    wanted = approvers.addresses(tx, activity, named)
    waits = waiting(tx, activity, step.name)
    if waits is not None:
        raise Mistake(f'"{step.name}" on #{number} waits for approval already ({waits.id}).')
    days = outgoing_settings.value(tx, segment_id, DAYS) or USUAL_DAYS
    expires_at = tx.now + int(days) * DAY
    token = approval_tokens.new()
    approval_id = rows.add(
        tx, segment_id, activity.id, step.name, token, wanted, expires_at, asked_by_id
    )
    until = datetime.fromtimestamp(expires_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    told = f"Asked by mail: {', '.join(wanted)}. Replies count until {until}."
    note(tx, activity.id, f"{ASKED}: {step.name}", f"{told}\n\n{text}", asked_by_id)
    return find(tx, segment_id, approval_id)


def waiting(tx: Tx, activity: activities.ActivityRow, transition: str) -> rows.ApprovalRow | None:
    """The request to take it that can still be answered."""
    found = rows.of_segment(tx, activity.segment_id, open_only=True, activity_id=activity.id)
    here = (one for one in found if key(one.transition) == key(transition))
    return next((one for one in here if not is_over(tx, one)), None)


def is_over(tx: Tx, row: rows.ApprovalRow) -> bool:
    """Whether an open request can't be answered any more, though nobody has ended it yet."""
    return row.decided_at is None and row.expires_at is not None and row.expires_at <= tx.now


def note(tx: Tx, activity_id: int, title: str, text: str, author_id: int | None) -> None:
    """A follow-up that tells what became of a request; notified as any other."""
    follow_up_id = links.add_follow_up(
        tx,
        activity_id,
        links.FollowUpRow(
            transition=None,
            title=title,
            text=text.strip(),
            author_id=author_id,
            author_contact_id=None,
            from_activity_id=None,
            at=tx.now,
        ),
    )
    activities.change(tx, activity_id)
    happenings.followed_up(tx, activities.by_id(tx, activity_id), follow_up_id, author_id)


def entry(decision: str, transition: str) -> str:
    """Title of the follow-up that tells of a decision: APPROVED or REJECTED."""
    return f"{decision.capitalize()}: {transition}"


def entries(tx: Tx, activity_id: int) -> list[str]:
    """Titles of those follow-ups that tell what was decided about it."""
    return [
        entry(decision, transition)
        for decision, transition in rows.ended(tx, activity_id)
        if decision in (APPROVED, REJECTED)
    ]


def offered(
    tx: Tx, activity: activities.ActivityRow, transition: str
) -> processes.TransitionRow | str:
    """The transition of that name (case ignored) that starts from the activity's state and may be
    approved by mail; else why not: a sentence without full stop."""
    for one in processes.transitions_from(tx, activity.state_id):
        if key(one.name) == key(transition):
            if one.by_mail:
                return one
            return f'"{one.name}" isn\'t offered for approval by mail'
    return f'"{transition}" can\'t be taken on #{activity.number}, which is "{activity.state}"'


def find(tx: Tx, segment_id: int, approval_id: int) -> Approval:
    """Raises Mistake."""
    row = rows.by_id(tx, segment_id, approval_id)
    if row is None:
        raise Mistake(f"There is no request for approval {approval_id}.")
    return _approval(tx, row)


def list_approvals(tx: Tx, segment_id: int, open_only: bool = False) -> list[Approval]:
    """In the order of their making."""
    return [_approval(tx, row) for row in rows.of_segment(tx, segment_id, open_only)]


def withdraw(tx: Tx, segment_id: int, approval_id: int, who: str) -> Approval:
    """Replies to it decide nothing from now on. Raises Mistake: no such request, or it has
    ended."""
    approval = find(tx, segment_id, approval_id)
    if not end(tx, segment_id, approval_id, WITHDRAWN, who, f"Withdrawn by {who}."):
        raise Mistake(f"Request {approval_id} has ended already: {approval.state}.")
    return find(tx, segment_id, approval_id)


def end(tx: Tx, segment_id: int, approval_id: int, how: str, who: str, text: str) -> bool:
    """A request ends without a decision; whether it was open until now. how: WITHDRAWN, ... text:
    for the activity."""
    row = rows.by_id(tx, segment_id, approval_id)
    if row is None or not rows.close(tx, approval_id, how, who):
        return False
    note(tx, row.activity_id, f"Not decided: {row.transition}", text, None)
    return True


def message_id(tx: Tx, segment_id: int, approval_id: int, domain: str) -> str:
    """Of the mail that asks for it, without angle brackets. Raises Mistake: no such request, or it
    has ended."""
    row = rows.by_id(tx, segment_id, approval_id)
    if row is None or row.decided_at is not None:
        raise Mistake(f"There is no open request for approval {approval_id}.")
    return approval_tokens.message_id(tx, segment_id, row.token, domain)


def _approval(tx: Tx, row: rows.ApprovalRow) -> Approval:
    activity = activities.by_id(tx, row.activity_id)
    steps = processes.transitions_from(tx, activity.state_id)
    step = next((one for one in steps if one.name == row.transition), None)
    return Approval(
        row.id,
        row.number,
        activity.name,
        row.transition,
        step.rejected_by if step else None,
        row.approvers,
        row.decision or OPEN,
        row.made_at,
        row.decided_at,
        row.decided_by,
        row.expires_at,
    )

"""Requests for approval: a transition that waits for somebody's word by mail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities import approval_tokens
from imapgate.activities.names import Mistake, checked_email, key
from storage import Tx, activities, processes
from storage import approvals as rows

APPROVED, REJECTED, IMPOSSIBLE, WITHDRAWN = "approved", "rejected", "impossible", "withdrawn"
"""How a request ended. impossible: the transition could not be taken any more."""
OPEN = "open"
MOST_APPROVERS = 50


@dataclass(frozen=True, slots=True)
class Approval:
    """number, name: the activity's. state: open, or how it ended, at which time (seconds since
    1970) and by whom: an address, or who withdrew it."""

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


def request(
    tx: Tx, segment_id: int, number: int, transition: str, approvers: Sequence[str]
) -> Approval:
    """A new request. approvers: addresses, of which the first reply that says a word decides.
    Raises Mistake: no such activity, a transition that doesn't start from its state or isn't
    offered by mail, one that waits already, no address."""
    activity = activities.by_number(tx, segment_id, number)
    if activity is None:
        raise Mistake(f"There is no activity #{number}.")
    step = offered(tx, activity, transition)
    if isinstance(step, str):
        raise Mistake(f"{step}.")
    wanted = tuple(dict.fromkeys(key(checked_email(one)) for one in approvers))
    if not 0 < len(wanted) <= MOST_APPROVERS:
        raise Mistake(f"A request has 1 to {MOST_APPROVERS} approvers.")
    for one in rows.of_segment(tx, segment_id, open_only=True, activity_id=activity.id):
        if one.transition == step.name:
            raise Mistake(f'"{step.name}" on #{number} waits for approval already ({one.id}).')
    token = approval_tokens.new()
    approval_id = rows.add(tx, segment_id, activity.id, step.name, token, wanted)
    return find(tx, segment_id, approval_id)


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
    if not rows.close(tx, approval_id, WITHDRAWN, who):
        raise Mistake(f"Request {approval_id} has ended already: {approval.state}.")
    return find(tx, segment_id, approval_id)


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
    )

"""Transitions that want approval: who takes one asks for it, unless it is theirs to approve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities import approvals, approvers, processes
from imapgate.activities.approval_words import APPROVE, REJECT, Words
from imapgate.activities.approvals import Approval
from imapgate.activities.names import Mistake, key, quoted
from imapgate.activities.people import Person
from imapgate.activities.processes import Taken
from imapgate.activities.terms import DROP, Terms
from storage import Tx, accounts, activities, events, mailers
from storage import approvals as rows
from storage import processes as process_rows

ASK = "ask for approval"
"""The event (storage.events) by which the room `outgoing` asks; its detail: approval (an id)."""
KIND = "approvals"
"""Of the accounts that read replies."""


@dataclass(frozen=True, slots=True)
class Replies:
    """Where replies to requests go, and the words that decide in them."""

    address: str
    words: Words


def replies(tx: Tx, segment_id: int) -> Replies:
    """Of the segment's oldest active account of kind approvals. Raises Mistake: there is none, or
    it has no address."""
    for row in accounts.of_segment(tx, segment_id):
        if row.kind == KIND and row.active:
            break
    else:
        raise Mistake(
            "No account reads replies to requests for approval: an administrator adds one with "
            "`imapgate account add NAME --kind approvals`."
        )
    address = row.settings.get("reply_to") or row.settings.get("user") or ""
    if "@" not in address:
        raise Mistake(
            f"Account {quoted(row.name)} has no address for replies: an administrator names it "
            f"with `imapgate account edit {row.name} --reply-to ADDRESS`."
        )
    words = (row.settings.get("approve", APPROVE), row.settings.get("reject", REJECT))
    return Replies(address, Words(*words))


def take_or_ask(
    tx: Tx,
    activity: activities.ActivityRow,
    transition: str,
    person: Person | None,
    terms: Terms = DROP,
    caused_by: int | None = None,
    text: str = "",
) -> Taken | Approval:
    """Takes the transition as `processes.take` does, if it wants nobody's approval or this person
    is who approves it (which ends an open request for it), by hand: a mail that moves an activity
    on approves nothing; else asks for it, and nothing else is changed. caused_by: that mail's
    activity. text: what the person says. Raises Mistake; nothing is written then."""
    starting = process_rows.transitions_from(tx, activity.state_id)
    step = next((one for one in starting if key(one.name) == key(transition)), None)
    waits = None if step is None else approvals.waiting(tx, activity, step.name)
    named = () if step is None else step.approvers
    asked = () if waits is None else waits.approvers
    # Of a mail it is whoever its From names, in whose name it is filed, or who only files it.
    acts = person if caused_by is None else None
    approves = acts is not None and approvers.may_approve(tx, activity, (*named, *asked), acts.id)
    if step is None or not named or approves:
        taken = processes.take(tx, activity.id, transition, person, terms, caused_by)
        if waits is not None and person is not None and approves:
            rows.close(tx, waits.id, approvals.APPROVED, person.name)
        return taken
    asked_by_id = None if person is None else person.id
    return ask(tx, activity.segment_id, activity.number, step.name, named, asked_by_id, text)


def ask(
    tx: Tx,
    segment_id: int,
    number: int,
    transition: str,
    named: Sequence[str],
    asked_by_id: int | None = None,
    text: str = "",
) -> Approval:
    """As `approvals.request`; and the approvers are sent a mail after the commit. Raises Mistake
    also where no mail can be sent, or nobody would read the replies."""
    check_way(tx, segment_id)
    made = approvals.request(tx, segment_id, number, transition, named, asked_by_id, text)
    row = rows.by_id(tx, segment_id, made.id)
    assert row is not None
    events.add(tx, segment_id, row.activity_id, ASK, asked_by_id, {"approval": made.id})
    return made


def check_way(tx: Tx, segment_id: int) -> None:
    """Raises Mistake where no request could be sent, or nobody would read the replies."""
    replies(tx, segment_id)
    if (mailers.default(tx, segment_id) or mailers.default(tx, None)) is None:
        raise Mistake(
            "There is no mailer by which approval could be asked for: an administrator adds one "
            "with `imapgate mailer add`."
        )


def waits(approval: Approval) -> str:
    """What is told to whoever wanted the transition taken: a sentence."""
    return (
        f"{quoted(approval.transition)} on #{approval.number} waits for approval by "
        f"{', '.join(approval.approvers)} (request {approval.id})."
    )

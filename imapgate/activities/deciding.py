"""What a reply to a request for approval decides: the transition, or nothing, and why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from imapgate.activities import (
    approval_tokens,
    approvals,
    approvers,
    happenings,
    linking,
    processes,
)
from imapgate.activities.approval_words import Words as Words
from imapgate.activities.contacts import known
from imapgate.activities.names import Mistake, key, quoted
from imapgate.activities.people import Person, person_by_id
from imapgate.activities.terms import Terms
from imapgate.mime.mail import Mail
from imapgate.mime.quotes import own_text
from storage import Tx, activities, links, people
from storage import approvals as rows

NOTHING = "$NoRequest"
FORGED = "$Forged"
USED = "$Used"
NOT_ENTITLED = "$NotEntitled"
UNCLEAR = "$Unclear"
AUTOMATIC = "$AutoSubmitted"
APPROVED = "$Approved"
REJECTED = "$Rejected"
IMPOSSIBLE = "$Impossible"
CODES = (
    NOTHING,
    FORGED,
    USED,
    NOT_ENTITLED,
    UNCLEAR,
    AUTOMATIC,
    APPROVED,
    REJECTED,
    IMPOSSIBLE,
)
"""What came of a reply: it answers no request; its token is none of this segment's, or its
activity is gone; the request has ended; by somebody who isn't asked; its first own line is no word
that counts; a machine wrote it; the decision; the transition can't be taken any more."""


@dataclass(frozen=True, slots=True)
class Reply:
    """mail: what was written; line: its first own line (mime.replies.own_line). automatic: one of
    mime.automatic.KINDS, None: a person wrote it. activity_id, number: of the reply's own e-mail
    activity."""

    mail: Mail
    line: str | None
    automatic: str | None
    activity_id: int
    number: int


@dataclass(frozen=True, slots=True)
class Answer:
    """The request that a mail answers, if it is one of the segment's (row); else code tells that it
    is none."""

    row: rows.ApprovalRow | None
    code: str


@dataclass(frozen=True, slots=True)
class Decided:
    """code: one of CODES. text: what came of it, a sentence. number: of the activity that the
    request is about, None: of none. tell: whether the writer is to hear why nothing was decided."""

    code: str
    text: str
    number: int | None = None
    tell: bool = False


def answered(tx: Tx, segment_id: int, mail: Mail) -> Answer:
    """By the signed token in In-Reply-To and References, of several the nearest that is known."""
    code = NOTHING
    for token, signature in approval_tokens.named(mail):
        code = FORGED
        if approval_tokens.is_signed(tx, segment_id, token, signature):
            row = rows.by_token(tx, segment_id, token)
            if row is not None:
                return Answer(row, "")
    return Answer(None, code)


def decide(tx: Tx, person: Person, reply: Reply, answer: Answer, words: Words) -> Decided:
    """Takes the transition that the reply decides about, with a follow-up that names who decided;
    or makes the reply a follow-up; or, of a request that is none or has ended, does nothing.

    person: who acts for the account. The request has then ended, so that its token counts once."""
    row = answer.row
    if row is None:
        return Decided(answer.code, _UNKNOWN[answer.code])
    entitled = approvers.wrote(tx, row.segment_id, row.approvers, _sender(reply.mail))
    ended = approvals.EXPIRED if approvals.is_over(tx, row) else row.decision
    if ended is not None:
        text = f"The request has ended already: {ended}."
        return Decided(USED, text, row.number, entitled and reply.automatic is None)
    if reply.automatic is not None:
        _follow_up(tx, person, reply, row)
        return Decided(AUTOMATIC, "An automatic mail decides nothing.", row.number)
    if not entitled:
        _follow_up(tx, person, reply, row)
        text = f"The reply's sender wasn't asked to approve on #{row.number}."
        return Decided(NOT_ENTITLED, text, row.number, True)
    decision = words.said(reply.line)
    if decision is None:
        _follow_up(tx, person, reply, row)
        text = (
            f"The reply's first line is neither {_listed(words.approve)} nor "
            f"{_listed(words.reject)}."
        )
        return Decided(UNCLEAR, text, row.number, True)
    return _take(tx, person, reply, row, decision)


_UNKNOWN = {
    NOTHING: "It answers no request for approval.",
    FORGED: "It answers a request for approval that isn't known here: nothing was done.",
}


def _take(tx: Tx, person: Person, reply: Reply, row: rows.ApprovalRow, decision: str) -> Decided:
    activity = activities.by_id(tx, row.activity_id)
    step = approvals.offered(tx, activity, row.transition)
    sender = _sender(reply.mail)
    reason = step if isinstance(step, str) else None
    taken: processes.Taken | None = None
    if not isinstance(step, str):
        wanted = step.name if decision == approvals.APPROVED else step.rejected_by
        try:
            if wanted is not None:
                taken = processes.take(tx, row.activity_id, wanted, _user(tx, person, sender))
        except Mistake as mistake:
            reason = str(mistake).rstrip(".")
    if reason is not None:
        rows.close(tx, row.id, approvals.IMPOSSIBLE, sender)
        _follow_up(tx, person, reply, row)
        return Decided(IMPOSSIBLE, f"{reason[:1].upper()}{reason[1:]}.", row.number, True)
    rows.close(tx, row.id, decision, sender)
    said = f"{decision} {quoted(row.transition)} by mail"
    own = own_text(reply.mail.text).strip()
    _follow_up(
        tx,
        person,
        reply,
        row,
        links.FollowUpRow(
            transition=taken.transition if taken else None,
            title=approvals.entry(decision, row.transition),
            text=f"{_name(reply.mail)} {said} (#{reply.number}).\n\n{own}".rstrip(),
            author_id=person.id,
            author_contact_id=_contact(tx, person, sender),
            from_activity_id=reply.activity_id,
            at=tx.now,
        ),
    )
    came = f'"{taken.transition}" was taken' if taken else "nothing is changed"
    text = f"{decision.capitalize()}: {came} on #{row.number}."
    code = APPROVED if decision == approvals.APPROVED else REJECTED
    return Decided(code, text, row.number)


def _follow_up(
    tx: Tx,
    person: Person,
    reply: Reply,
    row: rows.ApprovalRow,
    written: links.FollowUpRow | None = None,
) -> None:
    """The reply is linked to the activity, and stands there as a follow-up: this one, or the reply
    itself. It moves nothing on by that."""
    if reply.activity_id == row.activity_id:
        return
    target = activities.by_id(tx, row.activity_id)
    user = _user(tx, person, _sender(reply.mail))
    terms = Terms(by_itself=True, writer_id=None if user is None else user.id)
    if written is not None and not links.has_follow_up_from(tx, row.activity_id, reply.activity_id):
        follow_up_id = links.add_follow_up(tx, row.activity_id, written)
        activities.change(tx, row.activity_id)
        happenings.followed_up(tx, target, follow_up_id, terms.writer_id, written.author_contact_id)
    title = reply.mail.subject.strip() or linking.NO_SUBJECT
    text = own_text(reply.mail.text)
    linking.link_to_and_follow_up(
        tx, reply.activity_id, target, person, title, text, moves=False, terms=terms
    )


def _sender(mail: Mail) -> str:
    """The key of the one address that it is from; empty for none or several, of one From or of
    several: nobody is entitled then."""
    if len(mail.from_) != 1:
        return ""
    return key(mail.from_[0].address)


def _name(mail: Mail) -> str:
    box = mail.from_[0]
    name = " ".join(box.name.split())
    return f"{name} <{box.address}>" if name else box.address


def _contact(tx: Tx, person: Person, sender: str) -> int | None:
    found = known(tx, person.segment_id, sender) if sender else None
    return None if found is None else found.contact_id


def _user(tx: Tx, person: Person, sender: str) -> Person | None:
    """The approver as a user of the segment, to whom `assign to me` assigns."""
    row = people.principal_by_email(tx, sender)
    if row is None or row.segment_id != person.segment_id or row.disabled:
        return None
    found = person_by_id(tx, row.id)
    return None if found is None else found[0]


def _listed(words: Collection[str]) -> str:
    return ", ".join(quoted(one) for one in words) or "anything"

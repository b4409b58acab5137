"""Replies to requests for approval: each is filed, and may take a transition."""

from __future__ import annotations

from dataclasses import replace

from imapgate.activities import deciding
from imapgate.activities.deciding import Words as Words
from imapgate.activities.names import key
from imapgate.activities.people import Person
from imapgate.activities.routing import Policy
from imapgate.folders import notices, ready, records
from imapgate.folders.arriving import Answer, Arrived, NotFiled, arrive
from imapgate.limits import Limits
from imapgate.mime import automatic
from imapgate.mime.mail import Mail
from imapgate.mime.replies import own_line
from storage import Tx, people


def decide(
    tx: Tx,
    person: Person,
    prepared: ready.Prepared,
    stored_message_id: int,
    internal_at: int,
    internal_zone: int,
    policy: Policy,
    words: Words,
    road: records.Road,
    limits: Limits,
) -> Arrived | NotFiled:
    """What an account of kind approvals brought: filed as `arrive` does, in the caller's
    transaction, and the transition that it decides about is taken, or it becomes a follow-up, or,
    with a token that is none, nothing (activities.deciding). Arrived.code and text tell which, and
    a writer who is a user hears in their INBOX why nothing was decided; an approver who is none is
    to hear it by mail (Arrived.answer). The row's change of state in the same transaction makes it
    once.

    A mail that answers no request is linked to what it names, as any other."""
    mail = prepared.mail
    answer = deciding.answered(tx, person.segment_id, mail)
    is_reply = answer.code != deciding.NOTHING
    arrived = arrive(
        tx,
        person,
        prepared,
        stored_message_id,
        internal_at,
        internal_zone,
        replace(policy, commands=False, links=policy.links and not is_reply),
        road,
        limits,
    )
    if isinstance(arrived, NotFiled):
        return arrived
    reply = deciding.Reply(
        mail,
        # The whole mail is read for it, in the writer's time: only where it may matter.
        None if answer.row is None else own_line(prepared.content),
        policy.automatic or automatic.kind_of(mail),
        arrived.activity_id,
        arrived.number,
    )
    decided = deciding.decide(tx, person, reply, answer, words)
    told = None
    if decided.tell and mail.from_:
        told = _tell(tx, person.segment_id, mail, arrived.number, decided, words)
    text = f"{arrived.text} {decided.text}"
    return replace(arrived, code=decided.code, text=text, answer=told)


def _tell(
    tx: Tx, segment_id: int, mail: Mail, number: int, decided: deciding.Decided, words: Words
) -> Answer | None:
    """In the INBOX of a user of the segment; else what is to be sent. Who wasn't asked gets no
    mail: anybody may have written that From."""
    address = mail.from_[0].address
    user = people.principal_by_email(tx, key(address))
    is_user = user is not None and user.segment_id == segment_id and not user.disabled
    if not is_user and (user is not None or decided.code == deciding.NOT_ENTITLED):
        return None
    kept = f"Your mail is kept as #{number}"
    if decided.code != deciding.USED:
        kept += f", and as a follow-up on #{decided.number}"
    lines = [decided.text, "", f"Nothing was decided. {kept}."]
    if decided.code == deciding.UNCLEAR:
        lines += [
            "To decide, answer the request once more, and write nothing but one of these words "
            "into the first line.",
            f"To approve: {', '.join(words.approve)}",
            f"To reject: {', '.join(words.reject)}",
        ]
    subject = f"Your reply about #{decided.number} decided nothing"
    if user is None:
        return Answer(address, subject, "\n".join(lines), mail.message_id)
    notices.tell(tx, user.id, subject, "\n".join(lines))
    return None

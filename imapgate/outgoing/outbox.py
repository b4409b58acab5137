"""The outbox: each mail that is to be sent is a row, put there in the transaction of whatever wants
it sent; it is sent after the commit (sending, work)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.names import Mistake, key
from imapgate.folders import ready
from imapgate.folders.ready import Prepared
from storage import Tx, incoming
from storage import outbox as rows
from storage.outbox import OutboxRow

ACTIVITY = "activity"
EXPORT = "export"
TEMPLATE = "template"
NOTIFICATION = "notification"
APPROVAL = "approval"
SUBMISSION = "submission"
REPORT = "report"
KINDS = (ACTIVITY, EXPORT, TEMPLATE, NOTIFICATION, APPROVAL, SUBMISSION, REPORT)

MOST_RECIPIENTS = 1000
"""Of one mail: the least that every server takes is 100 (RFC 5321 4.5.3.1.8), many take 1,000."""
LONGEST_SUBJECT = 1000
"""Characters that are kept beside the mail, to be listed."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """address: as the server is told it (checked by whoever made the letter). kind: to, cc, bcc."""

    address: str
    kind: str = "to"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to be sent. kind: one of KINDS. sender: of the envelope, empty: nobody gets it back.
    recipients: of the envelope, whatever the header says; the same address twice gets it once.
    prepared: the mail's bytes, as they go out but for Bcc. activity_id: where its record stands.
    principal_id: for whom it is sent, None: the system. mailer_id: None: as the order says.
    origin_key: of what it was made, so that it is made once. by_itself: False: only by
    `sending.send_one`, and what isn't taken then is cancelled (whoever waits for it is told)."""

    segment_id: int
    kind: str
    sender: str
    recipients: tuple[Recipient, ...]
    prepared: Prepared
    activity_id: int | None = None
    principal_id: int | None = None
    mailer_id: int | None = None
    origin_key: str | None = None
    by_itself: bool = True


def put(tx: Tx, letter: Letter) -> int:
    """The row's id: of the one that was put with this origin_key before, if there is one. It is
    sent once this transaction has committed. Raises Mistake: no recipient, or too many."""
    assert letter.kind in KINDS
    if letter.origin_key is not None:
        known = rows.by_origin(tx, letter.segment_id, letter.origin_key)
        if known is not None:
            return known
    unique = {key(one.address): one for one in reversed(letter.recipients)}
    wanted = [one for one in letter.recipients if unique[key(one.address)] is one]
    if not wanted:
        raise Mistake("There is nobody to send it to.")
    if len(wanted) > MOST_RECIPIENTS:
        raise Mistake(f"It has {len(wanted)} recipients: at most {MOST_RECIPIENTS} may be named.")
    mail = letter.prepared.mail
    return rows.add(
        tx,
        rows.New(
            segment_id=letter.segment_id,
            kind=letter.kind,
            origin_key=letter.origin_key,
            principal_id=letter.principal_id,
            activity_id=letter.activity_id,
            mailer_id=letter.mailer_id,
            stored_message_id=ready.store(tx, letter.segment_id, letter.prepared),
            sender=letter.sender,
            message_id=mail.message_id,
            subject=mail.subject[:LONGEST_SUBJECT],
            next_at=tx.now if letter.by_itself else None,
            recipients=tuple((one.kind, one.address, key(one.address)) for one in wanted),
        ),
    )


def cancel(tx: Tx, row_id: int) -> OutboxRow:
    """Recipients that wait never get it. Raises Mistake: no such mail, or one that is over or being
    handed over (nobody can take that back). While an attempt is only begun, it finds that it may
    not go on."""
    row = _existing(tx, row_id)
    if row.state not in (rows.WAITING, rows.SENDING):
        raise Mistake(f"Mail {row_id} is {row.state}: it can't be cancelled any more.")
    left = [one for one in rows.recipients(tx, row_id) if one.state == rows.WAITING]
    rows.set_recipients(tx, row_id, [one.position for one in left], state=rows.CANCELLED, at=tx.now)
    ended = state_of([one.state for one in rows.recipients(tx, row_id)])
    rows.change(tx, row_id, state=ended, next_at=None, text="Cancelled.", told=False)
    return _existing(tx, row_id)


def retry(tx: Tx, row_id: int, though_it_may_have_been_sent: bool = False) -> OutboxRow:
    """Whoever didn't get it is tried again, now: recipients that wait, failed or were cancelled;
    those that may have got it only if that is said. Nobody who got it gets it again. Raises
    Mistake: no such mail, it is being sent, its bytes are gone, or nobody is left."""
    row = _existing(tx, row_id)
    if row.state in rows.UNDER_WAY:
        raise Mistake(f"Mail {row_id} is being sent just now.")
    if row.stored_message_id is None:
        raise Mistake(f"Mail {row_id} was erased: there is nothing left to send.")
    found = rows.recipients(tx, row_id)
    again = {rows.WAITING, rows.FAILED, rows.CANCELLED}
    if though_it_may_have_been_sent:
        again.add(rows.UNCERTAIN)
    chosen = [one.position for one in found if one.state in again]
    if not chosen:
        if any(one.state == rows.UNCERTAIN for one in found):
            raise Mistake(
                f"Mail {row_id} may have been sent: ask the recipients, or look into the mail"
                " server's log. To send it all the same, say --though-it-may-have-been-sent."
            )
        raise Mistake(f"Mail {row_id} is {row.state}: nobody is left to send it to.")
    rows.set_recipients(
        tx, row_id, chosen, state=rows.WAITING, code=None, text="", at=None, told=False
    )
    rows.retry(tx, row_id)
    if row.kind == SUBMISSION:
        incoming.take_up_again(tx, row.segment_id, row_id)
    return _existing(tx, row_id)


def state_of(recipients: Sequence[str]) -> str:
    """A mail's state by its recipients' when no attempt is under way: what somebody has to look at
    or wait for comes first; sent: everybody got it."""
    order = (rows.WAITING, rows.UNCERTAIN, rows.FAILED, rows.CANCELLED)
    return next((state for state in order if state in recipients), rows.SENT)


def _existing(tx: Tx, row_id: int) -> OutboxRow:
    row = rows.by_id(tx, row_id)
    if row is None:
        raise Mistake(f"There is no mail {row_id} in the outbox.")
    return row

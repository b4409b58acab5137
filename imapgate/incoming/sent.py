"""Rows of the queue that a user sent through imapgate: filed once they were sent, not before."""

from __future__ import annotations

from imapgate.activities.names import key
from imapgate.activities.people import Person, person_by_id
from imapgate.activities.routing import plus_numbers
from imapgate.folders import failed, names, notices, sent
from imapgate.folders.arriving import SUBMIT, Arrived, NotFiled
from imapgate.folders.ready import Prepared
from imapgate.incoming.accounts import list_accounts
from imapgate.incoming.policies import own_addresses
from imapgate.incoming.queue import Wanted
from imapgate.limits import Limits
from imapgate.mime.automatic import is_machine
from storage import Tx, incoming, outbox
from storage.incoming import IncomingRow

ONLY_SENT = "It was only sent: there is nothing that it is to be filed to."
MAYBE = "It may have been sent; nobody knows. A retry files it."


def is_sent(row: IncomingRow) -> bool:
    """Whether a user sent it, or tried to."""
    return Wanted.from_json(row.wanted).command == SUBMIT


def is_under_way(tx: Tx, row: IncomingRow) -> bool:
    """Whether it is still being sent: it can't be filed yet."""
    wanted = Wanted.from_json(row.wanted)
    if wanted.command != SUBMIT or wanted.outbox is None:
        return False
    mail = outbox.by_id(tx, wanted.outbox)
    return mail is not None and mail.state in outbox.OPEN


def file_sent(
    tx: Tx, row: IncomingRow, prepared: Prepared, limits: Limits, by_hand: bool
) -> NotFiled | None:
    """Settles the row: filed; discarded, where it wasn't sent; held, where it may have been sent
    (by_hand: filed); gone, where there is nothing to file it to, so that private mail leaves
    nothing here. A row that is still being sent stays as it is. NotFiled: nothing was written."""
    if is_under_way(tx, row):
        return None
    wanted = Wanted.from_json(row.wanted)
    mail = None if wanted.outbox is None else outbox.by_id(tx, wanted.outbox)
    if mail is not None and mail.state in (outbox.FAILED, outbox.CANCELLED):
        text = f"Not sent, so not filed. {mail.text}"
        incoming.change(tx, row.id, state=incoming.DISCARDED, text=text, next_at=None)
        return None
    if is_machine(row.automatic):
        # A receipt, an out-of-office notice: nobody wrote it to be filed.
        _leave(tx, row)
        return None
    found = None if wanted.sender is None else person_by_id(tx, wanted.sender)
    if found is None:
        return NotFiled(failed.REFUSED, "its sender is no user any more")
    person, recipients = found[0], _recipients(tx, wanted)
    plus = _plus(tx, person, prepared, recipients)
    if mail is not None and mail.state == outbox.UNCERTAIN and not by_hand:
        if not sent.would_file(tx, person, prepared.mail, plus):
            _leave(tx, row)
            return None
        incoming.change(
            tx, row.id, state=incoming.HELD, code=failed.FAILED, text=MAYBE, next_at=None
        )
        failed.show(tx, row.id)
        tell(tx, row.id)
        return None
    assert row.stored_message_id is not None
    arrived = sent.file_sent(
        tx,
        person,
        prepared,
        row.stored_message_id,
        row.internal_at,
        row.internal_zone,
        plus,
        recipients,
        limits,
    )
    if isinstance(arrived, NotFiled):
        return arrived
    if arrived is None:
        _leave(tx, row)
        return None
    _filed(tx, row, arrived)
    return None


def tell(tx: Tx, row_id: int) -> None:
    """Of a row that is failed or held its sender alone hears, once, in the INBOX: it may be private
    mail."""
    row = incoming.by_id(tx, row_id)
    sender = None if row is None else Wanted.from_json(row.wanted).sender
    if row is None or sender is None or row.reported or person_by_id(tx, sender) is None:
        return
    incoming.reported(tx, [row.id])
    lines = [
        "This mail of yours was sent through imapgate, and isn't filed:",
        "",
        f"  Subject: {' '.join(row.subject.split())}",
        f"  {row.text}",
        "",
        f"It stands in your folder {names.FAILED}: drag it onto a group and it is filed.",
    ]
    notices.tell(tx, sender, "A mail that you sent was not filed", "\n".join(lines))


def _filed(tx: Tx, row: IncomingRow, arrived: Arrived) -> None:
    incoming.change(
        tx,
        row.id,
        state=incoming.FILED,
        activity_id=arrived.activity_id,
        code=arrived.code,
        text=arrived.text,
        next_at=None,
    )
    if row.state != incoming.FETCHED and row.stored_message_id is not None:
        failed.settle(tx, row.stored_message_id)


def _leave(tx: Tx, row: IncomingRow) -> None:
    """Whoever asked is told; then nothing of it is here."""
    incoming.change(tx, row.id, state=incoming.DISCARDED, text=ONLY_SENT, next_at=None)
    if row.state != incoming.FETCHED and row.stored_message_id is not None:
        failed.settle(tx, row.stored_message_id)
    incoming.remove(tx, row.id)


def _recipients(tx: Tx, wanted: Wanted) -> tuple[str, ...]:
    if wanted.outbox is None:
        return ()
    return tuple(one.address for one in outbox.recipients(tx, wanted.outbox))


def _plus(
    tx: Tx, person: Person, prepared: Prepared, recipients: tuple[str, ...]
) -> tuple[int, ...]:
    """Of the plus addresses of the segment's accounts, blind copies too."""
    accounts = list_accounts(tx, person.segment_id)
    own = {key(one): one for account in accounts for one in own_addresses(account)}
    return plus_numbers(prepared.mail, tuple(own.values()), recipients)

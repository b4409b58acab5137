"""What is due is told: one mail for all that happened to an activity in the meantime, or one digest
of several where there would be too many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from imapgate.activities.people import Person
from imapgate.folders import incidents, notices, ready
from imapgate.mime.writing import Unwritable, ascii_address
from imapgate.outgoing import outbox
from imapgate.outgoing.choosing import mailer_for
from imapgate.outgoing.identities import default_address
from imapgate.outgoing.notifying import changes, notice, wishes
from imapgate.outgoing.notifying.changes import Told
from imapgate.outgoing.outbox import Letter, Recipient
from imapgate.outgoing.settings import NOTIFY_PER_HOUR, value_of
from storage import Database, Tx, notifications
from storage import notices as notice_rows
from storage import pending_notifications as pending
from storage.engine import Unavailable

HOUR = 60 * 60
MOST_PEOPLE = 100
"""Who is told in one look; the others in the next one."""
MOST_ACTIVITIES = 500
"""Of which one digest tells."""
AGAIN = 10 * 60
"""Seconds after which it is tried again to tell somebody, where an error of ours kept it."""


def tell_due(db: Database) -> int:
    """How many notices were written. Each person's in one transaction with the end of what was
    gathered for them, so that they are told once. Never raises for what one person is to be told.
    Raises Unavailable."""
    count = 0
    for principal_id in db.read(lambda tx: pending.people_due(tx, tx.now, MOST_PEOPLE)):
        try:
            count += db.write(partial(_tell, principal_id=principal_id))
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            incidents.report(error, "telling somebody what happened")
            db.write(partial(_put_off, principal_id=principal_id))
    return count


def _put_off(tx: Tx, principal_id: int) -> None:
    pending.put_off(tx, principal_id, tx.now + AGAIN)


def _tell(tx: Tx, principal_id: int) -> int:
    rows = pending.due(tx, principal_id, tx.now, MOST_ACTIVITIES)
    person = wishes.welcome(tx, principal_id)
    own = notifications.of_principal(tx, principal_id)
    told = []
    for row in rows if person is not None else ():
        assert person is not None
        one = changes.told(tx, person, row, own)
        if one is not None:
            told.append(one)
    if person is None or not told:
        pending.remove(tx, [row.id for row in rows])
        return 0
    hourly = value_of(tx, person.segment_id, NOTIFY_PER_HOUR)
    since, count = pending.told(tx, person.id)
    was_full = count >= hourly
    if not since <= tx.now < since + HOUR:
        since, count = tx.now, 0
    elif was_full:
        pending.put_off(tx, person.id, since + HOUR)
        return 0
    pending.remove(tx, [row.id for row in rows])
    written = 0
    for some in _parted(told, 1 if was_full else hourly - count):
        _write(tx, person, some)
        written += 1
    pending.set_told(tx, person.id, since, count + written)
    return written


def _parted(told: Sequence[Told], room: int) -> Iterator[Sequence[Told]]:
    """What stands in one mail each: as many as there is room for, else a digest of all. Digests of
    what goes by mail and of what goes to the INBOX, where these aren't the same."""
    if len(told) <= room:
        yield from ([one] for one in told)
        return
    ways = dict.fromkeys(one.way for one in told)
    for way in ways:
        yield [one for one in told if one.way == way]


def _write(tx: Tx, person: Person, told: Sequence[Told]) -> None:
    address = _address(tx, person)
    way = told[0].way
    prepared = ready.prepare(notice.written(tx, person, told, address))
    by_mail = way.by_mail and address is not None
    if by_mail:
        assert address is not None
        ids = [one.row.id for one in told]
        outbox.put(
            tx,
            Letter(
                person.segment_id,
                outbox.NOTIFICATION,
                "",
                (Recipient(address),),
                prepared,
                origin_key=f"notification {min(ids)}-{max(ids)}",
            ),
        )
    # Who can't be told by mail is told where they look.
    if way.to_inbox or not by_mail:
        notices.bring(tx, person.id, prepared)
    stored_message_id = ready.store(tx, person.segment_id, prepared)
    about = [one.activity.id for one in told if one.activity is not None]
    notice_rows.add(tx, stored_message_id, about)


def _address(tx: Tx, person: Person) -> str | None:
    """Where a notice is sent to; None: nowhere, or there is no mailer to send it by."""
    address = default_address(tx, person.id)
    if address is None or mailer_for(tx, person.segment_id, None) is None:
        return None
    try:
        return ascii_address(address)
    except Unwritable:
        return None

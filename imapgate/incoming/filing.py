"""What is in the queue becomes an activity: each row in one transaction with its change of state,
so that it is filed once, however often it is tried and wherever the process dies."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from imapgate.folders import archiving, deciding, failed, incidents, ready
from imapgate.folders.archiving import Opened
from imapgate.folders.arriving import Answer, Arrived, NotFiled, arrive
from imapgate.folders.contents import stored_content
from imapgate.folders.ready import Prepared
from imapgate.incoming import policies, sent
from imapgate.incoming.queue import backoff
from imapgate.limits import Limits
from imapgate.mime.automatic import NOTIFICATION
from imapgate.outgoing import notifying, reporting
from storage import Database, Tx, accounts, activities, incoming
from storage.engine import Unavailable
from storage.incoming import IncomingRow

HOUR = 60 * 60
BROKEN_OFF = 10
"""How often the filing of one row may end unfinished: the message may be what ends the process."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Came:
    """What a row came to. state: of storage.incoming.STATES; code, text: why it isn't filed, or
    what it became, for people; number: of its activity."""

    row_id: int
    state: str
    code: str | None
    text: str
    activity_id: int | None
    number: int | None


class _Not(Exception):
    """It can't be filed: nothing of the transaction is kept."""

    def __init__(self, why: NotFiled) -> None:
        super().__init__(why.text)
        self.why = why


def file_one(
    db: Database,
    row_id: int,
    limits: Limits,
    prepared: Prepared | None = None,
    by_hand: bool = False,
) -> Came:
    """File a row that is fetched, or failed or held and tried again; any other stays what it is.
    prepared: as `queue.take` gave it; None: its bytes are read. by_hand: somebody asked for it, so
    that no number of mails holds it. Never raises for what a message contains or causes: that is a
    failed row. Raises Unavailable: nothing has happened."""
    came = _file_one(db, row_id, limits, prepared, by_hand)
    if came.state in incoming.OPEN:
        # Why in words stays out of the log: they may be the mail's.
        _log.warning(
            "message %d that came in is %s (%s)",
            came.row_id,
            came.state,
            came.code,
            extra={
                "event": "incoming_message",
                "fields": {"message": came.row_id, "state": came.state, "code": came.code},
            },
        )
    return came


def _file_one(
    db: Database, row_id: int, limits: Limits, prepared: Prepared | None, by_hand: bool
) -> Came:
    try:
        if prepared is not None:
            return _file(db, row_id, limits, prepared, by_hand)
        row = db.read(lambda tx: incoming.by_id(tx, row_id))
        if row is None or row.stored_message_id is None:
            return db.read(lambda tx: _as_it_is(tx, row_id))
        with stored_content(db, row.stored_message_id, row.size) as content:
            read = None if content is None else ready.prepare(content, with_attached=True)
            if read is None or read.sha256 != row.sha256:
                raise _Not(NotFiled(failed.FAILED, "its bytes are damaged, see `imapgate doctor`"))
            return _file(db, row_id, limits, read, by_hand)
    except Unavailable:
        raise
    except _Not as error:
        why = error.why
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        incident = incidents.report(error, "filing a message that came in")
        why = NotFiled(failed.FAILED, f"an error of ours, incident {incident}")
    return db.write(lambda tx: _fail(tx, row_id, why))


def file_left_over(db: Database, row_id: int, limits: Limits) -> Came:
    """As `file_one`, of what whoever fetched it didn't come to file; after BROKEN_OFF times it is
    failed, so that no message keeps the server from working. Raises Unavailable."""

    def begin(tx: Tx) -> Came | None:
        row = incoming.by_id(tx, row_id)
        if row is None or row.state != incoming.FETCHED:
            return None
        if sent.is_under_way(tx, row):
            return _as_it_is(tx, row_id)
        if row.attempts >= BROKEN_OFF:
            cause = f"its filing was broken off {BROKEN_OFF} times, see the log of those moments"
            return _fail(tx, row_id, NotFiled(failed.FAILED, cause))
        incoming.change(tx, row_id, attempts=row.attempts + 1)
        return None

    return db.write(begin) or file_one(db, row_id, limits)


def file_together(db: Database, rows: Sequence[tuple[int, Prepared]], limits: Limits) -> list[Came]:
    """Rows that no account brought, as `file_one` by hand, in their order and in one transaction.
    If one of them can't be filed, each has one to itself. Raises Unavailable."""

    def work(tx: Tx) -> list[Came]:
        return [_file_in(tx, row_id, limits, one, True, None) for row_id, one in rows]

    if len(rows) > 1:
        try:
            return db.write(work)
        except Unavailable:
            raise
        except Exception:  # noqa: BLE001 (whatever it is, it is told of the one that caused it)
            _log.debug("%d rows are filed one by one", len(rows), exc_info=True)
    return [file_one(db, row_id, limits, one, by_hand=True) for row_id, one in rows]


def retry(db: Database, row_id: int, limits: Limits) -> Came:
    """By hand: a failed or held row is filed now; one whose bytes could not be taken is read by its
    account's next round. Raises Unavailable."""

    def read_again(tx: Tx) -> Came | None:
        row = incoming.by_id(tx, row_id)
        if row is not None and row.state == incoming.FAILED and row.stored_message_id is None:
            incoming.change(tx, row_id, next_at=tx.now)
            text = "It was not taken: fetch it again."
            if row.account_id is not None:
                text = "It was not taken: the next round of its account reads it again."
            return replace(_as_it_is(tx, row_id), text=text)
        return None

    return db.write(read_again) or file_one(db, row_id, limits, by_hand=True)


def discard(db: Database, row_id: int) -> Came:
    """By hand: a failed or held row isn't to be filed; its bytes stay, and so does the row.
    Raises Unavailable."""

    def work(tx: Tx) -> Came:
        row = incoming.by_id(tx, row_id)
        if row is not None and row.state in incoming.OPEN:
            incoming.change(tx, row_id, state=incoming.DISCARDED, next_at=None)
            if row.stored_message_id is not None:
                failed.settle(tx, row.stored_message_id)
        return _as_it_is(tx, row_id)

    return db.write(work)


def _file(db: Database, row_id: int, limits: Limits, prepared: Prepared, by_hand: bool) -> Came:
    archived = (
        archiving.opened(prepared.content, prepared)
        if db.read(lambda tx: policies.is_archive(tx, row_id))
        else None
    )

    return db.write(lambda tx: _file_in(tx, row_id, limits, prepared, by_hand, archived))


def _file_in(
    tx: Tx, row_id: int, limits: Limits, prepared: Prepared, by_hand: bool, archived: Opened | None
) -> Came:
    row = incoming.by_id(tx, row_id)
    if row is None or row.state not in (incoming.FETCHED, *incoming.OPEN):
        return _as_it_is(tx, row_id)
    if sent.is_sent(row):
        refused = sent.file_sent(tx, row, prepared, limits, by_hand)
        if refused is not None:
            raise _Not(refused)
        return _as_it_is(tx, row.id, row)
    policy = policies.of_row(tx, row)
    if isinstance(policy, NotFiled):
        raise _Not(policy)
    if not by_hand and policy.hourly and _is_too_much(tx, row, policy.hourly):
        return _hold(tx, row, policy.hourly)
    arrived = _arrive(tx, row, policy, prepared, archived, limits)
    if isinstance(arrived, NotFiled):
        raise _Not(arrived)
    incoming.change(
        tx,
        row.id,
        state=incoming.FILED,
        activity_id=arrived.activity_id,
        code=arrived.code,
        text=arrived.text,
        next_at=None,
    )
    if arrived.answer is not None:
        _answer(tx, row, arrived.answer)
    if row.account_id is not None:
        accounts.count(tx, row.account_id, filed=1)
    if row.state != incoming.FETCHED:
        failed.settle(tx, _stored(row))
    return _as_it_is(tx, row.id)


def _answer(tx: Tx, row: IncomingRow, answer: Answer) -> None:
    reporting.by_mail(
        tx,
        row.segment_id,
        answer.address,
        answer.subject,
        answer.text,
        origin_key=f"answer {row.id}",
        answered=answer.message_id,
    )


def _arrive(
    tx: Tx,
    row: IncomingRow,
    policy: policies.RowPolicy,
    prepared: Prepared,
    archived: Opened | None,
    limits: Limits,
) -> Arrived | NotFiled:
    person, routing, road = policy.person, policy.routing, policy.road
    stored_message_id, at, zone = _stored(row), row.internal_at, row.internal_zone
    if archived is not None:
        return archiving.archive(
            tx, person, archived, stored_message_id, at, zone, routing, road, limits
        )
    if policy.words is not None:
        return deciding.decide(
            tx, person, prepared, stored_message_id, at, zone, routing, policy.words, road, limits
        )
    return arrive(
        tx, person, prepared, stored_message_id, at, zone, routing, road, limits, policy.marks
    )


def _is_too_much(tx: Tx, row: IncomingRow, hourly: int) -> bool:
    """What failed was tried once, so that it isn't held later."""
    if row.state != incoming.FETCHED or row.account_id is None:
        return False
    return incoming.tried_from(tx, row, HOUR) >= hourly


def _hold(tx: Tx, row: IncomingRow, hourly: int) -> Came:
    text = f"Held: its sender sent more than {hourly} mails in an hour. A retry files it."
    incoming.change(tx, row.id, state=incoming.HELD, code=failed.TOO_MANY, text=text, next_at=None)
    failed.show(tx, row.id)
    return _as_it_is(tx, row.id)


def _fail(tx: Tx, row_id: int, why: NotFiled) -> Came:
    """Unless it was filed or discarded meanwhile."""
    row = incoming.by_id(tx, row_id)
    if row is not None and row.state in (incoming.FETCHED, *incoming.OPEN):
        attempts = row.attempts + 1
        tried_again = attempts <= policies.retries(tx, row)
        incoming.change(
            tx,
            row_id,
            state=incoming.FAILED,
            code=why.code,
            text=f"Not filed: {why.text}.",
            attempts=attempts,
            next_at=tx.now + backoff(attempts) if tried_again else None,
        )
        failed.show(tx, row_id)
        if sent.is_sent(row):
            sent.tell(tx, row_id)
        was_told = row.state == incoming.FAILED and row.next_at is None
        # Of our own notices none is sent.
        if not tried_again and not was_told and row.automatic != NOTIFICATION:
            notifying.mail_failed(tx, row.segment_id, row_id)
    return _as_it_is(tx, row_id)


def _as_it_is(tx: Tx, row_id: int, before: IncomingRow | None = None) -> Came:
    """before: the row, if nothing may be left of it."""
    row = incoming.by_id(tx, row_id)
    if row is None and before is not None:
        return Came(row_id, incoming.DISCARDED, None, sent.ONLY_SENT, None, None)
    if row is None:
        raise LookupError(f"row {row_id} of the queue")
    number = None if row.activity_id is None else activities.by_id(tx, row.activity_id).number
    return Came(row.id, row.state, row.code, row.text, row.activity_id, number)


def _stored(row: IncomingRow) -> int:
    assert row.stored_message_id is not None
    return row.stored_message_id

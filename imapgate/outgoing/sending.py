"""One attempt to send one mail of the outbox.

What is promised: a mail is handed over at most once, and until then it is tried. Before the end of
the mail goes out, `handing over` is committed; whoever dies before that has sent nothing, and the
mail is sent again. Whoever dies after it and before the answer is committed leaves a mail that may
have been sent: it is never tried again by itself.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from imapgate.folders import incidents
from imapgate.folders.contents import stored_content
from imapgate.outgoing import choosing, delivery, mailers, outcome, telling
from imapgate.outgoing.delivery import Deliver, Envelope, Result
from imapgate.outgoing.mailer import Mailer
from imapgate.outgoing.outcome import Attempt
from imapgate.servers.secrets import SecretsError
from imapgate.servers.server import ServerError
from storage import Database, Tx
from storage import mailers as mailer_rows
from storage import outbox as rows
from storage.engine import Unavailable
from storage.outbox import OutboxRow

OpenMailer = Callable[[Mailer], Deliver]

GONE = "Its bytes are gone or damaged, see `imapgate doctor`: it can't be sent."

_log = logging.getLogger(__name__)


class NotRecorded(Unavailable):
    """The database is away, and what came of an attempt isn't committed: `record` tries again. If
    nobody does, a mail that was handed over is one that may have been sent."""

    def __init__(self, cause: Unavailable, attempt: Attempt) -> None:
        super().__init__(str(cause))
        self.attempt = attempt

    @property
    def results(self) -> tuple[Result, ...]:
        return self.attempt.results

    def record(self, db: Database) -> None:
        """Raises Unavailable."""
        _record(db, self.attempt)


class _NotOurs(Exception):
    """Somebody cancelled the mail, or took it for abandoned: nothing may be sent."""


def send_one(db: Database, row_id: int, open_mailer: OpenMailer) -> tuple[Result, ...]:
    """Tries, now and in this thread, the recipients of a mail that waits; what came of each of
    them. Nothing if it doesn't wait (somebody else is sending it) or was cancelled meanwhile.

    Raises Unavailable: nothing was sent; but NotRecorded: what came of it stands in it, and isn't
    committed.
    """
    attempt = attempt_one(db, row_id, open_mailer)
    return () if attempt is None else attempt.results


def attempt_one(db: Database, row_id: int, open_mailer: OpenMailer) -> Attempt | None:
    """As `send_one`."""
    claimed = db.write(partial(_claim, row_id=row_id))
    if claimed is None:
        return None
    row, recipients, mailer, size = claimed
    try:
        attempt = _attempt(db, row, recipients, mailer, size, open_mailer)
    except _NotOurs:
        _log.info("mail %d was taken back before it was handed over", row_id)
        return None
    try:
        _record(db, attempt)
    except Unavailable as error:
        raise NotRecorded(error, attempt) from error
    return attempt


def _claim(tx: Tx, row_id: int) -> tuple[OutboxRow, tuple[str, ...], Mailer | None, int] | None:
    """(the row, whom it is to be tried for, by which mailer, octets)."""
    row = rows.claim(tx, row_id)
    if row is None:
        return None
    waiting = (one.address for one in rows.recipients(tx, row_id) if one.state == rows.WAITING)
    return row, tuple(waiting), mailer_of(tx, row), rows.size(tx, row)


def mailer_of(tx: Tx, row: OutboxRow) -> Mailer | None:
    """By which a mail goes out."""
    named = None if row.mailer_id is None else mailers.mailer_by_id(tx, row.mailer_id)
    return named or choosing.mailer_for(tx, row.segment_id, row.principal_id, row.sender)


def _attempt(
    db: Database,
    row: OutboxRow,
    recipients: tuple[str, ...],
    mailer: Mailer | None,
    size: int,
    open_mailer: OpenMailer,
) -> Attempt:
    """Raises _NotOurs."""
    if mailer is None:
        return _all(row, None, recipients, delivery.REFUSED, choosing.NONE)
    handed_over = False

    def before_end() -> None:
        nonlocal handed_over
        if not db.write(lambda tx: rows.hand_over(tx, row.id, row.claim)):
            raise _NotOurs
        handed_over = True

    whole = outcome.is_alone(row)
    is_down = permanent = False
    try:
        if row.stored_message_id is None:
            return _all(row, mailer, recipients, delivery.REFUSED, GONE)
        with stored_content(db, row.stored_message_id, size) as content:
            if content is None:
                return _all(row, mailer, recipients, delivery.REFUSED, GONE)
            deliver = open_mailer(mailer)
            results = deliver(Envelope(row.sender, recipients, whole), content, before_end)
            return _answered(row, mailer, recipients, results, handed_over)
    except _NotOurs:
        raise
    except ServerError as error:
        text, is_down, permanent = error.text, True, error.permanent
        _server_failed(db, row, mailer, error)
    except SecretsError as error:
        text, is_down, permanent = str(error), True, True
        _server_failed(db, row, mailer, ServerError("login", str(error), permanent=True))
    except Unavailable as error:
        text = f"The database is away: {error}."
    except OSError as error:
        text = f"This machine can't send it now: {error.strerror}."
        _log.warning("mail %d isn't sent: %s", row.id, error.strerror)
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        text = f"An error of ours, incident {incidents.report(error, 'sending a mail')}."
    if handed_over:
        return _all(row, mailer, recipients, delivery.UNCERTAIN, text)
    attempt = _all(row, mailer, recipients, delivery.LATER, text)
    return replace(attempt, is_down=is_down, permanent=permanent)


def _answered(
    row: OutboxRow,
    mailer: Mailer,
    recipients: tuple[str, ...],
    results: tuple[Result, ...],
    handed_over: bool,
) -> Attempt:
    """As the results say; a recipient of whom they say nothing may have got it once it was handed
    over."""
    by_address = {one.address: one for one in results}
    unsaid = delivery.UNCERTAIN if handed_over else delivery.LATER
    every = tuple(
        by_address.get(one) or Result(one, unsaid, None, "nothing was said of it")
        for one in recipients
    )
    return Attempt(row, mailer.id, mailer.name, every, _told(mailer, outcome.counted(every)))


def _all(
    row: OutboxRow,
    mailer: Mailer | None,
    recipients: tuple[str, ...],
    what: str,
    text: str,
) -> Attempt:
    results = tuple(Result(one, what, None, text) for one in recipients)
    if mailer is None:
        return Attempt(row, None, None, results, text)
    return Attempt(row, mailer.id, mailer.name, results, text)


_OUTCOMES = {
    delivery.SENT: "taken",
    delivery.REFUSED: "refused",
    delivery.LATER: "not taken now",
    delivery.UNCERTAIN: "perhaps taken",
}


def _told(mailer: Mailer, counted: dict[str, int]) -> str:
    what = ", ".join(f"{_OUTCOMES[one]} for {count}" for one, count in counted.items())
    return f"Mailer {mailer.name}: {what}."


def _record(db: Database, attempt: Attempt) -> None:
    """What came of it is committed by itself, since nothing else is as important; then it is told
    of. Raises Unavailable: the former is not done."""

    def commit(tx: Tx) -> OutboxRow | None:
        if attempt.mailer_id is not None and any(
            one.outcome == delivery.SENT for one in attempt.results
        ):
            mailer_rows.succeeded(tx, attempt.mailer_id)
        return outcome.record(tx, attempt)

    row = db.write(commit)
    _log_attempt(attempt, "gone" if row is None else row.state)
    telling.tell_one(db, attempt.row.id)


def _server_failed(db: Database, row: OutboxRow, mailer: Mailer, error: ServerError) -> None:
    failures = 0
    try:
        failures = db.write(lambda tx: mailer_rows.failed(tx, mailer.id, error.text))
    except Unavailable:
        _log.debug("that mailer %s failed isn't kept: the database is away", mailer.name)
    _log.warning(
        "mailer %s can't be used (%s): %s",
        mailer.name,
        error.step,
        error.technical or error.text,
        extra={
            "event": "outgoing_failed",
            "fields": {
                "mailer": mailer.name,
                "mail": row.id,
                "step": error.step,
                "failures": failures,
            },
        },
    )


def _log_attempt(attempt: Attempt, state: str) -> None:
    """Neither subject nor addresses nor servers' answers."""
    counted = outcome.counted(attempt.results)
    _log.log(
        logging.INFO if set(counted) == {delivery.SENT} else logging.WARNING,
        "mail %d (%s) is %s: %s",
        attempt.row.id,
        attempt.row.kind,
        state,
        attempt.text,
        extra={
            "event": "outgoing_mail",
            "fields": {
                "mail": attempt.row.id,
                "kind": attempt.row.kind,
                "state": state,
                "attempt": attempt.row.attempts,
                "mailer": attempt.mailer,
                **counted,
            },
        },
    )

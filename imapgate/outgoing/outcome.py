"""What an attempt makes of a mail of the outbox: who has it, who is tried again and when, and when
it is given up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from imapgate.activities.names import storable
from imapgate.outgoing import delivery
from imapgate.outgoing.delivery import Result
from imapgate.outgoing.outbox import SUBMISSION, state_of
from storage import Tx, mailers
from storage import outbox as rows
from storage.outbox import OutboxRow
from storage.transactions import OUTGOING

PAUSES = (60, 5 * 60, 15 * 60, 30 * 60, 60 * 60, 2 * 60 * 60)
"""Seconds until the next attempt, after the first, the second, ..."""
LAST_PAUSE = 4 * 60 * 60
"""The same after all further ones."""
ATTEMPTS = 28
"""After which a mail is given up: nearly four days (RFC 5321 4.5.4.1 asks for four to five)."""
PERMANENT_PAUSE = 60 * 60
"""Seconds at least until the next attempt where waiting alone mends nothing (a wrong password): to
try it every minute locks people out."""
BROKEN_OFF = 3
"""How often a mail whose sending was broken off is tried again at once."""
LONGEST_TEXT = 500
"""Characters of a server's answer that are kept."""
LONGEST_CODE = 40

_TOO_MANY = re.compile(r"(?:452|552)(?: [45]\.5\.3)?")
"""What a server answers to a recipient too many; the enhanced code keeps a full disk out."""
_STATES = {
    delivery.SENT: rows.SENT,
    delivery.REFUSED: rows.FAILED,
    delivery.LATER: rows.WAITING,
    delivery.UNCERTAIN: rows.UNCERTAIN,
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one. row: as it was when it was claimed; results: one for each recipient that
    waited then. mailer_id, mailer: its id and name; None: there was none. text: one sentence.
    is_down: the mailer can't be used; permanent: and waiting alone doesn't mend it."""

    row: OutboxRow
    mailer_id: int | None
    mailer: str | None
    results: tuple[Result, ...]
    text: str
    is_down: bool = False
    permanent: bool = False


def pause(attempts: int) -> int:
    """Seconds until the next attempt after so many."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else LAST_PAUSE


def record(tx: Tx, attempt: Attempt) -> OutboxRow | None:
    """Commits what came of it, unless somebody else has taken the mail since, or decided about it:
    then it is as it was. A mail that was given up for uncertain because nobody knew better is what
    the attempt says."""
    row = rows.by_id(tx, attempt.row.id)
    if row is None or row.claim != attempt.row.claim:
        return row
    if row.state not in (*rows.UNDER_WAY, rows.UNCERTAIN):
        return row
    _settle(tx, row, attempt)
    found = rows.recipients(tx, row.id)
    state = state_of([one.state for one in found])
    waits = state == rows.WAITING
    rows.change(
        tx,
        row.id,
        state=state,
        attempts=0 if waits and _took_a_part(attempt.results) else row.attempts,
        next_at=_next_at(tx, attempt) if waits else None,
        mailer_id=_mailer_id(tx, row, attempt),
        text=_kept(attempt.text, LONGEST_TEXT),
        told=is_alone(attempt.row),
    )
    return rows.by_id(tx, row.id)


def give_back(tx: Tx, row: OutboxRow) -> None:
    """Whoever was sending it is gone. Before it was handed over nothing had been sent; else nobody
    knows, and only a person says whether it is sent again."""
    found = [one for one in rows.recipients(tx, row.id) if one.state == rows.WAITING]
    positions = [one.position for one in found]
    if row.state == rows.SENDING:
        if is_alone(row):
            rows.set_recipients(tx, row.id, positions, state=rows.CANCELLED, at=tx.now)
            text = "Its sending was broken off, and nothing was sent."
            rows.change(tx, row.id, state=rows.CANCELLED, text=text)
            return
        _go_on(tx, row, positions)
        return
    cause = "The sending was broken off after all was handed over and before the server's answer."
    rows.set_recipients(tx, row.id, positions, state=rows.UNCERTAIN, text=cause, at=tx.now)
    state = state_of([one.state for one in rows.recipients(tx, row.id)])
    told = is_alone(row)
    rows.change(tx, row.id, state=state, next_at=None, text=MAY_HAVE_BEEN_SENT, told=told)


def _go_on(tx: Tx, row: OutboxRow, positions: Sequence[int]) -> None:
    """At once, unless it was broken off often: the mail itself may be what ends the process."""
    text = "The last attempt was broken off before anything was sent."
    if row.attempts >= ATTEMPTS:
        text = f"Given up: {ATTEMPTS} attempts were broken off, see the log of those moments."
        rows.set_recipients(tx, row.id, positions, state=rows.FAILED, text=text, at=tx.now)
        state = state_of([one.state for one in rows.recipients(tx, row.id)])
        rows.change(tx, row.id, state=state, next_at=None, text=text, told=False)
        return
    next_at = row.next_at if row.attempts <= BROKEN_OFF else tx.now + pause(row.attempts)
    rows.change(tx, row.id, state=rows.WAITING, next_at=next_at, text=text)
    tx.touch(OUTGOING)


MAY_HAVE_BEEN_SENT = (
    "It may have been sent: the connection or the program ended before the server's answer was "
    "here. It isn't tried again by itself."
)


def is_alone(row: OutboxRow) -> bool:
    """Whether somebody waits for what comes of it, so that it isn't tried once more, and needs no
    telling. While it isn't over: then nothing says any more how it was tried."""
    return row.kind == SUBMISSION and row.next_at is None


def _settle(tx: Tx, row: OutboxRow, attempt: Attempt) -> None:
    """Of each recipient that hasn't it yet."""
    left = {
        one.address: one
        for one in rows.recipients(tx, row.id)
        if one.state in (rows.WAITING, rows.UNCERTAIN)
    }
    over = attempt.row.attempts >= ATTEMPTS and not _took_a_part(attempt.results)
    for result in attempt.results:
        one = left.pop(result.address, None)
        if one is None:
            continue
        state, text = _STATES[result.outcome], result.text
        if state == rows.WAITING:
            if is_alone(attempt.row):
                state = rows.CANCELLED
            elif over:
                state = rows.FAILED
                text = f"Given up after {attempt.row.attempts} attempts: {text}"
        rows.set_recipients(
            tx,
            row.id,
            [one.position],
            state=state,
            code=None if result.code is None else _kept(result.code, LONGEST_CODE),
            text=_kept(text, LONGEST_TEXT),
            at=tx.now,
        )


def _took_a_part(results: Sequence[Result]) -> bool:
    """Whether the server took as many recipients as it takes at a time, and wants the others next
    (RFC 5321 4.5.3.1.10): at once, and as a mail of their own."""
    some = any(one.outcome == delivery.SENT for one in results)
    return some and any(
        one.outcome == delivery.LATER and one.code is not None and _TOO_MANY.fullmatch(one.code)
        for one in results
    )


def _next_at(tx: Tx, attempt: Attempt) -> int:
    if _took_a_part(attempt.results):
        return tx.now
    seconds = pause(attempt.row.attempts)
    return tx.now + (max(seconds, PERMANENT_PAUSE) if attempt.permanent else seconds)


def _mailer_id(tx: Tx, row: OutboxRow, attempt: Attempt) -> int | None:
    """Whoever took it is remembered, unless it was removed meanwhile; while nobody has, the order
    decides anew each time."""
    took = any(one.outcome in (delivery.SENT, delivery.UNCERTAIN) for one in attempt.results)
    if took and attempt.mailer_id is not None and mailers.by_id(tx, attempt.mailer_id) is not None:
        return attempt.mailer_id
    return row.mailer_id


def _kept(text: str, most: int) -> str:
    """One line, as every database takes it."""
    return " ".join(storable(text).split())[:most]


def counted(results: Sequence[Result]) -> dict[str, int]:
    """outcome -> how many, of those that there are."""
    outcomes = (delivery.SENT, delivery.REFUSED, delivery.LATER, delivery.UNCERTAIN)
    return {
        outcome: count
        for outcome in outcomes
        if (count := sum(one.outcome == outcome for one in results))
    }

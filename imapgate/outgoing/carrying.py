"""What happened to activities is carried out after the commit: mail is made of them, people are
told."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import groupby

from imapgate.activities.approving import ASK
from imapgate.activities.names import Mistake
from imapgate.activities.process_plans import EXPORT_AS_ATTACHMENT, SEND_AS_MAIL, SEND_TEMPLATE
from imapgate.folders import incidents
from imapgate.outgoing import notifying, requests
from imapgate.outgoing.composing import activity_mail, exporting, record
from imapgate.outgoing.composing.composed import Came, Finish
from imapgate.outgoing.templates import sending
from storage import Database, Tx, activities, events, outbox
from storage.engine import Unavailable
from storage.events import EventRow

ACTIONS: Mapping[str, Callable[[Database, EventRow], Finish]] = {
    SEND_AS_MAIL: activity_mail.compose,
    EXPORT_AS_ATTACHMENT: exporting.export,
    SEND_TEMPLATE: sending.compose,
    ASK: requests.ask,
}
"""Events that ask for something to be made: outside of any transaction, so that the writer doesn't
wait for it. What isn't here is told to whoever wants to know (notifying)."""
NOT_DONE: Mapping[str, str] = {
    SEND_AS_MAIL: record.NOT_SENT,
    EXPORT_AS_ATTACHMENT: record.NOT_EXPORTED,
    SEND_TEMPLATE: record.TEMPLATE_NOT_SENT,
    ASK: "Approval not asked for",
}
"""Title of the follow-up that says why."""


_LOOKED = 100
"""Events that are read at a time."""
NOTING = 0.05
"""Seconds after which one transaction notes no further event: each is looked at for everybody who
wants to be told, and meanwhile nobody's drop is committed."""


def carry_out(db: Database, most: int = 100) -> int:
    """Takes the oldest events (storage.events), at most `most`, in order, and carries each out; how
    many are gone. One that fails is noted on its activity and reported, and never stops the others;
    where there is no room for a mail's temporary file it stays, to be tried by the next call.
    Raises Unavailable."""
    gone = after = 0
    while gone < most:
        found = db.read(partial(_oldest, after, min(_LOOKED, most - gone)))
        if not found:
            break
        after = found[-1].id
        for is_action, run in groupby(found, key=_is_action):
            some = list(run)
            gone += sum(_act(db, one).gone for one in some) if is_action else _note(db, some)
    return gone


def carry_out_actions(db: Database, event_ids: Sequence[int]) -> list[Came]:
    """What came of those of these events that ask for something to be made, for whoever waits for
    it. Raises Unavailable."""
    found = db.read(lambda tx: events.by_ids(tx, event_ids))
    return [_act(db, one) for one in found if _is_action(one)]


def _oldest(after: int, most: int, tx: Tx) -> list[EventRow]:
    return events.oldest(tx, after, most)


def _is_action(event: EventRow) -> bool:
    return event.event in ACTIONS


def _act(db: Database, event: EventRow) -> Came:
    """What came of an action; where somebody else carries it out at the same time, of theirs."""
    try:
        finish = ACTIONS[event.event](db, event)
        return db.write(lambda tx: _once(tx, event, finish))
    except Unavailable:
        raise
    except Mistake as mistake:
        why = str(mistake)
    except OSError as error:
        incidents.report(error, event.event)
        return Came("There is no room to make the mail: it is tried again.", gone=False)
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        incident = incidents.report(error, event.event)
        why = f"An error of ours: the log tells more by the incident {incident}."
    return _fail(db, event, why)


def _fail(db: Database, event: EventRow, why: str) -> Came:
    try:
        return db.write(lambda tx: _once(tx, event, partial(_not_done, event, why)))
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        incidents.report(error, f"telling of {event.event}")
    db.write(lambda tx: events.remove(tx, (event.id,)))
    return Came(f"{NOT_DONE[event.event]}: {why}")


def _once(tx: Tx, event: EventRow, finish: Finish) -> Came:
    """In the transaction in which the event goes, so that it is carried out once."""
    if not events.by_ids(tx, (event.id,)):
        row_id = outbox.by_origin(tx, event.segment_id, activity_mail.origin_key(event))
        number = activities.by_id(tx, event.activity_id).number
        where = f"mail {row_id}." if row_id else f"`imapgate activity show {number}` tells."
        return Came(f"The server has done what follows from it already: {where}", row_id)
    came = finish(tx)
    events.remove(tx, (event.id,))
    return came


def _not_done(event: EventRow, why: str, tx: Tx) -> Came:
    title = NOT_DONE[event.event]
    record.add(tx, event, title, why)
    return Came(f"{title}: {why}")


def _note(db: Database, some: Sequence[EventRow]) -> int:
    """How many are gone: together, as many as one transaction has time for, or, where one of them
    fails, each alone."""
    gone = 0
    while some:
        try:
            here, passed = db.write(partial(_noted, some))
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            if len(some) > 1:
                return gone + sum(_note(db, (one,)) for one in some)
            incidents.report(error, f"telling of {some[0].event}")
            db.write(partial(events.remove, ids=(some[0].id,)))
            return gone + 1
        gone += here
        some = some[passed:]
    return gone


def _noted(some: Sequence[EventRow], tx: Tx) -> tuple[int, int]:
    """(how many of them were here and are gone, how many of them were looked at): the first ones,
    until NOTING is over."""
    here = {one.id: one for one in events.by_ids(tx, [one.id for one in some])}
    until = time.monotonic() + NOTING
    found: list[int] = []
    passed = 0
    for one in some:
        passed += 1
        if one.id in here:
            notifying.note(tx, here[one.id])
            found.append(one.id)
        if time.monotonic() > until:
            break
    events.remove(tx, found)
    return len(found), passed

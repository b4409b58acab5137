"""What happened to activities is carried out after the commit: mail is made of them, people are
told."""

from __future__ import annotations

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
from storage import Database, Tx, events, outbox
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
        queued = "It is carried out already" + (f": mail {row_id}." if row_id else ".")
        return Came(queued, row_id)
    came = finish(tx)
    events.remove(tx, (event.id,))
    return came


def _not_done(event: EventRow, why: str, tx: Tx) -> Came:
    title = NOT_DONE[event.event]
    record.add(tx, event, title, why)
    return Came(f"{title}: {why}")


def _note(db: Database, some: Sequence[EventRow]) -> int:
    """How many are gone: together in one transaction, or, where one of them fails, each alone."""
    try:
        return db.write(lambda tx: _noted(tx, some))
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        if len(some) > 1:
            return sum(_note(db, (one,)) for one in some)
        incidents.report(error, f"telling of {some[0].event}")
    db.write(lambda tx: events.remove(tx, [some[0].id]))
    return 1


def _noted(tx: Tx, some: Sequence[EventRow]) -> int:
    here = events.by_ids(tx, [one.id for one in some])
    for one in here:
        notifying.note(tx, one)
    events.remove(tx, [one.id for one in here])
    return len(here)

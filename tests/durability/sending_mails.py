"""What a process does that sends the outbox's mails and dies on the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from reading_rounds import _Patched, _tick_in_writer, _Ticks

from imapgate.outgoing import left_over, outcome, sending
from imapgate.outgoing import work as working
from imapgate.outgoing.opening import Opener
from imapgate.outgoing.work import Work
from storage import Database, Tx, outbox

PATIENCE = 60.0


def run(order: dict[str, Any]) -> int:
    """order: sends: the data directory; wanted: as in reading_rounds.run. Sends until nothing is
    due any more."""
    wanted = order["wanted"]
    tick = _Ticks(wanted.get("die_at", 0))
    if wanted.get("fault") is not None:
        FAULTS[wanted["fault"]]()
    working.LOOK = 0.01
    data = Path(order["sends"])
    db = Database.open(data / "imapgate.db")
    try:
        _tick_in_writer(tick)
        work = Work(db, Opener(db, data / "secrets.key", data))
        work.start()
        until = time.monotonic() + PATIENCE
        while not db.read(_is_done):
            assert time.monotonic() < until
            time.sleep(0.005)
        work.stop()
    finally:
        db.close()
    if "steps" in wanted:
        Path(wanted["steps"]).write_text(str(tick.steps))
    return 0


def _is_done(tx: Tx) -> bool:
    return not (outbox.due(tx, 1) or outbox.under_way(tx, None) or outbox.untold(tx, 1))


def _end_unsaid() -> None:
    """The end goes out without a word of it."""
    sending.rows = _Patched(outbox, hand_over=lambda tx, row_id, claim: True)  # type: ignore[assignment]


def _tried_again() -> None:
    """What was handed over is given back as if it had not been."""

    def give_back(tx: Tx, row: Any) -> None:
        outbox.change(tx, row.id, state=outbox.WAITING)

    left_over.give_back = give_back


def _said_early() -> None:
    """A mail counts as sent before it is."""
    claim = outbox.claim

    def sent_at_once(tx: Tx, row_id: int) -> Any:
        row = claim(tx, row_id)
        waiting = [one for one in outbox.recipients(tx, row_id) if one.state == outbox.WAITING]
        outbox.set_recipients(tx, row_id, [one.position for one in waiting], state=outbox.SENT)
        outbox.change(tx, row_id, state=outbox.SENT)
        return row

    sending.rows = _Patched(  # type: ignore[assignment]
        outbox, claim=sent_at_once, recipients=_as_they_were, hand_over=lambda *_: True
    )


def _as_they_were(tx: Tx, row_id: int) -> Any:
    found = outbox.recipients(tx, row_id)
    return [_Patched(one, state=outbox.WAITING) for one in found]


def _all_once_more() -> None:
    """Those who got it get it with those who didn't."""
    sending.rows = _Patched(outbox, recipients=_as_they_were)  # type: ignore[assignment]
    assert outcome.rows is outbox


FAULTS: dict[str, Callable[[], None]] = {
    "end unsaid": _end_unsaid,
    "tried again": _tried_again,
    "said early": _said_early,
    "all once more": _all_once_more,
}
"""Only ever in a process that was forked for one test."""

"""Mails of the outbox that whoever was sending them left when it died, results that nobody has told
yet, and what is kept long enough."""

from __future__ import annotations

import logging
from collections.abc import Collection
from functools import partial

from imapgate.outgoing import outbox, telling
from imapgate.outgoing.outcome import give_back
from storage import Database, Tx, erasing, outbox_keeping
from storage import outbox as rows
from storage.outbox import OutboxRow

LEFT_FOR = 45 * 60
"""Seconds after which a mail that another process is sending is taken for left over. It loses
nothing by that: whoever still sends it finds that it may not hand it over, or says later what the
server answered."""
KEPT = 30 * 24 * 60 * 60
"""Seconds for which a mail that is no activity's is kept once it is over."""
OF_ACTIVITIES = (outbox.ACTIVITY, outbox.TEMPLATE, outbox.APPROVAL)
"""Kinds that are kept as long as the activity: its record names them, and answers to them are
linked by them."""
AT_ONCE = 100

_log = logging.getLogger(__name__)


def tidy(db: Database, busy: Collection[int], everything: bool) -> None:
    """What was left is given back, and told. busy: mails that this process is sending. everything:
    no other process was sending before (a server starts), so nothing need be waited for. Raises
    Unavailable."""
    for row in db.read(lambda tx: _left(tx, busy, everything)):
        now = db.write(partial(_give_back, row_id=row.id))
        if now is not None:
            text = "mail %d was being sent (%s) when that was broken off: now it is %s"
            _log.warning(text, row.id, row.state, now)
    telling.tell_left_over(db)


def forget(db: Database) -> int:
    """Mails that were kept long enough, with their bytes where nothing else has them; how many.
    Raises Unavailable."""
    count = 0
    while found := db.write(lambda tx: outbox_keeping.forget(tx, OF_ACTIVITIES, KEPT, AT_ONCE)):
        count += found
    if count:
        erasing.finish(db)
    return count


def _left(tx: Tx, busy: Collection[int], everything: bool) -> list[OutboxRow]:
    found = rows.under_way(tx, None if everything else tx.now - LEFT_FOR)
    if everything:
        found += rows.unasked(tx, outbox.SUBMISSION)
    return [one for one in found if one.id not in busy]


def _give_back(tx: Tx, row_id: int) -> str | None:
    """Its state then; None: somebody else was quicker."""
    row = rows.by_id(tx, row_id)
    if row is None:
        return None
    if row.state in rows.UNDER_WAY:
        give_back(tx, row)
    elif row.state == rows.WAITING and row.next_at is None:
        # Whoever submitted it heard of no success, and has it still.
        outbox.cancel(tx, row_id)
    else:
        return None
    row = rows.by_id(tx, row_id)
    return None if row is None else row.state

"""What counts for a segment's accounts that don't say otherwise."""

from __future__ import annotations

from typing import Any

from imapgate.incoming.account import INTERVAL, RETRIES, Account, Reading
from imapgate.incoming.settings import rules, values
from imapgate.incoming.settings.flat import FOR_ALL
from imapgate.servers.settings.flat import Settings
from storage import Tx, settings_history
from storage import accounts as rows

_UNSET: dict[str, Any] = dict.fromkeys(FOR_ALL)


def defaults_of(tx: Tx, segment_id: int) -> dict[str, Any]:
    """Each of FOR_ALL; None: not set, so that the usual one counts."""
    return {**_UNSET, **rows.defaults(tx, segment_id)}


def set_defaults(
    tx: Tx, segment_id: int, wanted: Settings, who: str, reason: str = ""
) -> dict[str, Any]:
    """Those named in wanted are changed, None: the usual one from now on. All as they are now.
    Raises Mistake."""
    before = defaults_of(tx, segment_id)
    now = {**before, **{name: values.checked(name, value) for name, value in wanted.items()}}
    if now["after_reading"] != "move" and "move_to" not in wanted:
        now["move_to"] = None
    rules.check_move(now)
    changes = settings_history.differences(before, now)
    if changes:
        kept = {name: value for name, value in now.items() if value is not None}
        rows.set_defaults(tx, segment_id, kept)
        settings_history.record(tx, segment_id, who, "account defaults", changes, reason)
        tx.touch_people()
    return now


def effective(tx: Tx, account: Account) -> Reading:
    """How the account is read, with the segment's defaults and the usual ones where it says
    nothing: no None is left, but for move_to where nothing is moved.

    A default `move` is for IMAP alone; of kind approvals everything is deleted.
    """
    reading, of = account.reading, defaults_of(tx, account.segment_id)
    afterwards, move_to = reading.afterwards, reading.move_to
    pop3 = account.place.protocol.startswith("pop3")
    if account.kind == "approvals":
        afterwards = "delete"
    elif afterwards is None and not (pop3 and of["after_reading"] == "move"):
        afterwards, move_to = of["after_reading"], of["move_to"]
    if afterwards is None:
        afterwards = "delete" if pop3 else "keep"
    return Reading(
        afterwards,
        move_to if afterwards == "move" else None,
        _first(reading.interval, of["interval"], INTERVAL),
        _first(reading.retries, of["retries"], RETRIES),
        _first(reading.debug, of["debug"], False),
        reading.per_round,
    )


def _first(*values: Any) -> Any:
    return next(one for one in values if one is not None)

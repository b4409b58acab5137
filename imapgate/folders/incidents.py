"""Errors of ours: told to the user by an id, with one traceback per cause in the log."""

from __future__ import annotations

import logging
import secrets
import threading
import traceback

_log = logging.getLogger(__name__)
_lock = threading.Lock()
_first: dict[tuple[str, str, int], str] = {}

CAUSES = 1000
"""Causes remembered; beyond that the oldest is forgotten."""


def report(error: Exception, what: str) -> str:
    """Log that `what` failed; returns the incident's id. The same kind of error from the same
    line is logged again without its traceback, so that a client can't fill the log."""
    incident = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)
    place = (frames[-1].filename, frames[-1].lineno or 0) if frames else ("", 0)
    cause = (type(error).__name__, *place)
    with _lock:
        before = _first.get(cause)
        if before is None:
            while len(_first) >= CAUSES:
                del _first[next(iter(_first))]
            _first[cause] = incident
    fields = {"incident": incident, "command": what, "first": before}
    extra = {"event": "incident", "fields": fields}
    if before is None:
        _log.error("incident %s: %s failed", incident, what, exc_info=error, extra=extra)
    else:
        text = "incident %s: %s failed as in incident %s"
        _log.error(text, incident, what, before, extra=extra)
    return incident

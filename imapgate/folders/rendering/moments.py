"""Times as people read them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(at: int | None) -> str:
    """at: seconds since 1970. In UTC; empty for none, and for one that no calendar has (a mail's
    Date may say anything)."""
    if at is None:
        return ""
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return ""

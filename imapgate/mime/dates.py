"""The Date header, as far as it can be understood (RFC 5322 3.3, with what mailers make of it)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

_COMMENTS = re.compile(r"\([^()]*\)")
_DAY_IN_SECONDS = 86_400


def sent(text: str) -> tuple[int, str] | None:
    """Seconds since 1970 UTC and the calendar day as written (`YYYY-MM-DD`); None if it can't be
    understood. Without a zone it is UTC."""
    written = _COMMENTS.sub(" ", text[:200]).strip()
    moment = _rfc(written) or _iso(written)
    if moment is None:
        return None
    try:
        return int(moment.timestamp()), moment.date().isoformat()
    except (OverflowError, ValueError):
        return None


def _rfc(written: str) -> datetime | None:
    # The standard library's reader meets digits of other scripts and empty pieces with various
    # errors.
    try:
        parts = parsedate_tz(written)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    if parts is None:
        return None
    offset = parts[9] or 0
    zone = timezone(timedelta(seconds=offset)) if abs(offset) < _DAY_IN_SECONDS else UTC
    year, month, day, hour, minute, second = parts[:6]
    # RFC 5256 2.2: a time that can't be leaves the day as it is.
    for time in ((hour, minute, min(second, 59)), (0, 0, 0)):
        try:
            return datetime(year, month, day, *time, tzinfo=zone)
        except (ValueError, OverflowError):
            continue
    return None


def _iso(written: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

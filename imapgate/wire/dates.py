"""Dates of APPEND and SEARCH (RFC 3501 9, `date-time` and `date`)."""

from __future__ import annotations

import datetime
import re

_MONTHS = {
    name: number
    for number, name in enumerate(
        b"JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(), start=1
    )
}
_DATE = re.compile(rb"([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4})")
_DATE_TIME = re.compile(
    rb" ?([0-9]{1,2})-([A-Za-z]{3})-([0-9]{4})"
    rb" ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2})"
)


def read_date(text: bytes) -> datetime.date:
    """`1-Feb-1994`. Raises ValueError for anything else and for a day that there isn't."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise ValueError("no date")
    day, month, year = found.groups()
    return datetime.date(int(year), _month(month), int(day))


def read_date_time(text: bytes) -> datetime.datetime | None:
    """`17-Jul-1996 02:44:25 -0700`, without its quotes; a one-digit day with or without a leading
    blank. A leap second is the second before it. The result has its zone.

    None: a moment that there isn't (30 February, a zone of 99 hours). Clients copy such from the
    Date of a mail, and no mail is refused for its form. Raises ValueError for anything else.
    """
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        raise ValueError("no date-time")
    try:
        return _moment(*found.groups())
    except ValueError:
        return None


def _moment(
    day: bytes,
    month: bytes,
    year: bytes,
    hour: bytes,
    minute: bytes,
    second: bytes,
    sign: bytes,
    zone_hours: bytes,
    zone_minutes: bytes,
) -> datetime.datetime:
    if int(zone_minutes) > 59:
        raise ValueError("no zone")
    east = datetime.timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
    return datetime.datetime(
        int(year),
        _month(month),
        int(day),
        int(hour),
        int(minute),
        59 if second == b"60" else int(second),
        tzinfo=datetime.timezone(-east if sign == b"-" else east),
    )


def _month(name: bytes) -> int:
    month = _MONTHS.get(name.upper())
    if month is None:
        raise ValueError("no month")
    return month

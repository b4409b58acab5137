"""The lines of an mbox that aren't its messages': `From ` lines, and the marks that keep a
message's own from being taken for one.

Four dialects go by the name. mboxrd puts a `>` before every line of a message that begins with
`From `, or with `>`s and `From `, and so can be undone. mboxo does it to `From ` alone; what it
wrote reads as mboxrd but for a message's own `>From `, which nobody can tell. mboxcl2 puts no mark,
and says in Content-Length where the body ends; mboxcl does both.

What is written here is mboxrd, and its `From ` lines say so by their sender, and whether the
message's last line has an end: so every message comes back to the octet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

OURS = b"mboxrd@imapgate.invalid"
OURS_WITHOUT_LINE_END = b"mboxrd-no-line-end@imapgate.invalid"

_DATED = re.compile(
    rb"From (?P<sender>.*?)[ \t]*\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?[ \t]+"
    rb"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[ \t]+(?P<day>\d{1,2})[ \t]+"
    rb"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::(?P<second>\d\d))?"
    rb"(?:[ \t]+(?:(?P<zone>[+-]\d{4})|[A-Z]{1,5}))?[ \t]+(?P<year>\d{4})"
    rb"(?:[ \t]+(?P<zone_after>[+-]\d{4}))?\b"
)
_MONTHS = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_TO_QUOTE = re.compile(rb"^(>*From )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FromLine:
    """ours: by `from_line`; then ends_with_line: whether the message's last line has an end. at:
    seconds since 1970 (None: the line has no date that can be read), zone: minutes east."""

    dated: bool
    ours: bool = False
    ends_with_line: bool = True
    at: int | None = None
    zone: int = 0


def parse(line: bytes) -> FromLine | None:
    """None: it doesn't begin with `From `."""
    if not line.startswith(b"From "):
        return None
    found = _DATED.match(line)
    if found is None:
        return FromLine(dated=False)
    sender = found["sender"]
    written = found["zone"] or found["zone_after"]
    zone = 0
    if written:
        zone = (int(written[1:3]) * 60 + int(written[3:5])) * (-1 if written[:1] == b"-" else 1)
    try:
        moment = datetime(
            int(found["year"]),
            _MONTHS.index(found["month"]) + 1,
            int(found["day"]),
            int(found["hour"]),
            int(found["minute"]),
            min(int(found["second"] or 0), 59),
            tzinfo=timezone(timedelta(minutes=zone)),
        )
        at = int(moment.timestamp())
    except (ValueError, OverflowError):
        at, zone = None, 0
    return FromLine(
        dated=True,
        ours=sender in (OURS, OURS_WITHOUT_LINE_END),
        ends_with_line=sender != OURS_WITHOUT_LINE_END,
        at=at,
        zone=zone,
    )


def from_line(at: int, ends_with_line: bool) -> bytes:
    """The line before a message that came at that second since 1970; in UTC, as is the custom."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=max(0, min(at, 253402300799)))
    sender = OURS if ends_with_line else OURS_WITHOUT_LINE_END
    day = moment.strftime("%H:%M:%S")
    name = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[moment.weekday()]
    month = _MONTHS[moment.month - 1].decode()
    date = f"{name} {month} {moment.day:2} {day} {moment.year:04}"
    return b"From %s %s\n" % (sender, date.encode())


def quoted(parts: Iterable[bytes]) -> Iterator[bytes]:
    """A message with its marks."""
    return _line_by_line(parts, _TO_QUOTE, rb">\1")


def unquoted(parts: Iterable[bytes]) -> Iterator[bytes]:
    """A message without its marks."""
    return _line_by_line(parts, _QUOTED, rb"\1")


def _line_by_line(
    parts: Iterable[bytes], pattern: re.Pattern[bytes], instead: bytes
) -> Iterator[bytes]:
    """Never more than a part and a line at a time."""
    rest: list[bytes] = []
    for part in parts:
        end = part.rfind(b"\n") + 1
        if end:
            yield pattern.sub(instead, b"".join((*rest, part[:end])))
            rest = [part[end:]]
        else:
            rest.append(part)
    yield pattern.sub(instead, b"".join(rest))

"""Server text -> bytes. The one place that makes text CRLF-safe (docs/rules.md 22)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable

from imapgate.wire import utf7

LONGEST_QUOTED = 1000
"""Octets; a longer string goes out as a literal."""
LONGEST_TEXT = 400
"""Characters of the text for people in a status response."""
MONTHS = (
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
)  # fmt: skip

_QUOTABLE = re.compile(rb"[\x01-\x09\x0b\x0c\x0e-\x7f]*")
_QUOTABLE_UTF8 = re.compile(rb"[\x01-\x09\x0b\x0c\x0e-\x7f\x80-\xff]*")
_TO_ESCAPE = re.compile(rb'(["\\])')
_BARE = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\\]]+')
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")
_EPOCH = datetime.datetime(1970, 1, 1)
_EARLIEST = -62_135_596_800
_LATEST = 253_402_300_799


def quoted_or_literal(value: bytes | None) -> bytes:
    """A `nstring`: NIL, a quoted string, or a literal when it has 8-bit, CR, LF, NUL or is long."""
    if value is None:
        return b"NIL"
    if len(value) <= LONGEST_QUOTED and _QUOTABLE.fullmatch(value):
        return b'"%b"' % _TO_ESCAPE.sub(rb"\\\1", value)
    return literal_head(len(value)) + value


def literal8(value: bytes) -> bytes:
    """As quoted_or_literal, but with NUL in it a literal8 (RFC 3516)."""
    return (b"~" if b"\x00" in value else b"") + quoted_or_literal(value)


nstring = quoted_or_literal
"""The same under its name in RFC 3501 9."""


def literal_head(size: int) -> bytes:
    """`{size}` CRLF, for octets that follow apart (a large body)."""
    return b"{%d}\r\n" % size


def astring(value: bytes) -> bytes:
    """As an atom where it may be one (and couldn't be taken for NIL), else quoted or a literal."""
    if _BARE.fullmatch(value) and value.upper() != b"NIL":
        return value
    return quoted_or_literal(value)


def parenthesised(parts: Iterable[bytes]) -> bytes:
    """`(a b c)`; parts are ready-made."""
    return b"(%b)" % b" ".join(parts)


def mailbox(name: str, utf8: bool = False) -> bytes:
    """A mailbox name, quoted where needed: in modified UTF-7, or in UTF-8 once that is enabled."""
    if not utf8 or name.isascii():
        return astring(name.encode("ascii") if utf8 else utf7.encode(name))
    return utf8_quoted(name.encode("utf-8"))


def utf8_quoted(value: bytes) -> bytes:
    """A quoted string with UTF-8 in it (RFC 6855 3), for who has enabled it; a literal where it has
    CR, LF or NUL, or is long."""
    if len(value) <= LONGEST_QUOTED and _QUOTABLE_UTF8.fullmatch(value):
        return b'"%b"' % _TO_ESCAPE.sub(rb"\\\1", value)
    return literal_head(len(value)) + value


def status(tag: bytes | None, condition: bytes, text: str, code: str | None = None) -> bytes:
    """`tag OK [CODE] text` with CRLF; tag None is `*`. Other than printable ASCII becomes `?`,
    text is cut at 400 characters, and is never empty."""
    said = _printable(text).strip()[:LONGEST_TEXT].rstrip() or condition.decode("ascii")
    if code is not None:
        said = f"[{_printable(code).replace(']', '?')}] {said}"
    elif said.startswith("["):
        said = f"({said[1:]}"
    return b"%b %b %b\r\n" % (tag or b"*", condition, said.encode("ascii"))


def in_progress(tag: bytes, progress: tuple[int, int] | None) -> str:
    """The code INPROGRESS (RFC 9585 4, 5). tag: of the command, b"" if there is none. progress:
    how much of how much is done, None if that isn't known; the last piece isn't told as done."""
    if not tag and progress is None:
        return "INPROGRESS"
    # A `]` would end the code.
    named = f'"{tag.decode("ascii")}"' if tag and b"]" not in tag else "NIL"
    done, goal = (0, 0) if progress is None else progress
    state = f"{min(done, goal - 1)} {goal}" if goal > 0 else "NIL NIL"
    return f"INPROGRESS ({named} {state})"


def untagged(*parts: bytes) -> bytes:
    """`* ` + parts joined by blanks + CRLF; parts are ready-made."""
    return b"* %b\r\n" % b" ".join(parts)


def flag_list(flags: Iterable[bytes]) -> bytes:
    """`(\\Seen $Forwarded)`."""
    return parenthesised(flags)


def internal_date(at: int, zone_minutes: int) -> bytes:
    """Quoted date-time `"17-Jul-1996 02:44:25 -0700"` of an instant (seconds since 1970 UTC) in a
    zone.

    Instants outside the years 1 to 9999 come as the nearest one that can be written."""
    local = min(max(at + zone_minutes * 60, _EARLIEST), _LATEST)
    when = _EPOCH + datetime.timedelta(seconds=local)
    hours, minutes = divmod(abs(zone_minutes), 60)
    return b'"%2d-%b-%04d %02d:%02d:%02d %c%02d%02d"' % (
        when.day,
        MONTHS[when.month - 1],
        when.year,
        when.hour,
        when.minute,
        when.second,
        b"-" if zone_minutes < 0 else b"+",
        hours,
        minutes,
    )


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("?", text)

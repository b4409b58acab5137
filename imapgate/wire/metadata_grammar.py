"""Commands of METADATA (RFC 5464 5)."""

from __future__ import annotations

import re
from collections.abc import Callable

from imapgate.wire.commands import Command, GetMetadata, SetMetadata
from imapgate.wire.cursor import MAILBOX, Cursor

LONGEST = 200
"""Octets of an entry's name."""

_ENTRY = "an entry such as /private/comment"
_NAME = re.compile(rb"/(?:private|shared)(?:/[^\x00-\x1f\x7f-\xff*%/]+)*", re.IGNORECASE)
_VENDOR = re.compile(r"/(?:private|shared)/vendor(?:/[^/]+)?")
_OPTIONS = re.compile(rb"\((?=(?:MAXSIZE|DEPTH) )", re.IGNORECASE)
_DEPTHS = {b"0": 0, b"1": 1, b"INFINITY": None}


def get_metadata(cursor: Cursor) -> GetMetadata:
    """Options stand before the name in RFC 5464's grammar and behind it in its examples; entries
    have parentheses in the one and may do without in the others."""
    cursor.blank(MAILBOX)
    depth, most = _options(cursor) or (0, None)
    name = cursor.mailbox()
    cursor.blank(_ENTRY)
    behind = _options(cursor)
    if behind is not None:
        depth, most = behind
    if cursor.sees(b"("):
        entries = list(cursor.parenthesised(lambda: _entry(cursor), _ENTRY))
    else:
        entries = [_entry(cursor)]
        while not cursor.at_end():
            cursor.blank(_ENTRY)
            entries.append(_entry(cursor))
    if not entries:
        raise cursor.fail(_ENTRY)
    return GetMetadata(name, tuple(dict.fromkeys(entries)), depth, most)


def set_metadata(cursor: Cursor) -> SetMetadata:
    cursor.blank(MAILBOX)
    name = cursor.mailbox()
    cursor.blank("( and entries")
    values = dict(cursor.parenthesised(lambda: _value(cursor), "entries"))
    if not values:
        raise cursor.fail(_ENTRY)
    return SetMetadata(name, tuple(values.items()))


def _options(cursor: Cursor) -> tuple[int | None, int | None] | None:
    """(depth, most), and the blank behind them; None if no options stand here."""
    start = cursor.place
    if cursor.match(_OPTIONS) is None:
        return None
    cursor.back(start)
    depth: int | None = 0
    most: int | None = None

    def option() -> None:
        nonlocal depth, most
        at = cursor.place
        label = cursor.atom("MAXSIZE or DEPTH").upper()
        cursor.blank("its value")
        if label == b"MAXSIZE":
            most = cursor.number("a number of octets")
            return
        levels = cursor.atom("0, 1 or infinity").upper()
        if label != b"DEPTH" or levels not in _DEPTHS:
            raise cursor.fail("MAXSIZE, or DEPTH with 0, 1 or infinity", at)
        depth = _DEPTHS[levels]

    cursor.parenthesised(option, "options")
    cursor.blank("what follows the options")
    return depth, most


def _entry(cursor: Cursor) -> str:
    """3.2: case doesn't count."""
    start = cursor.place
    name = cursor.astring(_ENTRY)
    if len(name) > LONGEST or _NAME.fullmatch(name) is None:
        raise cursor.fail(f"{_ENTRY} of at most {LONGEST} characters", start)
    return name.decode("ascii").lower()


def _value(cursor: Cursor) -> tuple[str, bytes | None]:
    start = cursor.place
    entry = _entry(cursor)
    if entry.count("/") < 2 or _VENDOR.fullmatch(entry):
        raise cursor.fail("an entry with enough parts", start)
    cursor.blank("a value or NIL")
    if cursor.skip(b"~"):
        content = cursor.literal()
        if content is None:
            raise cursor.fail("a literal")
        return entry, content[:]
    return entry, cursor.nstring("a value or NIL")


COMMANDS: dict[bytes, Callable[[Cursor], Command]] = {
    b"GETMETADATA": get_metadata,
    b"SETMETADATA": set_metadata,
}
"""What takes each command's arguments, the blank before them included."""

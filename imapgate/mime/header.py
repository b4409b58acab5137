"""Where a header begins and ends, and where its fields stand (RFC 5322 2.2, with the obsolete
syntax)."""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterable
from dataclasses import dataclass

Content = bytes | mmap.mmap

FIELDS_PER_HEADER = 5_000
VALUE_LIMIT = 64 * 1024
"""Octets of one value that are looked at."""

_PIECE = 1024 * 1024

_NAME = re.compile(rb"([!-9;-~]{1,1000})[ \t]*:")
_NEXT_FIELD = re.compile(rb"\n(?![ \t])")
_BLANK_LINE = re.compile(rb"\r*\n")
_BLANK_LINE_AFTER = re.compile(rb"\n\r*\n")
_LINE_ENDS = b"\r\n\0"


@dataclass(frozen=True, slots=True)
class Field:
    """A header field: name as written; [start, end) is the whole field with its line ends,
    value_start the octet after the colon."""

    name: bytes
    start: int
    value_start: int
    end: int


def header_fields(
    content: Content, start: int, end: int, most: int = FIELDS_PER_HEADER
) -> tuple[tuple[Field, ...], int]:
    """The fields, at most `most`, of the header at `start`, and where the body begins (behind the
    blank line).

    A first line that is no field (but for an mbox `From ` line) means that there is no header at
    all. Later lines of that kind are passed over; without any blank line the header ends before the
    first of them."""
    blank = _BLANK_LINE.match(content, start, end)
    if blank:
        return (), blank.end()
    first = start
    if content[start : start + 5] == b"From " or content[start : start + 6] == b">From ":
        first = _line_end(content, start, end)
    if not _NAME.match(content, first, end):
        return (), start
    body_start = _behind_blank_line(content, first, end)
    header_end = end if body_start is None else body_start
    fields: list[Field] = []
    position = first
    while position < header_end:
        name = _NAME.match(content, position, header_end)
        if name is None:
            if body_start is None and content[position : position + 1] not in (b" ", b"\t"):
                return tuple(fields), position
            position = _line_end(content, position, header_end)
            continue
        if len(fields) >= most:
            break
        following = _NEXT_FIELD.search(content, name.end(), header_end)
        field_end = following.end() if following else header_end
        fields.append(Field(name.group(1), position, name.end(), field_end))
        position = field_end
    return tuple(fields), header_end


def value(content: Content, field: Field, limit: int = VALUE_LIMIT) -> bytes:
    """The raw value, unfolded: without line ends and NUL, outer blanks taken off; of its first
    `limit` octets."""
    raw = content[field.value_start : min(field.end, field.value_start + limit)]
    return raw.translate(None, _LINE_ENDS).strip(b" \t")


def values(
    content: Content, fields: Iterable[Field], name: bytes, limit: int = VALUE_LIMIT
) -> list[bytes]:
    """The values of all fields of that name, in order."""
    wanted, length = name.lower(), len(name)
    return [
        value(content, field, limit)
        for field in fields
        if len(field.name) == length and field.name.lower() == wanted
    ]


def _behind_blank_line(content: Content, start: int, end: int) -> int | None:
    """Searched in pieces, since a message may be one endless header."""
    position = start
    while position < end:
        piece_end = min(end, position + _PIECE)
        found = _BLANK_LINE_AFTER.search(content, position, piece_end)
        if found:
            return found.end()
        if piece_end == end:
            return None
        # A blank line may begin at the end of one piece and end in the next.
        last = content.rfind(b"\n", position, piece_end)
        position = max(position + 1, last) if last >= 0 else piece_end
    return None


def _line_end(content: Content, position: int, end: int) -> int:
    line_feed = content.find(b"\n", position, end)
    return end if line_feed < 0 else line_feed + 1

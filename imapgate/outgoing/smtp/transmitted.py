"""What of a message goes over the wire, in pieces: its lines end with CRLF, and nobody reads who
got a blind copy, nor what a mail client noted in its draft."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from imapgate.mime.header import FIELDS_PER_HEADER, Field, header_fields
from imapgate.mime.index import Content

PIECE = 256 * 1024
"""Octets; a piece is at most twice as long once its line ends are put right."""
HIDDEN = (b"bcc", b"resent-bcc", b"fcc", b"x-identity-key", b"x-account-key")
_MOZILLA = b"x-mozilla-"
"""Thunderbird's drafts hold its user's login and server in such fields."""

_OLD_FROM = re.compile(rb"From[ \t]+:")
"""Which `header_fields` takes for an mbox file's line."""
_BLANKS = 64 * 1024
"""Octets of carriage returns before a blank line's end that are looked at."""


class TooManyFields(ValueError):
    """Behind so many header fields a Bcc would be overlooked."""


@dataclass(frozen=True, slots=True)
class Measured:
    """size: octets on the wire, dots not yet stuffed (RFC 1870 5). header_is_utf8: it has
    characters beyond ASCII, and they are UTF-8 (RFC 6532); eight_bit: octets beyond ASCII stand
    anywhere."""

    size: int
    eight_bit: bool
    header_is_utf8: bool


def measured(content: Content, added: bytes = b"") -> Measured:
    """One pass. Raises TooManyFields."""
    size, eight_bit = 0, False
    for piece in pieces(content, added):
        size += len(piece)
        eight_bit = eight_bit or not piece.isascii()
    return Measured(size, eight_bit, eight_bit and _header_is_utf8(content))


def pieces(content: Content, added: bytes = b"") -> Iterator[bytes]:
    """The message as it is sent: without HIDDEN fields of its top header; a bare LF is a line
    end everywhere, a bare CR one in the body and a blank in the header, where it would make a field
    of what is a value. The last line has its end. added: header lines that come first. Lines of any
    length stay as they are: to break them would break signatures. Raises TooManyFields."""
    fields, body_start = header_fields(content, 0, len(content))
    if len(fields) >= FIELDS_PER_HEADER:
        raise TooManyFields
    if added:
        yield added
    if fields:
        yield from _header(content, fields, body_start)
    # The blank line behind the header, or one that says that there is none.
    yield b"\r\n"
    end = b"\r\n"
    for piece in _lines(content, body_start, len(content), b"\n"):
        end = (end + piece[-2:])[-2:]
        yield piece
    if end != b"\r\n":
        yield b"\r\n"


def stuffed(sent: Iterable[bytes]) -> Iterator[bytes]:
    """With a second dot where a line begins with one (RFC 5321 4.5.2). sent: pieces that don't end
    within a CRLF."""
    at_start = True
    for piece in sent:
        if not piece:
            continue
        out = piece.replace(b"\r\n.", b"\r\n..")
        yield b"." + out if at_start and out[:1] == b"." else out
        at_start = piece.endswith(b"\r\n")


def _header(content: Content, fields: tuple[Field, ...], body_start: int) -> Iterator[bytes]:
    hidden = [field for field in fields if is_hidden(field.name.lower())]
    # A first line that is no field is an mbox file's.
    is_field = _OLD_FROM.match(content) is not None
    start, end = 0 if is_field else fields[0].start, _before_blank_line(content, body_start)
    for field in hidden:
        yield from _lines(content, start, field.start, b" ")
        start = field.end
    last = b"\r\n"
    for piece in _lines(content, min(start, end), end, b" "):
        last = (last + piece[-2:])[-2:]
        yield piece
    if last != b"\r\n":
        yield b"\r\n"


def is_hidden(name: bytes) -> bool:
    """Whether a field of that name stays here; in lower case."""
    return name in HIDDEN or name.startswith(_MOZILLA)


def _before_blank_line(content: Content, body_start: int) -> int:
    """Where the header's last line has ended."""
    low = max(0, body_start - _BLANKS)
    tail = content[low:body_start]
    if not tail.endswith(b"\n"):
        return body_start
    before = tail[:-1].rstrip(b"\r")
    return low + len(before) if before.endswith(b"\n") else body_start


def _lines(content: Content, start: int, end: int, bare: bytes) -> Iterator[bytes]:
    """bare: what stands for a carriage return alone. No piece ends within a CRLF."""
    while start < end:
        until = min(start + PIECE, end)
        if start + 1 < until < end and content[until - 1 : until] == b"\r":
            until -= 1
        piece = content[start:until]
        start = until
        ends = piece.count(b"\r\n")
        if piece.count(b"\n") != ends or piece.count(b"\r") != ends:
            piece = piece.replace(b"\r\n", b"\n").replace(b"\r", bare).replace(b"\n", b"\r\n")
        yield piece


def _header_is_utf8(content: Content) -> bool:
    _, body_start = header_fields(content, 0, len(content), 1)
    head = content[: min(body_start, PIECE)]
    if head.isascii():
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # Only what was cut through counts as one.
        return error.start >= len(head) - 3 and body_start > PIECE
    return True

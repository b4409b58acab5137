"""FETCH BINARY: a part of a stored message with its transfer encoding undone (RFC 3516, RFC 9051
6.4.5), a piece at a time and however large it is.

A client hears the size before the octets, so a part is decoded once to be counted, and, unless what
came of it is small, once more to be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from imapgate.mime.index import index
from imapgate.mime.transfer import ENCODED, PLAIN, Octets, undone
from imapgate.wire.commands import BinaryItem
from imapgate.wire.responses import literal_head
from storage import Tx, messages

IN_MEMORY = 1024 * 1024
"""Decoded octets that are kept from counting to telling."""
HEADER = 64 * 1024
"""Octets of a part's header in which its transfer encoding is looked for."""


_FIELDS = [
    re.compile(rb"^%b[ \t]*:[^\n]*\n?(?:[ \t][^\n]*\n?)*" % name, re.IGNORECASE | re.MULTILINE)
    for name in (b"content-transfer-encoding", b"content-type")
]
_BARE_LF = re.compile(rb"(?<!\r)\n")
_WIDE = (b"UTF-16", b"UTF-32", b"UCS-", b"ISO-10646")
"""Charsets in which an octet 10 needn't be a line end."""


class Vanished(Exception):
    """A message was erased while it was being read."""


class Damaged(RuntimeError):
    """A message has lost octets."""


class Stored:
    """A stored message's octets, read as slices of them are taken. tx: a transaction that is open
    while they are; another one for each batch."""

    def __init__(self, message_id: int, tx: Tx) -> None:
        self.message_id = message_id
        self.tx = tx

    def __getitem__(self, piece: slice, /) -> bytes:
        """Raises Vanished, Damaged."""
        start, end = int(piece.start), int(piece.stop)
        octets = messages.read_range(self.tx, self.message_id, start, end)
        if len(octets) != end - start:
            if messages.is_here(self.tx, self.message_id):
                raise Damaged(f"message {self.message_id} has lost octets {start} to {end}")
            raise Vanished
        return octets


@dataclass(frozen=True, slots=True)
class Form:
    """encoding: the transfer encoding, in capitals, one of those that can be undone. lines: the
    part is text in lines, which are told with CRLF whatever they came with (RFC 3516 6)."""

    encoding: bytes
    lines: bool

    @property
    def as_it_stands(self) -> bool:
        """The part's octets are told as they are stored."""
        return not self.lines and self.encoding not in ENCODED


AS_IT_STANDS = Form(b"BINARY", lines=False)


def form(octets: Octets, header_start: int, body_start: int) -> Form | None:
    """What a part's header says of it; None for an encoding that nobody here knows how to undo."""
    header = octets[header_start : min(body_start, header_start + HEADER)]
    # Of a hostile header's thousands of fields these alone are read.
    fields = [found[0].rstrip(b"\r\n") for one in _FIELDS if (found := one.search(header))]
    named = index(b"\r\n".join(fields))
    if named.encoding not in ENCODED and named.encoding not in PLAIN:
        return None
    charset = dict(named.params).get(b"CHARSET", b"").upper()
    return Form(named.encoding, named.type == b"TEXT" and not charset.startswith(_WIDE))


def told(octets: Octets, named: Form, start: int, end: int, item: BinaryItem) -> Iterator[bytes]:
    """The item with its value, of the part in [start, end). Each step does a bounded piece of work
    and gives what of the answer comes of it: nothing while it counts."""
    if item.size:
        return _size(octets, named, start, end, item.label)
    return _content(octets, named, start, end, item)


def nothing(item: BinaryItem) -> bytes:
    """The item of a message of which nothing is known, or for a part that isn't there."""
    return _label(item) + (b"0" if item.size else b"NIL")


def _pieces(octets: Octets, named: Form, start: int, end: int) -> Iterator[bytes]:
    pieces = undone(octets, named.encoding, start, end)
    return _in_lines(pieces) if named.lines else pieces


def _in_lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """With CRLF for each bare LF, one piece for each."""
    after_cr = False
    for piece in pieces:
        told = _BARE_LF.sub(b"\r\n", piece)
        yield told[1:] if after_cr and piece.startswith(b"\n") else told
        after_cr = piece.endswith(b"\r") if piece else after_cr


def _size(octets: Octets, named: Form, start: int, end: int, label: bytes) -> Iterator[bytes]:
    size = end - start
    if not named.as_it_stands:
        size = 0
        for piece in _pieces(octets, named, start, end):
            size += len(piece)
            yield b""
    yield b"%b %d" % (label, size)


def _content(
    octets: Octets, named: Form, start: int, end: int, item: BinaryItem
) -> Iterator[bytes]:
    """In a literal that says by its `~` that there is a NUL in it (RFC 3516 4.3)."""
    origin, most = item.partial or (0, None)
    if named.as_it_stands:
        start = min(end, start + origin)
        end = end if most is None else min(end, start + most)
        origin = 0
    size, has_nul = 0, False
    kept: list[bytes] | None = []
    for piece in _window(_pieces(octets, named, start, end), origin, most):
        size += len(piece)
        has_nul = has_nul or b"\0" in piece
        if kept is not None:
            kept.append(piece)
            if size > IN_MEMORY:
                kept = None
        yield b""
    yield _label(item) + (b"~" if has_nul else b"") + literal_head(size)
    if kept is not None:
        yield b"".join(kept)
    else:
        yield from _window(_pieces(octets, named, start, end), origin, most)


def _window(pieces: Iterator[bytes], origin: int, most: int | None) -> Iterator[bytes]:
    """What of the pieces lies in `<origin.most>`, one for each, up to the last that matters."""
    at = 0
    stop = None if most is None else origin + most
    for piece in pieces:
        first = max(0, origin - at)
        yield piece[first:] if stop is None else piece[first : max(first, stop - at)]
        at += len(piece)
        if stop is not None and at >= stop:
            return


def _label(item: BinaryItem) -> bytes:
    if item.partial is None:
        return item.label + b" "
    return b"%b<%d> " % (item.label, item.partial[0])

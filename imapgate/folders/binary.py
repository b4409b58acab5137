"""FETCH BINARY: a part of a stored message with its transfer encoding undone (RFC 3516, RFC 9051
6.4.5), a piece at a time and however large it is.

A client hears the size before the octets, so a part is decoded once to be counted, and, unless what
came of it is small, once more to be told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from imapgate.mime.index import index
from imapgate.mime.transfer import ENCODED, PLAIN, Octets, undone
from imapgate.wire.commands import BinaryItem
from imapgate.wire.responses import literal_head
from storage import Tx, messages

IN_MEMORY = 1024 * 1024
"""Decoded octets that are kept from counting to telling."""
HEADER = 64 * 1024
"""Octets of a part's header in which its transfer encoding is looked for."""


_FIELD = re.compile(
    rb"^content-transfer-encoding[ \t]*:[^\n]*\n?(?:[ \t][^\n]*\n?)*", re.IGNORECASE | re.MULTILINE
)
IDENTITY = b"BINARY"
"""The encoding of what has none."""


class Vanished(Exception):
    """A message was erased while it was being read."""


class Stored:
    """A stored message's octets, read as slices of them are taken. tx: a transaction that is open
    while they are; another one for each batch."""

    def __init__(self, message_id: int, tx: Tx) -> None:
        self.message_id = message_id
        self.tx = tx

    def __getitem__(self, piece: slice, /) -> bytes:
        """Raises Vanished."""
        start, end = int(piece.start), int(piece.stop)
        octets = messages.read_range(self.tx, self.message_id, start, end)
        if len(octets) != end - start:
            if messages.is_here(self.tx, self.message_id):
                raise RuntimeError(f"message {self.message_id} has lost octets {start} to {end}")
            raise Vanished
        return octets


def encoding(octets: Octets, header_start: int, body_start: int) -> bytes | None:
    """The transfer encoding that a part's header names, in capitals; None for one that nobody here
    knows how to undo."""
    header = octets[header_start : min(body_start, header_start + HEADER)]
    # Of a hostile header's thousands of fields the one alone is read.
    field = _FIELD.search(header)
    named = index(field[0] if field is not None else b"").encoding
    return named if named in ENCODED or named in PLAIN else None


def told(octets: Octets, named: bytes, start: int, end: int, item: BinaryItem) -> Iterator[bytes]:
    """The item with its value, of the part in [start, end). Each step does a bounded piece of work
    and gives what of the answer comes of it: nothing while it counts."""
    if item.size:
        return _size(octets, named, start, end, item.label)
    return _content(octets, named, start, end, item)


def nothing(item: BinaryItem) -> bytes:
    """The item of a message of which nothing is known, or for a part that isn't there."""
    return _label(item) + (b"0" if item.size else b"NIL")


def _size(octets: Octets, named: bytes, start: int, end: int, label: bytes) -> Iterator[bytes]:
    size = end - start
    if named in ENCODED:
        size = 0
        for piece in undone(octets, named, start, end):
            size += len(piece)
            yield b""
    yield b"%b %d" % (label, size)


def _content(
    octets: Octets, named: bytes, start: int, end: int, item: BinaryItem
) -> Iterator[bytes]:
    """In a literal that says by its `~` that there is a NUL in it (RFC 3516 4.3)."""
    origin, most = item.partial or (0, None)
    if named not in ENCODED:
        start = min(end, start + origin)
        end = end if most is None else min(end, start + most)
        origin = 0
    size, has_nul = 0, False
    kept: list[bytes] | None = []
    for piece in _window(undone(octets, named, start, end), origin, most):
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
        yield from _window(undone(octets, named, start, end), origin, most)


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

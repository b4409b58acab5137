"""Undoes a part's transfer encoding, in pieces (RFC 2045 6)."""

from __future__ import annotations

import binascii
from collections.abc import Iterator
from typing import Protocol

from imapgate.mime.index import Content, Part

PIECE = 512 * 1024
"""Octets that one call works on, so that none holds the interpreter for long."""
_PADS_OBEYED = 1_000

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(octet for octet in range(256) if octet not in _BASE64 + b"=")


ENCODED = frozenset((b"BASE64", b"QUOTED-PRINTABLE"))
PLAIN = frozenset((b"7BIT", b"8BIT", b"BINARY"))
"""Encodings that change nothing."""


class Octets(Protocol):
    """Octets of which slices can be taken: bytes, a memory map, a message in the database."""

    def __getitem__(self, piece: slice, /) -> bytes: ...


def decoded(content: Content, part: Part) -> Iterator[bytes]:
    """A leaf's octets with its transfer encoding undone, in pieces of at most 1 MiB; broken
    encoding: best effort, an unknown one is taken as none."""
    pieces = undone(content, part.encoding, part.body_start, part.body_end)
    return (piece for piece in pieces if piece)


def undone(octets: Octets, encoding: bytes, start: int, end: int) -> Iterator[bytes]:
    """As `decoded`, of [start, end). Each step takes at most PIECE octets and gives what comes of
    them, which may be nothing."""
    if encoding == b"BASE64":
        return _from_base64(octets, start, end)
    if encoding == b"QUOTED-PRINTABLE":
        return _from_quoted_printable(octets, start, end)
    return _pieces(octets, start, end)


def decoded_size(content: Content, part: Part) -> int:
    """Octets of `decoded`."""
    if part.encoding not in ENCODED:
        return part.body_end - part.body_start
    return sum(len(piece) for piece in decoded(content, part))


def _pieces(content: Octets, start: int, end: int) -> Iterator[bytes]:
    for place in range(start, end, PIECE):
        yield content[place : min(end, place + PIECE)]


def _from_base64(content: Octets, start: int, end: int) -> Iterator[bytes]:
    rest = b""
    for piece in _pieces(content, start, end):
        letters = rest + piece.translate(None, _NOT_BASE64)
        runs = (
            letters.split(b"=")
            if letters.count(b"=") <= _PADS_OBEYED
            else [letters.replace(b"=", b"")]
        )
        rest = runs.pop()
        out = b"".join(_run(run) for run in runs)
        whole = len(rest) - len(rest) % 4
        out += binascii.a2b_base64(rest[:whole])
        rest = rest[whole:]
        yield out
    last = _run(rest)
    if last:
        yield last


def _run(letters: bytes) -> bytes:
    """What stands before a `=`, or at the very end: its last quantum may be short."""
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _from_quoted_printable(content: Octets, start: int, end: int) -> Iterator[bytes]:
    rest = b""
    for piece in _pieces(content, start, end):
        encoded = rest + piece
        # An `=X`, or the beginning of a soft line break, waits for what comes.
        torn = encoded.rfind(b"=", max(0, len(encoded) - 2))
        cut = torn if torn >= 0 else len(encoded)
        rest = encoded[cut:]
        yield binascii.a2b_qp(encoded[:cut])
    last = binascii.a2b_qp(rest)
    if last:
        yield last

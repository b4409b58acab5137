"""Undoes a part's transfer encoding, in pieces (RFC 2045 6)."""

from __future__ import annotations

import binascii
from collections.abc import Iterator

from imapgate.mime.index import Content, Part

PIECE = 512 * 1024
"""Octets that one call works on, so that none holds the interpreter for long."""
_PADS_OBEYED = 1_000

_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NOT_BASE64 = bytes(octet for octet in range(256) if octet not in _BASE64 + b"=")


def decoded(content: Content, part: Part) -> Iterator[bytes]:
    """A leaf's octets with its transfer encoding undone, in pieces of at most 1 MiB; broken
    encoding: best effort, an unknown one is taken as none."""
    if part.encoding == b"BASE64":
        return _from_base64(content, part.body_start, part.body_end)
    if part.encoding == b"QUOTED-PRINTABLE":
        return _from_quoted_printable(content, part.body_start, part.body_end)
    return _pieces(content, part.body_start, part.body_end)


def decoded_size(content: Content, part: Part) -> int:
    """Octets of `decoded`."""
    if part.encoding not in (b"BASE64", b"QUOTED-PRINTABLE"):
        return part.body_end - part.body_start
    return sum(len(piece) for piece in decoded(content, part))


def _pieces(content: Content, start: int, end: int) -> Iterator[bytes]:
    for place in range(start, end, PIECE):
        yield content[place : min(end, place + PIECE)]


def _from_base64(content: Content, start: int, end: int) -> Iterator[bytes]:
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
        if out:
            yield out
    last = _run(rest)
    if last:
        yield last


def _run(letters: bytes) -> bytes:
    """What stands before a `=`, or at the very end: its last quantum may be short."""
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _from_quoted_printable(content: Content, start: int, end: int) -> Iterator[bytes]:
    rest = b""
    for piece in _pieces(content, start, end):
        encoded = rest + piece
        # An `=X`, or the beginning of a soft line break, waits for what comes.
        torn = encoded.rfind(b"=", max(0, len(encoded) - 2))
        cut = torn if torn >= 0 else len(encoded)
        rest = encoded[cut:]
        out = binascii.a2b_qp(encoded[:cut])
        if out:
            yield out
    last = binascii.a2b_qp(rest)
    if last:
        yield last

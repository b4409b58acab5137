"""COMPRESS=DEFLATE (RFC 4978): both directions of one connection."""

from __future__ import annotations

import zlib

INFLATED = 16 * 1024
"""Octets that come out at once: what a kilobyte inflates to may be a thousand times as much."""
_LEVEL = 1
"""Higher ones cost the reactor several times as much and save little of mail, which is mostly
base64 already."""
_WINDOW = -12
"""4 KiB, without zlib's header: compressing takes 32 KiB of memory instead of 256."""
_MEMORY = 5
_ANY_WINDOW = -15
"""What a client may compress with: 32 KiB, which the RFC leaves to it."""


class NotDeflated(Exception):
    """What came can't be inflated."""


class Deflate:
    """Raw deflate streams, flushed after each write."""

    def __init__(self) -> None:
        self._out: zlib._Compress | None = None
        self._in = zlib.decompressobj(_ANY_WINDOW)
        self._arrived = b""

    def compress(self, octets: bytes) -> bytes:
        """All of it, so that the client can read it now."""
        if self._out is None:
            self._out = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY)
        return self._out.compress(octets) + self._out.flush(zlib.Z_SYNC_FLUSH)

    def rest(self) -> None:
        """Nothing much will be written for some time (IDLE): frees what compressing holds. Whatever
        follows refers to nothing before it, and each write has ended on an octet: the stream goes
        on."""
        self._out = None

    def feed(self, data: bytes) -> None:
        """From the network, no more of it than was asked for."""
        self._arrived += data

    def take(self) -> bytes:
        """The next at most INFLATED octets, b"" if more must arrive. Raises NotDeflated."""
        try:
            octets = self._in.decompress(self._arrived, INFLATED)
        except zlib.error:
            raise NotDeflated from None
        self._arrived = self._in.unconsumed_tail
        if self._in.eof:
            # The client ended its stream, of which the RFC knows nothing.
            raise NotDeflated
        return octets

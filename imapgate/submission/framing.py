"""Octets of an SMTP connection <-> command lines and the mail behind DATA (RFC 5321 2.3.8, 4.5.2).

A line ends with CRLF and nothing else, and the mail with a dot alone between two of those. What
other servers take for the same (LF.LF, CR.CR, LF.CRLF) is content here, and whoever calls refuses a
mail that has any: it would end elsewhere on the way, and its rest be run as commands.
"""

from __future__ import annotations

from dataclasses import dataclass

_END = b"\r\n.\r\n"
ENDLESS = 16
"""So many times the longest line may an overlong one grow before nobody waits for its end."""


@dataclass(frozen=True, slots=True)
class Overlong:
    """A line that was dropped. hopeless: it has no end."""

    hopeless: bool


class Framing:
    """Feed it octets; take lines, or after `begin_mail` the mail's pieces."""

    def __init__(self, longest: int) -> None:
        """longest: octets of a line, its end included."""
        self._longest = longest
        self._buffer = bytearray()
        self._dropped = 0
        self._begun = False
        self.is_stray = False
        """The mail has a CR or LF alone, or NUL."""

    def feed(self, octets: bytes) -> None:
        self._buffer += octets

    def discard(self) -> None:
        """What arrived before TLS isn't looked at (RFC 3207 4.2)."""
        self._buffer.clear()
        self._dropped = 0

    def line(self) -> bytes | Overlong | None:
        """The next line without its end; None: it isn't whole yet. One that ends with LF alone has
        that still in it, and is no command."""
        at = self._buffer.find(b"\n")
        if at < 0:
            return self._drop() if self._dropped or len(self._buffer) >= self._longest else None
        line = bytes(self._buffer[: at + 1])
        del self._buffer[: at + 1]
        if self._dropped or len(line) > self._longest:
            self._dropped = 0
            return Overlong(False)
        return line[:-2] if line.endswith(b"\r\n") else line

    def begin_mail(self) -> None:
        """354 was said."""
        self._begun = True
        self.is_stray = False

    def mail(self) -> tuple[bytes, bool]:
        """What arrived of it, without the dots that were added, and whether it is over."""
        # The line end before the mail counts for a dot in its first line.
        octets = bytes(self._buffer)
        if self._begun:
            octets = b"\r\n" + octets
        end = octets.find(_END)
        if end >= 0:
            piece, kept = octets[: end + 2], octets[end + len(_END) :]
        else:
            held = next(n for n in range(len(_END) - 1, -1, -1) if octets.endswith(_END[:n]))
            piece, kept = octets[: len(octets) - held], octets[len(octets) - held :]
        if self._begun and not piece:
            return b"", False  # not even two octets of it are sure
        self._buffer[:] = kept
        lines = piece.count(b"\r\n")
        if piece.count(b"\n") != lines or piece.count(b"\r") != lines or b"\0" in piece:
            self.is_stray = True
        piece = piece.replace(b"\r\n.", b"\r\n")
        if self._begun:
            self._begun = False
            piece = piece[2:]
        return piece, end >= 0

    def _drop(self) -> Overlong | None:
        self._dropped += len(self._buffer)
        self._buffer.clear()
        return Overlong(True) if self._dropped > ENDLESS * self._longest else None

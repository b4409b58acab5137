"""Cuts the byte stream of a client into commands: lines and literals (RFC 3501 4.3, RFC 7888).

A resumable receiver: feed it what arrived, at any cut, and it yields what is complete. It holds at
most one line; a literal's octets are handed on as they come. It decides nothing about sizes:
whoever reads the events answers a LiteralHead with `accept`, `drain` or by ending the session.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """Text up to (without) CRLF or bare LF. last: no literal follows, the command is complete."""

    text: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class LiteralHead:
    """`{size}` (synchronising: the client waits for `+`) or `{size+}` at the end of the Line
    before it."""

    size: int
    synchronising: bool


@dataclass(frozen=True, slots=True)
class LiteralPart:
    octets: bytes


@dataclass(frozen=True, slots=True)
class LiteralEnd:
    pass


@dataclass(frozen=True, slots=True)
class Overlong:
    """The line grew beyond its limit; its rest is dropped up to the line's end (then Line(b"",
    True) does not follow; the next event belongs to the next command)."""


Event = Line | LiteralHead | LiteralPart | LiteralEnd | Overlong


class Framing:
    """line_limit: octets of one command's text outside literals."""

    def __init__(self, line_limit: int) -> None:
        raise NotImplementedError

    def feed(self, data: bytes) -> None:
        """Add what arrived."""
        raise NotImplementedError

    def events(self) -> Iterator[Event]:
        """What is complete so far. After a LiteralHead nothing more comes until `accept` (the
        octets follow as LiteralPart, LiteralEnd, then the next Line of the same command) or
        `refuse` was called. The consumer may stop at any event and go on later (pipelining: one
        command at a time)."""
        raise NotImplementedError

    def accept(self) -> None:
        """Go on with the announced literal's octets."""
        raise NotImplementedError

    def refuse(self) -> None:
        """The command ends here: a synchronising literal will not come; a non-synchronising one is
        read and dropped together with the rest of its command, literals included. Then the next
        command follows."""
        raise NotImplementedError

    def take_line_mode(self) -> None:
        """From here on treat each line as plain (AUTHENTICATE's answers, DONE): no literal is
        looked for, until `take_command_mode`."""
        raise NotImplementedError

    def take_command_mode(self) -> None:
        raise NotImplementedError

    def discard(self) -> None:
        """Forget everything buffered (STARTTLS, RFC 3501 6.2.1: nothing from before is trusted)."""
        raise NotImplementedError

    @property
    def buffered(self) -> int:
        """Octets held and not yet handed on."""
        raise NotImplementedError

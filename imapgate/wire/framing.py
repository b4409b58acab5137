"""Cuts the byte stream of a client into commands: lines and literals (RFC 3501 4.3, RFC 7888).

A resumable receiver: feed it what arrived, at any cut, and it yields what is complete. It holds at
most one line; a literal's octets are handed on as they come. It decides nothing about sizes:
whoever reads the events answers a LiteralHead with `accept`, `refuse` or by ending the session.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass

OVERLONG_START = 256
"""Octets of an overlong line that are told: enough for its tag."""

_LITERAL = re.compile(rb"\{([0-9]+)(\+?)\}")
_TAIL = 64
"""Octets of a dropped line that are kept, to see the literal at its end."""
_MOST_DIGITS = 20
"""Of a literal's size; beyond, the size is only known to be absurd."""


@dataclass(frozen=True, slots=True)
class Line:
    """Text up to (without) CRLF or bare LF, and without the `{n}` of a literal that follows.
    last: no literal follows, the command is complete."""

    text: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class LiteralHead:
    """`{size}` (synchronising: the client waits for `+`) or `{size+}` at the end of the Line
    before it. A size of more than 20 digits comes as 10**20."""

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
    """The command's text, all its lines together, grew beyond the limit. Its rest is dropped, with
    the non-synchronising literals in it (then Line(b"", True) does not follow; the next event
    belongs to the next command). start: how this line begins; of a command's first line that has
    the tag."""

    start: bytes = b""


Event = Line | LiteralHead | LiteralPart | LiteralEnd | Overlong


class _State(enum.Enum):
    LINE = enum.auto()
    HEAD = enum.auto()
    """A literal is announced and neither accepted nor refused."""
    LITERAL = enum.auto()
    DROP_LITERAL = enum.auto()
    DROP_LINE = enum.auto()


class Framing:
    """line_limit: octets of one command's text outside literals."""

    def __init__(self, line_limit: int) -> None:
        self._limit = line_limit
        self._line_mode = False
        self._dropped = 0
        self._buffer = bytearray()
        self._searched = 0
        self._state = _State.LINE
        self._command_octets = 0
        self._head: LiteralHead | None = None
        self._remaining = 0
        self._synchronising = False
        self._tail = b""

    def limit_lines(self, octets: int) -> None:
        """From the next line on; not to be lowered within a command."""
        self._limit = octets

    def feed(self, data: bytes) -> None:
        """Add what arrived."""
        self._buffer += data

    def events(self) -> Iterator[Event]:
        """What is complete so far. After a LiteralHead nothing more comes until `accept` (the
        octets follow as LiteralPart, LiteralEnd, then the next Line of the same command) or
        `refuse` was called. The consumer may stop at any event and go on later (pipelining: one
        command at a time)."""
        while (event := self._next()) is not None:
            yield event

    def accept(self) -> None:
        """Go on with the announced literal's octets. RuntimeError if none is announced."""
        if self._state is not _State.HEAD:
            raise RuntimeError("no literal is announced")
        self._head = None
        self._state = _State.LITERAL

    def refuse(self) -> None:
        """The command ends here: a synchronising literal will not come; a non-synchronising one is
        read and dropped together with the rest of its command, literals included. Then the next
        command follows. Also possible within a literal and between literals; nothing happens if
        the command is complete. `dropping` tells how long it lasts."""
        if self._state is _State.HEAD:
            self._head = None
            if self._synchronising:
                self._command_done()
            else:
                self._drop(_State.DROP_LITERAL)
        elif self._state is _State.LITERAL:
            self._drop(_State.DROP_LITERAL)
        elif self._state is _State.LINE and self._command_octets:
            self._drop(_State.DROP_LINE)

    def take_line_mode(self) -> None:
        """From here on treat each line as plain (AUTHENTICATE's answers, DONE): no literal is
        looked for, until `take_command_mode`."""
        self._line_mode = True

    def take_command_mode(self) -> None:
        """Look for literals again, from the next line on."""
        self._line_mode = False

    def discard(self) -> None:
        """Forget everything buffered (STARTTLS, RFC 3501 6.2.1: nothing from before is trusted)."""
        self._buffer.clear()
        self._searched = 0
        self._command_done()

    @property
    def buffered(self) -> int:
        """Octets held and not yet handed on."""
        return len(self._buffer)

    @property
    def dropping(self) -> bool:
        """The rest of a refused or overlong command is still being read and dropped. A refusal that
        is to be answered after it waits for this to become False, or for the next event."""
        return self._state in (_State.DROP_LITERAL, _State.DROP_LINE)

    @property
    def dropped(self) -> int:
        """Octets dropped of the last command that was refused or overlong, so far; whoever reads
        the events bounds it (an endless line, a literal beyond all bounds)."""
        return self._dropped

    def _next(self) -> Event | None:
        while True:
            match self._state:
                case _State.LINE:
                    return self._line()
                case _State.HEAD:
                    head, self._head = self._head, None
                    return head
                case _State.LITERAL:
                    return self._literal()
                case _State.DROP_LITERAL:
                    self._dropped += self._cut(min(self._remaining, len(self._buffer)))
                    if self._remaining:
                        return None
                    self._state = _State.DROP_LINE
                case _State.DROP_LINE:
                    if not self._drop_line():
                        return None

    def _line(self) -> Event | None:
        room = self._limit - self._command_octets
        end = self._buffer.find(b"\n", self._searched)
        if end < 0:
            self._searched = len(self._buffer)
            return self._overlong(room) if self._searched > room + 1 else None
        text_end = end - 1 if end and self._buffer[end - 1] == 0x0D else end
        if text_end > room:
            return self._overlong(room)
        text = bytes(memoryview(self._buffer)[:text_end])
        del self._buffer[: end + 1]
        self._searched = 0
        literal = None if self._line_mode else _literal_at_end(text)
        if literal is None:
            self._command_done()
            return Line(text, True)
        self._command_octets += text_end
        head, at = literal
        self._head = head
        self._remaining, self._synchronising = head.size, head.synchronising
        self._state = _State.HEAD
        return Line(text[:at], False)

    def _literal(self) -> Event | None:
        if not self._remaining:
            self._state = _State.LINE
            return LiteralEnd()
        if not self._buffer:
            return None
        size = min(self._remaining, len(self._buffer))
        octets = bytes(memoryview(self._buffer)[:size])
        self._cut(size)
        return LiteralPart(octets)

    def _overlong(self, room: int) -> Overlong:
        start = bytes(memoryview(self._buffer)[: min(OVERLONG_START, room)])
        self._drop(_State.DROP_LINE)
        return Overlong(start)

    def _drop(self, state: _State) -> None:
        self._dropped = 0
        self._searched = 0
        self._tail = b""
        self._state = state

    def _drop_line(self) -> bool:
        """Drops up to the line's end, which decides what follows. False: the end has not come."""
        end = self._buffer.find(b"\n")
        stop = len(self._buffer) if end < 0 else end
        self._tail = (self._tail + self._buffer[max(0, stop - _TAIL) : stop])[-_TAIL:]
        self._dropped += len(self._buffer) if end < 0 else end + 1
        if end < 0:
            self._buffer.clear()
            return False
        del self._buffer[: end + 1]
        literal = None if self._line_mode else _literal_at_end(self._tail.removesuffix(b"\r"))
        self._tail = b""
        if literal is None or literal[0].synchronising:
            self._command_done()
        else:
            self._remaining = literal[0].size
            self._state = _State.DROP_LITERAL
        return True

    def _cut(self, octets: int) -> int:
        del self._buffer[:octets]
        self._remaining -= octets
        return octets

    def _command_done(self) -> None:
        self._state = _State.LINE
        self._command_octets = 0


def _literal_at_end(text: bytes) -> tuple[LiteralHead, int] | None:
    """The literal that the line's end announces, and where its `{` stands."""
    if not text.endswith(b"}"):
        return None
    at = text.rfind(b"{")
    found = _LITERAL.fullmatch(text, at) if at >= 0 else None
    if found is None:
        return None
    digits = found[1].lstrip(b"0")
    size = int(digits or b"0") if len(digits) <= _MOST_DIGITS else 10**_MOST_DIGITS
    return LiteralHead(size, not found[2]), at

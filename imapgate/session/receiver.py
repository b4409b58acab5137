"""Gathers a command's lines and literals; sizes bite before the client is asked to go on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from imapgate.connections.budget import Budget
from imapgate.folders import incidents, refusals
from imapgate.limits import Limits
from imapgate.session.literals import Arriving
from imapgate.wire.append_grammar import BEFORE_MAILBOX
from imapgate.wire.framing import (
    Event,
    Framing,
    Line,
    LiteralEnd,
    LiteralHead,
    LiteralPart,
    Overlong,
)
from imapgate.wire.grammar import Literal, peek

ENDLESS = 16
"""So many times the line limit may an overlong line grow before the session ends."""
CLIENTBUG = "CLIENTBUG"
"""The code of a syntax error behind a message (RFC 5530)."""
BLANK_LINES = 100
"""In a row."""


@dataclass(slots=True)
class Whole:
    """A command with everything that belongs to it; `free` its literals when it has been run."""

    parts: list[bytes | Literal] = field(default_factory=list)
    literals: list[Arriving] = field(default_factory=list)

    def free(self) -> None:
        for literal in self.literals:
            literal.free()
        self.literals.clear()
        self.parts.clear()


@dataclass(frozen=True, slots=True)
class Text:
    """A line of its own, in line mode (AUTHENTICATE's answers, DONE). None: it was too long."""

    text: bytes | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The command was not taken; it is over, drained, and waits for this answer.

    cut_short: of an APPEND that ends here, what had arrived with at least one whole message; `free`
    it. text is then the cause alone, a clause without full stop; there is a code. not_taken: of an
    APPEND that is refused before a message came, the command up to there, for the record
    (docs/rules.md 6).
    """

    tag: bytes | None
    condition: bytes
    text: str
    code: str | None = None
    cut_short: Whole | None = None
    not_taken: tuple[bytes | Literal, ...] = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """The client went beyond all bounds: BYE."""

    text: str


@dataclass(frozen=True, slots=True)
class Upload:
    """A message of an APPEND is announced, and waits for `+`: `accept` or `refuse` it. One that
    doesn't wait comes anyway, and is taken: what came is kept, whatever speaks against it
    (docs/rules.md 3). parts: the command up to here; octets: of this message."""

    parts: tuple[bytes | Literal, ...]
    octets: int


Received = Whole | Text | Refused | Upload | Ending


class Receiver:
    """Feed it octets; `next` gives what is complete, one at a time, None if more must arrive."""

    def __init__(
        self,
        limits: Limits,
        budget: Budget,
        go_on: Callable[[], None],
        signed_in: Callable[[], bool],
    ) -> None:
        """go_on: writes the `+` that a synchronising literal waits for. signed_in: whether larger
        literals are taken now, and messages at all."""
        self._limits = limits
        self._budget = budget
        self._go_on = go_on
        self._signed_in = signed_in
        self._framing = Framing(limits.before_login_line)
        self._line_mode = False
        self._waiting: list[Event] = []
        self._refusal: Refused | None = None
        self._drain = 0
        self._blank_lines = 0
        self._command = Whole()
        self._tag: bytes | None = None
        self._name = b""
        self._octets = 0
        self._messages = 0
        self._head: LiteralHead | None = None

    def feed(self, data: bytes) -> None:
        self._framing.feed(data)

    def take_line_mode(self) -> None:
        """The next line comes as Text."""
        self._line_mode = True
        self._framing.take_line_mode()

    def discard(self) -> None:
        """Forget what arrived and has not been handed on (STARTTLS)."""
        self._framing.discard()
        self._waiting.clear()

    def close(self) -> None:
        """Frees what of a command has arrived."""
        self._command.free()
        if self._refusal is not None and self._refusal.cut_short is not None:
            self._refusal.cut_short.free()
        if self._head is not None:
            self._budget.give_back(self._head.size)
            self._head = None

    @property
    def midway(self) -> bool:
        """A command has begun to arrive and isn't complete."""
        return bool(self._command.parts) or self._refusal is not None

    def next(self) -> Received | None:
        while (event := self._event()) is not None:
            received = self._refused_so_far(event) or self._take(event)
            if received is not None:
                return received
        return self._refused_so_far(None)

    def _event(self) -> Event | None:
        if self._waiting:
            return self._waiting.pop()
        self._framing.limit_lines(self._longest_line)
        return next(iter(self._framing.events()), None)

    @property
    def _longest_line(self) -> int:
        """Whoever hasn't signed in makes the server hold little."""
        limits = self._limits
        return limits.line if self._signed_in() else limits.before_login_line

    def _refused_so_far(self, event: Event | None) -> Refused | Ending | None:
        """The refusal that waits, once its command has been dropped; event stays for the next."""
        refusal = self._refusal
        if refusal is None:
            return None
        if event is None and self._framing.dropping:
            return Ending("That has no end.") if self._framing.dropped > self._drain else None
        if event is not None:
            self._waiting.append(event)
        self._refusal = None
        return refusal

    def _take(self, event: Event) -> Received | None:
        match event:
            case Line(text, last):
                return self._line(text, last)
            case LiteralHead():
                return self._literal(event)
            case LiteralPart() | LiteralEnd():
                self._arrive(event)
            case Overlong(start):
                return self._overlong(start)
        return None

    def _line(self, text: bytes, last: bool) -> Received | None:
        if self._line_mode:
            self._take_command_mode()
            return Text(text)
        if not self._command.parts:
            if last and not text.strip():
                return self._blank_line()
            self._blank_lines = 0
            self._tag, self._name = peek(text)
        self._command.parts.append(text)
        if not last:
            return None
        return self._finish()

    def _blank_line(self) -> Ending | None:
        """Some clients send a stray line end after a literal; a stream of them costs time."""
        self._blank_lines += 1
        return Ending("Too many empty lines.") if self._blank_lines > BLANK_LINES else None

    def _overlong(self, start: bytes) -> Received | None:
        if self._line_mode:
            self._take_command_mode()
            return Text(None)
        if not self._command.parts:
            self._tag = peek(start)[0]
        cause = f"a command has at most {self._longest_line} octets of text"
        if self._messages:
            self._refuse(b"BAD", cause, CLIENTBUG, self._begun())
        else:
            self._refuse(b"BAD", f"{cause.capitalize()}.")
        self._drain = ENDLESS * self._longest_line
        return None

    def accept(self) -> None:
        """The announced message may come. The budget was asked before."""
        head, self._head = self._head, None
        if head is None:
            raise RuntimeError("no message is announced")
        try:
            arriving = Arriving(head.size, self._limits.literal_in_memory, self._budget)
        except OSError as error:
            self._budget.give_back(head.size)
            self._cannot_hold(error)
            return
        self._command.literals.append(arriving)
        self._framing.accept()
        if head.synchronising:
            self._go_on()

    def refuse(self, condition: bytes, text: str, code: str, cause: str) -> None:
        """The announced message may not come; `next` gives the refusal when it is time. cause: a
        clause without full stop, for what had arrived before it."""
        head, self._head = self._head, None
        if head is None:
            raise RuntimeError("no message is announced")
        self._budget.give_back(head.size)
        if self._messages:
            self._refuse(condition, cause, code, self._begun())
        else:
            self._refuse(condition, text, code)

    def _arrive(self, event: LiteralPart | LiteralEnd) -> None:
        """What came of the literal that was accepted."""
        arriving = self._command.literals[-1]
        try:
            if isinstance(event, LiteralPart):
                arriving.add(event.octets)
                return
            content = arriving.complete()
        except OSError as error:
            self._cannot_hold(error)
            return
        if self._is_message():
            self._octets += len(content)
            self._messages += 1
        self._command.parts.append(Literal(content))

    def _cannot_hold(self, error: OSError) -> None:
        """The disk of temporary files is full, or there are too many files."""
        incidents.report(error, "holding an upload")
        self._refuse_literal(b"NO", "the server can't hold uploads just now", "UNAVAILABLE")

    def _literal(self, head: LiteralHead) -> Received | None:
        refusal = self._against(head.size)
        if refusal is None and not self._budget.take(head.size):
            refusal = (b"NO", "the server holds too many uploads just now", "LIMIT")
        if refusal is not None:
            if not head.synchronising and head.size > self._limits.literal_drain:
                return Ending("That literal is beyond all bounds.")
            self._refuse_literal(*refusal)
            return None
        self._head = head
        if self._is_message() and head.synchronising:
            return Upload(tuple(self._command.parts), head.size)
        self.accept()
        return None

    def _against(self, size: int) -> tuple[bytes, str, str | None] | None:
        """What speaks against a literal of this size: condition, cause as a clause, code."""
        limits = self._limits
        if not self._signed_in():
            if self._name in BEFORE_MAILBOX:
                return b"BAD", f"{self._name.decode('ascii')} needs a sign-in first", None
            most, several = limits.before_login_literal, limits.before_login_literals
        elif self._is_message():
            if size > limits.message:
                return b"NO", f"a message has at most {limits.message:,} octets", "TOOBIG"
            if self._messages >= limits.append_messages:
                text = f"one APPEND takes at most {limits.append_messages:,} messages"
                return b"NO", text, "LIMIT"
            if self._octets + size > limits.append_total:
                text = f"one APPEND takes at most {limits.append_total:,} octets"
                return b"NO", text, "TOOBIG"
            return None
        else:
            most, several = limits.literal, limits.literals
        if size > most:
            return b"NO", f"a literal here has at most {most:,} octets", "TOOBIG"
        if len(self._command.literals) >= several:
            return b"NO", f"a command has at most {several:,} literals", "LIMIT"
        return None

    def _is_message(self) -> bool:
        """Every literal of an APPEND or REPLACE but the one that stands in the mailbox's place."""
        words = BEFORE_MAILBOX.get(self._name)
        if words is None:
            return False
        first = self._command.parts[0]
        is_mailbox = isinstance(first, bytes) and len(first.split()) == words
        return not (is_mailbox and len(self._command.parts) == 1)

    def _refuse_literal(self, condition: bytes, cause: str, code: str | None) -> None:
        """Of an APPEND that had messages already, those are handed on with the refusal."""
        if not self._is_message() or condition == b"BAD":
            self._refuse(condition, f"Not taken: {cause}.", code)
        elif not self._messages:
            announced = tuple(self._command.parts)
            text = f"Not filed: {cause}. {refusals.NO_COPY}"
            self._refuse(condition, text, code, not_taken=announced)
        else:
            self._refuse(condition, cause, code, self._begun())

    def _begun(self) -> Whole:
        """What had arrived of an APPEND, up to its last whole message."""
        begun, self._command = self._command, Whole()
        while isinstance(begun.parts[-1], bytes):
            begun.parts.pop()
        return begun

    def _refuse(
        self,
        condition: bytes,
        text: str,
        code: str | None = None,
        cut_short: Whole | None = None,
        not_taken: tuple[bytes | Literal, ...] = (),
    ) -> None:
        """The answer waits until what the client sends all the same has been dropped."""
        self._refusal = Refused(self._tag, condition, text, code, cut_short, not_taken)
        self._drain = self._limits.literal_drain
        self._framing.refuse()
        self._finish().free()

    def _finish(self) -> Whole:
        command, self._command = self._command, Whole()
        self._tag, self._name, self._octets, self._messages = None, b"", 0, 0
        return command

    def _take_command_mode(self) -> None:
        self._line_mode = False
        self._framing.take_command_mode()

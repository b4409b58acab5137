"""From what has arrived to an answer: reads the command, has it run, counts what makes no sense."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.folders import drops, incidents, records
from imapgate.session import dispatch
from imapgate.session.commands import append
from imapgate.session.grammar_limits import grammar_limits
from imapgate.session.output import Gone
from imapgate.session.receiver import CLIENTBUG, Receiver, Refused, Upload, Whole
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, State, bad, no
from imapgate.wire.append_grammar import BEFORE_MAILBOX, completed
from imapgate.wire.commands import Append, Command, Search, Sort
from imapgate.wire.grammar import (
    BadCharset,
    BadCommand,
    Literal,
    Parsed,
    appended,
    parse,
    peek,
)
from storage.engine import Unavailable

SHORT = 1024
"""Octets of text; a longer command is read off the reactor, as one of many parts is: a set of
20,000 ranges takes 25 ms."""
FEW = 16
"""Parts of a command."""


class Road:
    """The way of one session's commands."""

    def __init__(self, session: Session, receiver: Receiver) -> None:
        self._session = session
        self._receiver = receiver
        self._bad = 0
        self._grammar = grammar_limits(session.server.limits, session.server.workarounds)

    async def run(self, parts: Sequence[bytes | Literal]) -> tuple[bytes | None, Reply]:
        """The tag and the tagged answer. Raises Farewell, Gone."""
        try:
            # An APPEND that has arrived is filed even if the client hangs up while it is read.
            if _is_append(parts):
                parsed = parse(parts, self._grammar, self._session.utf8)
            else:
                parsed = await self._parsed(parts)
        except BadCharset as unknown:
            if unknown.saves:
                self._session.forget_result()
            return unknown.tag, no("BADCHARSET (US-ASCII UTF-8)", unknown.text)
        except BadCommand as error:
            return error.tag, await self._not_understood(parts, error)
        except Gone:
            raise
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            incident = incidents.report(error, "reading a command")
            tag = peek(parts[0])[0] if isinstance(parts[0], bytes) else None
            text = f"This can't be read: an error of ours, incident {incident}."
            return tag, no("SERVERBUG", text)
        self._session.tag = parsed.tag
        try:
            reply = await dispatch.run(self._session, parsed.command)
        finally:
            self._session.tag = b""
        if reply.condition == b"NO" and _saves(parsed.command):
            self._session.forget_result()
        return parsed.tag, reply

    async def judge(self, upload: Upload) -> None:
        """Lets a message come that waits for it, or not: bad syntax, a database that is away, and
        what would be refused without a copy (docs/rules.md 3, 17) are said before the upload.
        Raises Gone."""
        try:
            command = (await self._parsed(completed(upload.parts))).command
        except BadCommand as error:
            self._receiver.refuse(b"BAD", error.text, CLIENTBUG, _clause(error))
            return
        except Gone:
            raise
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            incidents.report(error, "APPEND before the upload")
            self._receiver.accept()  # The upload itself will tell.
            return
        unwanted = (
            await self._unwanted(command, upload.octets) if isinstance(command, Append) else None
        )
        if self._session.state is State.LOGOUT:
            raise Gone
        if unwanted is None:
            self._receiver.accept()
        else:
            self._receiver.refuse(b"NO", unwanted.text, unwanted.code, unwanted.cause)

    async def cut_short(self, refused: Refused, begun: Whole) -> Reply:
        """Of an APPEND that ends before its time: keeps what had arrived (docs/rules.md 3)."""
        cause, code = refused.text, refused.code or "LIMIT"
        command: Command | None
        try:
            command = parse(begun.parts, self._grammar, self._session.utf8).command
        except BadCommand:
            command = appended(begun.parts, self._grammar, self._session.utf8)
        if not isinstance(command, Append):
            return bad(f"Not taken: {cause}.")
        return await append.cut_short(self._session, command, refused.condition, code, cause)

    async def not_taken(self, parts: Sequence[bytes | Literal], text: str, code: str) -> None:
        """Records an APPEND that was refused before its message came. Raises Gone."""
        try:
            command = (await self._parsed(completed(parts))).command
        except BadCommand:
            return  # Nobody knows where it was to go: no drop.
        if isinstance(command, Append):
            await self._record(command.name, text, code)
        if self._session.state is State.LOGOUT:
            raise Gone

    def is_hopeless(self, condition: bytes) -> bool:
        """Counts an answer; True when there were too many BAD in a row."""
        self._bad = self._bad + 1 if condition == b"BAD" else 0
        return self._bad >= self._session.server.limits.bad_commands

    async def _parsed(self, parts: Sequence[bytes | Literal]) -> Parsed:
        """Raises BadCommand, Gone."""
        utf8 = self._session.utf8
        octets = sum(len(one) for one in parts if isinstance(one, bytes))
        if octets <= SHORT and len(parts) <= FEW:
            return parse(parts, self._grammar, utf8)
        parsed = await self._session.hop(lambda: parse(parts, self._grammar, utf8), reads=True)
        if self._session.state is State.LOGOUT:
            raise Gone
        return parsed

    async def _unwanted(self, command: Append, octets: int) -> drops.Unwanted | None:
        session, limits = self._session, self._session.server.limits
        person, name = session.who, command.name
        try:
            unwanted = await session.read(
                lambda tx: drops.before_upload(tx, person, name, octets, limits)
            )
        except Unavailable:
            return drops.away_before_upload()
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            incidents.report(error, "APPEND before the upload")
            return None  # The upload itself will tell.
        if unwanted is not None and len(command.messages) == 1:
            await self._record(name, unwanted.text, unwanted.code)
        return unwanted

    async def _not_understood(self, parts: Sequence[bytes | Literal], error: BadCommand) -> Reply:
        """A syntax error; the messages of an APPEND that came all the same are kept."""
        if self._session.state not in SIGNED_IN:
            return bad(error.text)
        command = appended(parts, self._grammar, self._session.utf8)
        if command is None:
            return bad(error.text)
        return await append.not_understood(self._session, command, _clause(error))

    async def _record(self, name: str, text: str, code: str | None) -> None:
        session = self._session
        person, client = session.who, session.client
        try:
            await session.write(lambda tx: records.not_taken(tx, person, name, client, text, code))
        except Exception as error:  # noqa: BLE001 (reported; the refusal is told all the same)
            incidents.report(error, "recording a refusal")


def _is_append(parts: Sequence[bytes | Literal]) -> bool:
    return isinstance(parts[0], bytes) and peek(parts[0])[1] in BEFORE_MAILBOX


def _saves(command: Command) -> bool:
    return (
        isinstance(command, Search | Sort) and command.returns is not None and command.returns.saves
    )


def _clause(error: BadCommand) -> str:
    return error.text[:1].lower() + error.text[1:]

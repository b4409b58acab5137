"""APPEND (RFC 3501 6.3.11) of one or several messages (MULTIAPPEND, RFC 3502): the drop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from imapgate.folders.drops import Arrival, Upload
from imapgate.folders.replacing import Old
from imapgate.folders.verdict import Outcome, Verdict
from imapgate.session import drop_log
from imapgate.session.commands.listing import known_as
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, answered, ok
from imapgate.wire.commands import Append, AppendMessage
from imapgate.wire.numbers import write_set

EARLIEST = datetime(1982, 8, 13, tzinfo=UTC)
"""Of the workaround dates_from_1982."""


async def append(session: Session, command: Append) -> Reply:
    """OK [APPENDUID] (RFC 4315) after the durable commit, with EXISTS if it is the selected folder;
    NO as the verdict says, the bytes kept (docs/rules.md 1 to 3)."""
    verdict = await told(session, command, lambda upload: upload.append())
    known_as(session, verdict.folder, command.name)
    return _reply(verdict)


async def cut_short(
    session: Session, command: Append, condition: bytes, code: str, cause: str
) -> Reply:
    """The refusal of a MULTIAPPEND whose next message can't be taken; the others are kept."""
    came = replace(command, messages=tuple(one for one in command.messages if one.content))
    verdict = await told(session, came, lambda upload: upload.cut_short(code, cause))
    return Reply(condition, verdict.text, verdict.code)


async def not_understood(session: Session, command: Append, cause: str) -> Reply:
    """BAD, but the messages arrived and are kept (docs/rules.md 3)."""
    verdict = await told(session, command, lambda upload: upload.not_understood(cause))
    return Reply(b"BAD", verdict.text, verdict.code)


async def told(
    session: Session,
    command: Append,
    work: Callable[[Upload], Verdict],
    replaces: Old | None = None,
) -> Verdict:
    """In one hop, and in the log. replaces: see Upload."""
    server, person = session.server, session.who
    earliest = EARLIEST if server.workarounds.dates_from_1982 else None
    arrivals = [_arrival(message, earliest) for message in command.messages]
    upload = Upload(
        server.db,
        person,
        command.name,
        arrivals,
        session.client,
        server.limits,
        server.spool,
        replaces,
    )
    verdict = await session.call(lambda: work(upload))
    drop_log.told(session, person, upload.word, len(arrivals), verdict)
    session.news.made(verdict)
    return verdict


def _arrival(message: AppendMessage, earliest: datetime | None) -> Arrival:
    date = message.date
    if date is None:
        return Arrival(message.content, message.flags, None, 0)
    east = date.utcoffset()
    zone = 0 if east is None else round(east.total_seconds() / 60)
    if earliest is not None:
        date = max(date, earliest)
    return Arrival(message.content, message.flags, int(date.timestamp()), zone)


def append_uid(verdict: Verdict) -> str | None:
    """APPENDUID of what was done; None where no message has a UID by it."""
    if verdict.outcome is not Outcome.DONE or not verdict.uids:
        return None
    return f"APPENDUID {verdict.uidvalidity} {write_set(verdict.uids).decode('ascii')}"


def _reply(verdict: Verdict) -> Reply:
    code = append_uid(verdict)
    return answered(verdict, look=True) if code is None else ok(verdict.text, code, look=True)


OFFERS = (offer(Append, append, SIGNED_IN, "MULTIAPPEND"),)

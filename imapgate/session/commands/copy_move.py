"""COPY (RFC 3501 6.4.7) and MOVE (RFC 6851), by number and by UID; codes of RFC 4315."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from imapgate.folders import drops
from imapgate.folders.verdict import Outcome, Verdict
from imapgate.session import drop_log
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SELECTED, Reply, answered, no_such_message, ok
from imapgate.wire.commands import Copy, Move
from imapgate.wire.numbers import write_set
from imapgate.wire.responses import status


async def copy(session: Session, command: Copy) -> Reply:
    """By number all of them or none (RFC 2180 4.4); a UID that is gone is passed over (RFC 3501
    6.4.8)."""
    person = session.who
    done = await session.call(_transfer(session, command, drops.copy))
    if done is None:
        return no_such_message()
    drop_log.told(session, person, "COPY", done.named, done.verdict)
    session.news.made(done.verdict)
    if done.code is None:
        return answered(done.verdict, look=True)
    return ok(done.verdict.text, done.code, look=True)


async def move(session: Session, command: Move) -> Reply:
    """As COPY. COPYUID comes untagged, before the EXPUNGEs (RFC 6851 4.3)."""
    view, person = session.view, session.who
    drop = partial(drops.move, read_only=not view.writable)
    done = await session.call(_transfer(session, command, drop))
    if done is None:
        return no_such_message()
    drop_log.told(session, person, "MOVE", done.named, done.verdict)
    if done.code is not None:
        session.output.write(status(None, b"OK", "Moved.", done.code))
    view.expunge(done.verdict.removed)
    return answered(done.verdict, look=True)


@dataclass(frozen=True, slots=True)
class _Done:
    """named: how many messages the command named. code: COPYUID, where something was done."""

    named: int
    verdict: Verdict
    code: str | None


def _transfer(
    session: Session, command: Copy | Move, drop: Callable[..., Verdict]
) -> Callable[[], _Done | None]:
    """What is to be done in the hop; it gives None for a number that isn't there."""
    server, person, client, view = session.server, session.who, session.client, session.view
    whole = not command.by_uid

    def work() -> _Done | None:
        uids = view.resolve(command.numbers, command.by_uid)
        if uids is None:
            return None
        verdict = drop(
            server.db,
            person,
            view.folder,
            uids,
            command.name,
            client,
            server.limits,
            whole=whole,
            spool=server.spool,
        )
        return _Done(len(uids), verdict, _code(verdict))

    return work


def _code(verdict: Verdict) -> str | None:
    """COPYUID of what was done: pairs in the command's order, ascending UIDs of the source."""
    if verdict.outcome is not Outcome.DONE or not verdict.source_uids:
        return None
    source, target = write_set(verdict.source_uids), write_set(verdict.uids)
    return f"COPYUID {verdict.uidvalidity} {source.decode('ascii')} {target.decode('ascii')}"


OFFERS = (
    offer(Copy, copy, SELECTED),
    offer(Move, move, SELECTED, "MOVE"),
)

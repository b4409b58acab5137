"""COPY (RFC 3501 6.4.7) and MOVE (RFC 6851), by number and by UID; codes of RFC 4315."""

from __future__ import annotations

from imapgate.folders import drops
from imapgate.folders.verdict import Outcome, Verdict
from imapgate.session.commands.store import READ_ONLY
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SELECTED, Reply, answered, no_such_message, ok
from imapgate.wire.commands import Copy, Move
from imapgate.wire.numbers import write_set
from imapgate.wire.responses import status


async def copy(session: Session, command: Copy) -> Reply:
    server, person, client, view = session.server, session.who, session.client, session.view
    uids = view.resolve(command.numbers, command.by_uid)
    if uids is None:
        return no_such_message()
    verdict = await session.call(
        lambda: drops.copy(
            server.db, person, view.folder, uids, command.name, client, server.limits
        )
    )
    if verdict.outcome is not Outcome.DONE or not verdict.source_uids:
        return answered(verdict, look=True)
    return ok(verdict.text, _copyuid(verdict), look=True)


async def move(session: Session, command: Move) -> Reply:
    """COPYUID comes untagged, before the EXPUNGEs (RFC 6851 4.3)."""
    server, person, client, view = session.server, session.who, session.client, session.view
    uids = view.resolve(command.numbers, command.by_uid)
    if uids is None:
        return no_such_message()
    if not view.writable:
        return READ_ONLY
    verdict = await session.call(
        lambda: drops.move(
            server.db, person, view.folder, uids, command.name, client, server.limits
        )
    )
    if verdict.outcome is Outcome.DONE and verdict.source_uids:
        session.output.write(status(None, b"OK", "Moved.", _copyuid(verdict)))
    view.expunge(verdict.removed)
    return answered(verdict, look=True)


def _copyuid(verdict: Verdict) -> str:
    """Pairs in the command's order: ascending UIDs of the source."""
    source, target = write_set(verdict.source_uids), write_set(verdict.uids)
    return f"COPYUID {verdict.uidvalidity} {source.decode('ascii')} {target.decode('ascii')}"


OFFERS = (
    offer(Copy, copy, SELECTED),
    offer(Move, move, SELECTED, "MOVE"),
)

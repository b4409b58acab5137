"""COPY (RFC 3501 6.4.7) and MOVE (RFC 6851), by number and by UID; codes of RFC 4315."""

from __future__ import annotations

from imapgate.folders import drops
from imapgate.folders.verdict import Outcome, Verdict
from imapgate.session import drop_log
from imapgate.session.commands.store import READ_ONLY
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SELECTED, Reply, answered, no_such_message, ok
from imapgate.wire.commands import Copy, Move
from imapgate.wire.numbers import write_set
from imapgate.wire.responses import status


async def copy(session: Session, command: Copy) -> Reply:
    """By number all of them or none (RFC 2180 4.4); a UID that is gone is passed over (RFC 3501
    6.4.8)."""
    server, person, client, view = session.server, session.who, session.client, session.view
    uids = view.resolve(command.numbers, command.by_uid)
    if uids is None:
        return no_such_message()
    verdict, code = await session.call(
        lambda: _with_code(
            drops.copy(
                server.db,
                person,
                view.folder,
                uids,
                command.name,
                client,
                server.limits,
                whole=not command.by_uid,
            )
        )
    )
    drop_log.told(session, person, "COPY", len(uids), verdict)
    return answered(verdict, look=True) if code is None else ok(verdict.text, code, look=True)


async def move(session: Session, command: Move) -> Reply:
    """As COPY. COPYUID comes untagged, before the EXPUNGEs (RFC 6851 4.3)."""
    server, person, client, view = session.server, session.who, session.client, session.view
    uids = view.resolve(command.numbers, command.by_uid)
    if uids is None:
        return no_such_message()
    if not view.writable:
        return READ_ONLY
    verdict, code = await session.call(
        lambda: _with_code(
            drops.move(
                server.db,
                person,
                view.folder,
                uids,
                command.name,
                client,
                server.limits,
                whole=not command.by_uid,
            )
        )
    )
    drop_log.told(session, person, "MOVE", len(uids), verdict)
    if code is not None:
        session.output.write(status(None, b"OK", "Moved.", code))
    view.expunge(verdict.removed)
    return answered(verdict, look=True)


def _with_code(verdict: Verdict) -> tuple[Verdict, str | None]:
    """COPYUID beside what was done: pairs in the command's order, ascending UIDs of the source."""
    if verdict.outcome is not Outcome.DONE or not verdict.source_uids:
        return verdict, None
    source, target = write_set(verdict.source_uids), write_set(verdict.uids)
    code = f"COPYUID {verdict.uidvalidity} {source.decode('ascii')} {target.decode('ascii')}"
    return verdict, code


OFFERS = (
    offer(Copy, copy, SELECTED),
    offer(Move, move, SELECTED, "MOVE"),
)

"""EXPUNGE (RFC 3501 6.4.3) and UID EXPUNGE (RFC 4315)."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.folders import drops, leaving
from imapgate.session.commands.store import READ_ONLY
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SELECTED, Reply, no, ok
from imapgate.wire.commands import Expunge


async def expunge(session: Session, command: Expunge) -> Reply:
    """What this person marked and may take out (docs/rules.md 16); told with the others' news."""
    view, person, client = session.view, session.who, session.client
    if not view.writable:
        return READ_ONLY
    if "e" not in view.folder.rights:
        return no("NOPERM", f"You may not take mail out of {view.folder.title}.")
    db, spool = session.server.db, session.server.spool
    word = "EXPUNGE" if command.uids is None else "UID EXPUNGE"

    def work() -> Sequence[int]:
        uids = None if command.uids is None else view.resolve(command.uids, by_uid=True)
        drops.settle(db, spool, person)
        return db.write(lambda tx: leaving.expunge(tx, person, view.folder, uids, word, client))

    view.expunge(await session.call(work))
    return ok("Expunged.", look=True)


OFFERS = (offer(Expunge, expunge, SELECTED, "UIDPLUS"),)

"""CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 3501 6.3), CREATE-SPECIAL-USE
(RFC 6154)."""

from __future__ import annotations

from imapgate.folders import drops, tree
from imapgate.folders.verdict import Outcome, Verdict
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, answered
from imapgate.wire.commands import Create, Delete, Rename, Subscribe, Unsubscribe
from storage import Tx


async def create(session: Session, command: Create) -> Reply:
    person, limits = session.who, session.server.limits
    name, uses = command.name, command.uses
    return answered(await session.write(lambda tx: tree.create(tx, person, name, limits, uses)))


async def delete(session: Session, command: Delete) -> Reply:
    """Whoever deletes the selected folder has none selected afterwards."""
    person, view = session.who, session.selected
    db, spool = session.server.db, session.server.spool

    def remove(tx: Tx) -> tuple[Verdict, bool]:
        folder = tree.find(tx, person, command.name)
        own = view is not None and folder is not None and folder.id == view.folder.id
        return tree.delete(tx, person, command.name), own

    def work() -> tuple[Verdict, bool]:
        drops.settle(db, spool, person)
        return db.write(remove)

    verdict, own = await session.call(work)
    if own and verdict.outcome is Outcome.DONE:
        session.deselect()
    return answered(verdict)


async def rename(session: Session, command: Rename) -> Reply:
    person, limits = session.who, session.server.limits
    db, spool = session.server.db, session.server.spool
    name, new_name = command.name, command.new_name

    def work() -> Verdict:
        # RENAME INBOX moves its mails (RFC 3501 6.3.5).
        drops.settle(db, spool, person)
        return db.write(lambda tx: tree.rename(tx, person, name, new_name, limits))

    return answered(await session.call(work))


async def subscribe(session: Session, command: Subscribe) -> Reply:
    return await _subscribe(session, command.name, True)


async def unsubscribe(session: Session, command: Unsubscribe) -> Reply:
    return await _subscribe(session, command.name, False)


async def _subscribe(session: Session, name: str, on: bool) -> Reply:
    person, limits = session.who, session.server.limits
    return answered(await session.write(lambda tx: tree.subscribe(tx, person, name, on, limits)))


OFFERS = (
    offer(Create, create, SIGNED_IN, "CREATE-SPECIAL-USE"),
    offer(Delete, delete, SIGNED_IN),
    offer(Rename, rename, SIGNED_IN),
    offer(Subscribe, subscribe, SIGNED_IN),
    offer(Unsubscribe, unsubscribe, SIGNED_IN),
)

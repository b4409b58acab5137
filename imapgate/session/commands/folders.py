"""CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE (RFC 3501 6.3), CREATE-SPECIAL-USE
(RFC 6154)."""

from __future__ import annotations

from imapgate.folders import drops, names, tree
from imapgate.folders.tree import Folder
from imapgate.folders.verdict import Outcome, Verdict
from imapgate.session.commands.listing import gone, known_as
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SIGNED_IN, Reply, answered
from imapgate.wire.commands import Create, Delete, Rename, Subscribe, Unsubscribe
from storage import Tx


async def create(session: Session, command: Create) -> Reply:
    person, limits = session.who, session.server.limits
    name, uses = command.name, command.uses

    def make(tx: Tx) -> tuple[Verdict, Folder | None]:
        verdict = tree.create(tx, person, name, limits, uses)
        return verdict, tree.find(tx, person, name)

    verdict, folder = await session.write(make)
    if verdict.outcome is Outcome.DONE:
        # A separator at the end only says that there will be folders below (RFC 3501 6.3.3).
        known_as(session, folder, name.removesuffix(names.SEPARATOR))
    return answered(verdict)


async def delete(session: Session, command: Delete) -> Reply:
    """Whoever deletes the selected folder has none selected afterwards."""
    person, view = session.who, session.selected
    db, spool = session.server.db, session.server.spool

    def remove(tx: Tx) -> tuple[Verdict, Folder | None]:
        folder = tree.find(tx, person, command.name)
        return tree.delete(tx, person, command.name), folder

    def work() -> tuple[Verdict, Folder | None]:
        drops.settle(db, spool, person)
        return db.write(remove)

    verdict, folder = await session.call(work)
    if verdict.outcome is Outcome.DONE and folder is not None:
        if view is not None and folder.id == view.folder.id:
            session.deselect()
        if session.rev2 and folder.name != command.name:
            session.output.write(gone(session, folder.name, command.name))
    return answered(verdict)


async def rename(session: Session, command: Rename) -> Reply:
    person, limits = session.who, session.server.limits
    db, spool = session.server.db, session.server.spool
    name, new_name = command.name, command.new_name

    def change(tx: Tx) -> tuple[Verdict, Folder | None, Folder | None]:
        before = tree.find(tx, person, name)
        verdict = tree.rename(tx, person, name, new_name, limits)
        return verdict, before, tree.find(tx, person, new_name)

    def work() -> tuple[Verdict, Folder | None, Folder | None]:
        # RENAME INBOX moves its mails (RFC 3501 6.3.5).
        drops.settle(db, spool, person)
        return db.write(change)

    verdict, before, after = await session.call(work)
    if verdict.outcome is Outcome.DONE and before is not None and after is not None:
        normal = before.name == name and after.name == new_name
        if not normal and before.name != names.INBOX:
            known_as(session, after, name)
    return answered(verdict)


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

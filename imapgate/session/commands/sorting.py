"""SORT and THREAD (RFC 5256), by number and by UID; SORT's result options (RFC 5267 3)."""

from __future__ import annotations

from imapgate.folders import sorting
from imapgate.session import telling
from imapgate.session.commands.search import answer, cursor_of, names_modseq, walked
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SELECTED, Reply, ok
from imapgate.wire.commands import Sort, Thread
from imapgate.wire.threads import thread as threaded


async def sort(session: Session, command: Sort) -> Reply:
    """As SEARCH, over what this session has been told of; a plain answer in IMAP4rev2 too."""
    db, person, folder = session.server.db, session.who, session.view.folder

    def in_order(found: list[int]) -> list[int]:
        return db.read(lambda tx: sorting.sort(tx, person, folder, found, command.criteria))

    await answer(session, command, b"SORT", command.returns, in_order)
    return ok("Sorted.")


async def thread(session: Session, command: Thread) -> Reply:
    db, person, view = session.server.db, session.who, session.view
    cursor = cursor_of(session, command.key)

    def look() -> bytes:
        found = walked(session, cursor)
        forest = db.read(
            lambda tx: sorting.thread(tx, person, view.folder, found, command.algorithm)
        )
        if command.by_uid:
            return threaded(forest)
        return threaded(forest, {uid: number for number, uid in view.numbered(found)})

    line = await session.call(look, True, lambda: (cursor.looked_at, len(cursor)))
    if names_modseq(command.key):
        telling.becomes_aware(session)
    await session.output.send([line])
    return ok("Threaded.")


OFFERS = (
    offer(Sort, sort, SELECTED, "SORT", "SORT=DISPLAY", "ESORT"),
    offer(Thread, thread, SELECTED, "THREAD=ORDEREDSUBJECT", "THREAD=REFERENCES"),
)

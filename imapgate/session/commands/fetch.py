"""FETCH (RFC 3501 6.4.5), by number and by UID."""

from __future__ import annotations

from imapgate.folders import flags
from imapgate.folders.reading import FetchCursor
from imapgate.session.output import Gone
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SELECTED, Farewell, Reply, no_such_message, ok
from imapgate.wire.commands import BodyItem, Fetch


async def fetch(session: Session, command: Fetch) -> Reply:
    """In batches, each one hop and one short read, no faster than the client reads (DESIGN rule
    18). Without PEEK messages become \\Seen first, and their flags are told along."""
    person, view, server = session.who, session.view, session.server
    uids = view.resolve(command.numbers, command.by_uid)
    if uids is None:
        return no_such_message()
    seen: frozenset[int] = frozenset()
    if view.writable and uids and any(_reads(item) for item in command.items):
        seen, before, after = await session.call(
            lambda: flags.see(server.db, person, view.folder, uids)
        )
        view.moved_on(before, after)

    def begin() -> tuple[FetchCursor, list[bytes]]:
        cursor = FetchCursor(
            person,
            view.folder,
            view.numbered(uids),
            command.items,
            view.recent_from,
            seen,
            command.by_uid,
        )
        return cursor, server.db.read(cursor.step)

    cursor, pieces = await session.call(begin)
    between = True
    while True:
        if session.dismissed is not None:
            # What was read isn't theirs any more.
            if between:
                raise Farewell(session.dismissed)
            session.output.abort()
            raise Gone
        await session.output.send(pieces)
        if cursor.done:
            return ok("Fetched.")
        between = cursor.between
        try:
            # Not session.call: between two steps a body may be half told.
            pieces = await session.hop(lambda: server.db.read(cursor.step))
        except Exception:
            if not between:
                # The rest of a literal can't be left out: the client would take our answer for it.
                session.output.abort()
            raise


def _reads(item: object) -> bool:
    return isinstance(item, BodyItem) and not item.peek


OFFERS = (offer(Fetch, fetch, SELECTED),)

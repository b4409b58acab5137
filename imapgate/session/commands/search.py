"""SEARCH (RFC 3501 6.4.4), by number and by UID."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.folders import search as searching
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SELECTED, Reply, ok
from imapgate.wire.commands import Search
from imapgate.wire.responses import untagged


async def search(session: Session, command: Search) -> Reply:
    """Over what this session has been told of."""
    db, person, view = session.server.db, session.who, session.view

    def look() -> bytes:
        found = db.read(
            lambda tx: searching.search(
                tx, person, view.folder, view.uids, view.recent_from, command.key
            )
        )
        return _line(found if command.by_uid else [number for number, _ in view.numbered(found)])

    await session.output.send([await session.call(look, reads=True)])
    return ok("Searched.")


def _line(numbers: Sequence[int]) -> bytes:
    return untagged(b"SEARCH", *(b"%d" % number for number in numbers))


OFFERS = (offer(Search, search, SELECTED),)

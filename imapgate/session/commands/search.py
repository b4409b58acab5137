"""SEARCH (RFC 3501 6.4.4), by number and by UID."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imapgate.folders import search as searching
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SELECTED, Reply, ok
from imapgate.wire.commands import Search


async def search(session: Session, command: Search) -> Reply:
    """Over what this session has been told of."""
    person, view = session.who, session.view
    found = await session.read(
        lambda tx: searching.search(
            tx, person, view.folder, view.uids, view.recent_from, command.key
        )
    )
    numbers = found if command.by_uid else [number for number, _ in view.numbered(found)]
    await session.output.send(_line(numbers))
    return ok("Searched.")


def _line(numbers: Iterable[int]) -> Iterator[bytes]:
    yield b"* SEARCH"
    for number in numbers:
        yield b" %d" % number
    yield b"\r\n"


OFFERS = (offer(Search, search, SELECTED),)

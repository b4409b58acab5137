"""SEARCH (RFC 3501 6.4.4), by number and by UID, with its result options (RFC 4731, 5182, 9394)
and MODSEQ (RFC 7162)."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from imapgate.folders import changed
from imapgate.folders.search import SearchCursor
from imapgate.session import telling
from imapgate.session.output import Gone
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SELECTED, Reply, State, bad, ok
from imapgate.wire.commands import HasModseq, Returns, Search, SearchKey, Sort, keys_in
from imapgate.wire.esearch import EVERYTHING, esearch, referred
from imapgate.wire.responses import untagged


async def search(session: Session, command: Search) -> Reply:
    """Over what this session has been told of. `$` keeps its value until the search has
    succeeded (RFC 5182 2.1); whoever answers NO empties it."""
    if command.charset and "UTF8=ACCEPT" in session.enabled:
        return bad("There is one charset only since you enabled UTF8=ACCEPT.")  # RFC 6855 3
    returns = command.returns or (EVERYTHING if session.rev2 else None)
    await answer(session, command, b"SEARCH", returns, lambda found: found)
    return ok("Searched.")


async def answer(
    session: Session,
    command: Search | Sort,
    name: bytes,
    returns: Returns | None,
    in_order: Callable[[list[int]], list[int]],
) -> None:
    """Looks and tells. name: of the answer where there are no `returns`. in_order: gets the UIDs
    that were found, ascending, in the hop."""
    db, person, view, tag = session.server.db, session.who, session.view, session.tag
    asks_modseq = names_modseq(command.key)
    cursor = cursor_of(session, command.key)

    def look() -> tuple[bytes, Sequence[int]]:
        found = in_order(walked(session, cursor))
        named = found if returns is None else referred(returns, found)
        modseq = None
        if asks_modseq:
            ascending = sorted(named)
            highest = db.read(lambda tx: changed.highest(tx, person, view.folder.id, ascending))
            # What was changed on the way may not have been seen: the client shall ask for it again.
            modseq = None if highest is None else min(highest, cursor.modseq)
        said = found if command.by_uid else [number for number, _ in view.numbered(found)]
        if returns is None:
            return _line(name, said, modseq), ()
        saved = array(view.uids.typecode, named) if returns.saves else ()
        return esearch(tag, command.by_uid, returns, said, modseq), saved

    line, saved = await session.call(look, True, lambda: (cursor.looked_at, len(cursor)))
    if asks_modseq:
        telling.becomes_aware(session)
    if returns is not None and returns.saves:
        view.saved = saved
    await session.output.send([line])


def cursor_of(session: Session, key: SearchKey) -> SearchCursor:
    """Over the messages of the folder that is selected."""
    view = session.view
    return SearchCursor(session.who, view.folder, view.uids, view.recent_from, view.saved, key)


def walked(session: Session, cursor: SearchCursor) -> list[int]:
    """What it finds. For the hop."""
    db = session.server.db
    db.read(cursor.step)
    while not cursor.done:
        if session.state is State.LOGOUT:
            raise Gone
        db.read(cursor.step)
    return cursor.found


def names_modseq(key: SearchKey) -> bool:
    """Whether the session is to be told of mod-sequences from now on (RFC 7162 3.1)."""
    return any(isinstance(one, HasModseq) for one in keys_in(key))


def _line(name: bytes, numbers: Sequence[int], modseq: int | None) -> bytes:
    said = [b"%d" % number for number in numbers]
    if modseq is not None:
        said.append(b"(MODSEQ %d)" % modseq)
    return untagged(name, *said)


OFFERS = (offer(Search, search, SELECTED, "ESEARCH", "SEARCHRES", "WITHIN", "SAVEDATE", "PARTIAL"),)

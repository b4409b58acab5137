"""SEARCH (RFC 3501 6.4.4), by number and by UID, with its result options (RFC 4731, 5182, 9394)
and MODSEQ (RFC 7162)."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

from imapgate.folders import changed
from imapgate.folders.search import SearchCursor
from imapgate.session import telling
from imapgate.session.output import Gone
from imapgate.session.registry import offer
from imapgate.session.session import Session
from imapgate.session.state import SELECTED, Reply, State, bad, ok
from imapgate.wire.commands import HasModseq, Search, keys_in
from imapgate.wire.esearch import EVERYTHING, esearch, referred
from imapgate.wire.responses import untagged


async def search(session: Session, command: Search) -> Reply:
    """Over what this session has been told of. `$` keeps its value until the search has
    succeeded (RFC 5182 2.1); whoever answers NO empties it."""
    db, person, view, tag = session.server.db, session.who, session.view, session.tag
    if command.charset and "UTF8=ACCEPT" in session.enabled:
        return bad("There is one charset only since you enabled UTF8=ACCEPT.")  # RFC 6855 3
    returns = command.returns or (EVERYTHING if session.rev2 else None)

    key = command.key
    asks_modseq = any(isinstance(one, HasModseq) for one in keys_in(key))
    cursor = SearchCursor(person, view.folder, view.uids, view.recent_from, view.saved, key)

    def look() -> tuple[bytes, Sequence[int]]:
        db.read(cursor.step)
        while not cursor.done:
            if session.state is State.LOGOUT:
                raise Gone
            db.read(cursor.step)
        found = cursor.found
        named = found if returns is None else referred(returns, found)
        modseq = None
        if asks_modseq:
            modseq = db.read(lambda tx: changed.highest(tx, person, view.folder.id, named))
        said = found if command.by_uid else [number for number, _ in view.numbered(found)]
        if returns is None:
            return _line(said, modseq), ()
        saved = array(view.uids.typecode, named) if returns.saves else ()
        return esearch(tag, command.by_uid, returns, said, modseq), saved

    line, saved = await session.call(look, True, lambda: (cursor.looked_at, len(cursor)))
    if asks_modseq:
        telling.becomes_aware(session)
    if returns is not None and returns.saves:
        view.saved = saved
    await session.output.send([line])
    return ok("Searched.")


def _line(numbers: Sequence[int], modseq: int | None) -> bytes:
    said = [b"%d" % number for number in numbers]
    if modseq is not None:
        said.append(b"(MODSEQ %d)" % modseq)
    return untagged(b"SEARCH", *said)


OFFERS = (offer(Search, search, SELECTED, "ESEARCH", "SEARCHRES", "WITHIN", "SAVEDATE", "PARTIAL"),)

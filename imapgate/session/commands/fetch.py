"""FETCH (RFC 3501 6.4.5, BINARY RFC 3516), by number and by UID."""

from __future__ import annotations

from dataclasses import replace

from imapgate.folders import changed, flags
from imapgate.folders.reading import FetchCursor, Vanished
from imapgate.folders.sign_in import Person
from imapgate.session import telling
from imapgate.session.registry import offer
from imapgate.session.selected import Selected
from imapgate.session.session import Session
from imapgate.session.state import SELECTED, Reply, bad, no, no_such_message, ok
from imapgate.session.streaming import stream
from imapgate.wire.commands import BinaryItem, BodyItem, Fetch, Item
from storage import Tx


async def fetch(session: Session, command: Fetch) -> Reply:
    """In batches, each one hop and one short read, no faster than the client reads
    (docs/rules.md 18). Without PEEK messages become \\Seen first, and their flags are told
    along."""
    person, view, db = session.who, session.view, session.server.db
    manner, since = telling.manner(session), command.changed_since
    if command.vanished and not manner.vanished:
        return bad("Enable QRESYNC first.")
    shows_modseq = Item(b"MODSEQ") in command.items
    sees = view.writable and any(_reads(item) for item in command.items)

    def begin() -> tuple[FetchCursor, list[bytes], int, int] | None:
        uids = view.resolve(command.numbers, command.by_uid)
        if uids is None:
            return None
        if command.partial is not None:
            uids = command.partial.of(uids)
        gone: list[tuple[int, int]] = []
        if since is not None:
            named = uids
            uids, gone = db.read(lambda tx: _since(tx, person, view, command, since, named))
        told = list(telling.vanished(gone, earlier=True))
        seen: frozenset[int] = frozenset()
        before = after = 0
        if sees and uids:
            seen, before, after = flags.see(db, person, view.folder, uids)
        cursor = FetchCursor(
            person,
            view.folder,
            view.numbered(uids),
            command.items,
            view.recent_from,
            seen,
            command.by_uid,
            manner.modseq or shows_modseq,
        )
        return cursor, told + db.read(cursor.step), before, after

    begun = await session.call(begin, reads=not sees)
    if begun is None:
        return no_such_message()
    cursor, pieces, before, after = begun
    view.moved_on(before, after)
    if shows_modseq:
        telling.becomes_aware(session)
    # What others did in between may have a lower modseq than what is told here.
    look = shows_modseq or (manner.modseq and view.modseq < after)
    try:
        await stream(session, cursor, pieces)
    except Vanished:
        return replace(no("EXPUNGEISSUED", "Some of these messages are gone."), look=look)
    return replace(_done(cursor), look=look)


def _done(cursor: FetchCursor) -> Reply:
    """Everything that can be told has been (RFC 5530, RFC 3516 4.3)."""
    if cursor.damaged:
        return _damaged(cursor.damaged)
    if cursor.unknown_encodings:
        text = "Not all parts sent: their transfer encoding is unknown here. Ask for BODY instead."
        return no("UNKNOWN-CTE", text)
    return ok("Fetched.")


def _since(
    tx: Tx, person: Person, view: Selected, command: Fetch, since: int, uids: list[int]
) -> tuple[list[int], list[tuple[int, int]]]:
    """Those of uids that were changed since, and what has gone, if that is asked for."""
    folder_id = view.folder.id
    gone: list[tuple[int, int]] = []
    if command.vanished:
        known = view.uids
        gone = changed.vanished_since(tx, folder_id, since, command.numbers, known, view.uidnext)
    return changed.uids_since(tx, person, folder_id, since, uids), gone


def _damaged(messages: int) -> Reply:
    count = "One message is" if messages == 1 else f"{messages} messages are"
    return no("CORRUPTION", f"{count} damaged in the database and not sent; see imapgate doctor.")


def _reads(item: object) -> bool:
    return isinstance(item, BodyItem | BinaryItem) and not item.peek


OFFERS = (offer(Fetch, fetch, SELECTED, "BINARY"),)

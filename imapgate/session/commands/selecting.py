"""SELECT, EXAMINE, CHECK, CLOSE (RFC 3501 6.3.1, 6.3.2, 6.4.1, 6.4.2; select parameters RFC 7162),
UNSELECT (RFC 3691)."""

from __future__ import annotations

from contextlib import suppress

from imapgate.folders import changed, drops, leaving, object_ids, opening, tree
from imapgate.folders.opening import Opened
from imapgate.session import news, telling
from imapgate.session.commands.listing import one as listed
from imapgate.session.registry import offer
from imapgate.session.selected import Selected
from imapgate.session.session import Session
from imapgate.session.state import SELECTED, SIGNED_IN, Reply, bad, no_such_folder, ok
from imapgate.wire.commands import Check, Close, Examine, Resync, Select, Unselect
from imapgate.wire.responses import status
from storage import Tx
from storage.engine import Unavailable


async def select(session: Session, command: Select) -> Reply:
    return await _select(session, command, writable=True)


async def examine(session: Session, command: Examine) -> Reply:
    return await _select(session, command, writable=False)


async def check(_session: Session, _command: Check) -> Reply:
    """Always looks for news, as NOOP does (RFC 3501 6.4.1)."""
    return ok("Done.", look=True)


async def close(session: Session, _command: Close) -> Reply:
    """Expunges without a word what may go; nothing after EXAMINE."""
    view, person, client = session.view, session.who, session.client
    db, spool = session.server.db, session.server.spool

    def work() -> None:
        drops.settle(db, spool, person)
        db.write(lambda tx: leaving.expunge(tx, person, view.folder, None, "CLOSE", client))

    if view.writable and "e" in view.folder.rights:
        await session.call(work)
    session.deselect()
    return ok("Closed.")


async def unselect(session: Session, _command: Unselect) -> Reply:
    session.deselect()
    return ok("Unselected.")


async def _select(session: Session, command: Select | Examine, writable: bool) -> Reply:
    """Whatever comes of it, what was selected before is no longer (RFC 3501 6.3.1); CLOSED parts
    what is told of the one folder from the other (RFC 7162 3.2.11)."""
    name, resync = command.name, command.resync
    if resync is not None and not telling.manner(session).vanished:
        return bad("Enable QRESYNC first.")
    if session.selected is not None:
        session.output.write(status(None, b"OK", "The folder before is closed.", "CLOSED"))
    session.deselect()
    if command.condstore:
        telling.becomes_aware(session)
    heard, of_people = session.server.hub.heard, session.server.hub.heard_of_people
    person, limits = session.who, session.server.limits

    def look(tx: Tx) -> tuple[Opened, Selected, bytes] | None:
        folder = tree.find(tx, person, name)
        if folder is None:
            return None
        opened = opening.open_folder(tx, person, folder)
        view = Selected(
            opened, writable and "s" in folder.rights, not session.rev2, limits.keywords
        )
        if resync is None:
            return opened, view, b""
        return opened, view, _resynced(tx, session, opened, view, resync)

    found = await session.reach(look)
    if found is None:
        return no_such_folder(name)
    opened, view, missed = found
    last = opened.uidnext - 1
    # Only SELECT makes messages old, and only if there are new ones.
    if view.writable and view.recent_from <= last:
        folder_id = opened.folder.id
        # Where nothing can be written, they are \Recent once more: no harm done.
        with suppress(Unavailable):
            await session.write(lambda tx: opening.claim_recent(tx, person, folder_id, last))
    session.select(view, last if view.writable else 0)
    if session.server.hub.heard != heard:
        session.news.folder_changed()
    if session.server.hub.heard_of_people != of_people:
        session.server.dismissals.look()
    _tell(session, view, opened, name)
    await session.output.send([missed])
    if view.writable:
        return ok("Selected.", "READ-WRITE")
    return ok("Opened for reading.", "READ-ONLY")


def _resynced(tx: Tx, session: Session, opened: Opened, view: Selected, resync: Resync) -> bytes:
    """What the client missed, expunges first (RFC 7162 3.2.5, 3.2.6)."""
    folder, manner = opened.folder, telling.manner(session)
    found = changed.resync(
        tx, session.who, folder.id, folder.uidvalidity, opened.uids, opened.uidnext, resync
    )
    lines = [
        *telling.vanished(found.vanished, earlier=True),
        *(telling.fetch(view, one, manner) for one in found.flags),
    ]
    return b"".join(lines)


def _tell(session: Session, view: Selected, opened: Opened, name: str) -> None:
    """IMAP4rev2 has LIST, and no UNSEEN (RFC 9051 6.3.2)."""
    write = session.output.write
    write(news.flags_line(view))
    write(news.permanent_flags(view))
    write(news.counts(view))
    unseen = None if opened.first_unseen is None else view.number(opened.first_unseen)
    if unseen is not None and not session.rev2:
        write(status(None, b"OK", "The first unseen message.", f"UNSEEN {unseen}"))
    write(status(None, b"OK", "UIDs are valid.", f"UIDVALIDITY {view.folder.uidvalidity}"))
    write(status(None, b"OK", "The next UID.", f"UIDNEXT {opened.uidnext}"))
    write(telling.highest_modseq(view.told))
    code = object_ids.code(view.folder.uidvalidity)
    write(status(None, b"OK", "What the folder is called for good.", code))
    if session.rev2:
        write(listed(session, view.folder, name))


OFFERS = (
    offer(Select, select, SIGNED_IN),
    offer(Examine, examine, SIGNED_IN),
    offer(Check, check, SELECTED),
    offer(Close, close, SELECTED),
    offer(Unselect, unselect, SELECTED, "UNSELECT"),
)

"""STORE (RFC 3501 6.4.6), by number and by UID."""

from __future__ import annotations

from imapgate.folders import flags
from imapgate.folders.flags import Stored
from imapgate.session.news import fetch_flags, grown_keywords
from imapgate.session.registry import offer
from imapgate.session.selected import Selected
from imapgate.session.session import Session
from imapgate.session.state import SELECTED, Reply, no, no_such_message, ok
from imapgate.wire.commands import Store

READ_ONLY = no("CANNOT", "The folder is open for reading only.")
GONE = no("EXPUNGEISSUED", "These messages are gone.")


async def store(session: Session, command: Store) -> Reply:
    """Sets what may be set; FETCH shows the rest, even where the client wanted silence, so that it
    knows what came of it (docs/rules.md 16)."""
    db, limits = session.server.db, session.server.limits
    person, view = session.who, session.view
    if not view.writable:
        return READ_ONLY

    def work() -> tuple[bool, Stored, list[bytes], list[bytes]] | None:
        uids = view.resolve(command.numbers, command.by_uid)
        if uids is None:
            return None
        stored = db.write(
            lambda tx: flags.store(
                tx, person, view.folder, uids, command.mode, command.flags, limits
            )
        )
        return bool(uids), stored, _new_keywords(view, stored), _told(view, command, stored)

    done = await session.call(work)
    if done is None:
        return no_such_message()
    named, stored, new, told = done
    await session.output.send([grown_keywords(view, (*view.keywords, *new)), *told])
    view.moved_on(stored.before, stored.after)
    if stored.limit:
        return no("LIMIT", f"A folder has at most {limits.keywords} keywords.")
    if stored.all_refused:
        return no("NOPERM", f"You may not set that in {view.folder.title}.")
    if named and not (stored.flags or command.silent or command.by_uid):
        return GONE  # RFC 2180 4.2.2
    return ok("Stored.")


def _told(view: Selected, command: Store, stored: Stored) -> list[bytes]:
    return [
        fetch_flags(view, uid, ready, command.by_uid)
        for uid, ready in stored.flags
        if not command.silent or uid in stored.refused
    ]


def _new_keywords(view: Selected, stored: Stored) -> list[bytes]:
    known = {name.lower() for name in view.keywords}
    used = dict.fromkeys(name for _, ready in stored.flags for name in ready.split())
    return [name for name in used if not name.startswith(b"\\") and name.lower() not in known]


OFFERS = (offer(Store, store, SELECTED),)

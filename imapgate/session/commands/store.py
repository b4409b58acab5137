"""STORE (RFC 3501 6.4.6), by number and by UID; UNCHANGEDSINCE (RFC 7162 3.1.3)."""

from __future__ import annotations

from dataclasses import replace

from imapgate.folders import flags
from imapgate.folders.flags import Stored
from imapgate.session import telling
from imapgate.session.news import grown_keywords
from imapgate.session.registry import offer
from imapgate.session.selected import Selected
from imapgate.session.session import Session
from imapgate.session.state import SELECTED, Reply, no, no_such_message, ok
from imapgate.session.telling import Manner
from imapgate.wire.commands import Store
from imapgate.wire.numbers import write_set

READ_ONLY = no("CANNOT", "The folder is open for reading only.")
GONE = no("EXPUNGEISSUED", "These messages are gone.")


async def store(session: Session, command: Store) -> Reply:
    """Sets what may be set; FETCH shows the rest, even where the client wanted silence, so that it
    knows what came of it (docs/rules.md 16), and so of what was changed meanwhile."""
    db, limits = session.server.db, session.server.limits
    person, view, unchanged_since = session.who, session.view, command.unchanged_since
    if not view.writable:
        return READ_ONLY
    manner = telling.manner(session)
    if unchanged_since is not None:
        manner = Manner(uid=True, modseq=True, vanished=manner.vanished)

    def work() -> tuple[bool, Stored, list[bytes], bytes] | None:
        uids = view.resolve(command.numbers, command.by_uid)
        if uids is None:
            return None
        stored = db.write(
            lambda tx: flags.store(
                tx, person, view.folder, uids, command.mode, command.flags, limits, unchanged_since
            )
        )
        told = _told(view, command, stored, manner)
        return bool(uids), stored, _new_keywords(view, stored), told

    done = await session.call(work)
    if done is None:
        return no_such_message()
    named, stored, new, told = done
    if unchanged_since is not None:
        telling.becomes_aware(session)
    await session.output.send([grown_keywords(view, (*view.keywords, *new)), told])
    view.moved_on(stored.before, stored.after)
    if stored.limit:
        return no("LIMIT", f"A folder has at most {limits.keywords} keywords.")
    if stored.all_refused:
        return no("NOPERM", f"You may not set that in {view.folder.title}.")
    if named and not (stored.flags or command.silent or command.by_uid):
        return GONE  # RFC 2180 4.2.2
    # What others did in between has a lower modseq than what was told just now.
    look = manner.modseq and view.modseq < stored.after
    if not stored.modified:
        return ok("Stored.", look=look)
    return ok("Stored, but for what was changed meanwhile.", _modified(view, command, stored), look)


def _told(view: Selected, command: Store, stored: Stored, manner: Manner) -> bytes:
    """A silent STORE tells a client that knows CONDSTORE the new mod-sequences (RFC 7162 3.1.3)."""
    manner = replace(manner, uid=manner.modseq or command.by_uid)
    surprising = stored.refused | stored.modified
    told = []
    for one in stored.flags:
        changed = one.modseq == stored.after != stored.before
        if not command.silent or one.uid in surprising:
            told.append(telling.fetch(view, one, manner))
        elif manner.modseq and (changed or command.unchanged_since is not None):
            told.append(telling.fetch(view, one, manner, flags=False))
    return b"".join(told)


def _modified(view: Selected, command: Store, stored: Stored) -> str:
    """MODIFIED, in the numbers that the client used."""
    uids = sorted(stored.modified)
    numbers = uids if command.by_uid else [number for number, _ in view.numbered(uids)]
    return f"MODIFIED {write_set(numbers).decode('ascii')}"


def _new_keywords(view: Selected, stored: Stored) -> list[bytes]:
    known = {name.lower() for name in view.keywords}
    used = dict.fromkeys(name for one in stored.flags for name in one.flags.split())
    return [name for name in used if not name.startswith(b"\\") and name.lower() not in known]


OFFERS = (offer(Store, store, SELECTED),)

"""What others did to the selected folder and to this person, told where RFC 3501 allows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, DeferredLock

from imapgate.connections.clock import Timer
from imapgate.folders import flags, incidents, opening, sign_in, tree
from imapgate.folders.opening import Changes
from imapgate.folders.reading import FetchCursor, Vanished
from imapgate.folders.sign_in import Standing
from imapgate.folders.verdict import Verdict
from imapgate.session import dismissals, telling
from imapgate.session.output import Gone
from imapgate.session.selected import Selected
from imapgate.session.state import Farewell
from imapgate.session.streaming import stream
from imapgate.session.telling import Manner
from imapgate.wire.commands import Event, FetchItem, Item
from imapgate.wire.responses import flag_list, status, untagged
from storage import Tx
from storage.engine import Unavailable

if TYPE_CHECKING:
    from imapgate.session.session import Session

LOOK_AGAIN = 5.0
"""Seconds after which IDLE tries again to read news that it could not read."""
SYSTEM_FLAGS = (b"\\Answered", b"\\Flagged", b"\\Deleted", b"\\Seen", b"\\Draft")


class News:
    """The hub marks it, a command's end or IDLE tells it: one hop, and only if there is a mark."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = DeferredLock()
        self._folder = False
        self._people = False
        self._pushing = False
        self._away = False
        """The last look failed: the database is away."""
        self._again: Timer | None = None
        self._made: set[int] = set()

    @property
    def due(self) -> bool:
        """There may be something to tell between two commands, to who wants that (NOTIFY)."""
        watch = self._session.watch
        if watch.selected is None or self._away:
            return False
        return watch.marked or self._people or (self._folder and bool(watch.selected.events))

    def folder_changed(self) -> None:
        """The selected folder has changed (from the hub)."""
        self._folder = True
        self.push()

    def people_changed(self) -> None:
        """People, rights or folders' names have changed (from the hub)."""
        self._people = True
        self._folder = True
        self.push()

    def start_pushing(self) -> None:
        """IDLE: from here on news go out as they come (RFC 2177)."""
        self._pushing = True
        self._folder = True
        self.push()

    def stop_pushing(self) -> None:
        self._pushing = False
        self._dont_look_again()

    async def check_person(self) -> None:
        """Before a command: still welcome, and with which rights? Costs nothing without a mark.

        Raises Farewell, Unavailable."""
        session = self._session
        person, view = session.person, session.selected
        if not self._people or person is None:
            return
        self._people = False

        def look(tx: Tx) -> tuple[Standing | None, tree.Folder | None]:
            folder = None if view is None else tree.find_by_id(tx, person, view.folder.id)
            known = sign_in.standing(tx, {person.id: (person.segment_id, ())})
            return known.get(person.id), folder

        try:
            standing, folder = await session.read(look)
        except BaseException:
            self._people = True
            raise
        reason = dismissals.against(session, standing)
        if reason is not None:
            raise Farewell(reason)
        if view is None:
            return
        if folder is None:
            raise Farewell(dismissals.NO_FOLDER)
        if flags.permanent(folder) != flags.permanent(view.folder):
            view.folder = folder
            session.output.write(permanent_flags(view))
        view.folder = folder

    async def tell(self, expunge: bool, look: bool = False) -> int | None:
        """Before a tagged answer. expunge: whether EXPUNGE may be told (RFC 3501 7.4.1); look: even
        without a mark. Gives the HIGHESTMODSEQ that the client has to hear, if any. Raises
        Farewell, Gone."""
        found: int | None = await self._lock.run(
            lambda: Deferred.fromCoroutine(self._tell(expunge, look))
        )
        return found

    async def tell_between(self) -> None:
        """Between two commands, to who has asked for it. Raises Farewell, Gone."""
        selected = self._session.watch.selected
        delayed = selected is not None and selected.delayed
        await self._lock.run(lambda: Deferred.fromCoroutine(self._tell_now(not delayed)))
        if self._away:
            self._look_again()

    def made(self, verdict: Verdict) -> None:
        """This session itself put them there: nothing is fetched of them unasked."""
        view, folder = self._session.selected, verdict.folder
        if view is not None and folder is not None and view.folder.id == folder.id:
            self._made.update(verdict.uids)

    async def _tell_now(self, expunge: bool) -> None:
        """Where no answer follows that could carry it."""
        highest = await self._tell(expunge, look=False)
        if highest is not None:
            self._session.output.write(telling.highest_modseq(highest))

    async def _tell(self, expunge: bool, look: bool) -> int | None:
        """A client must not take the mod-sequences that it has seen for all that there is to know
        while something is held back, and hears of it once that is told (RFC 7162 3.2, 6)."""
        session = self._session
        self._away = False
        await self._check_quietly()
        await session.output.send(await session.watch.lines())
        self._away = self._away or session.watch.marked
        view, wanted = session.selected, session.watch.selected
        if view is None:
            self._folder = False
            return None
        manner = telling.manner(session)
        told, unread = None, False
        if wanted is not None and not wanted.events:
            self._folder, unread = False, look
        elif look or self._folder:
            told = await self._changes(view, expunge, manner)
        if told is None:
            told = _Told.of(view, None, expunge, manner)
        await session.output.send([told.lines])
        made, self._made = self._made, set()
        if wanted is not None and wanted.items:
            new = [uid for uid in told.arrived if uid not in made]
            await self._fetch(view, new, wanted.items, manner)
        behind = manner.modseq and (view.told < view.modseq or self._away or unread)
        return view.told if behind or (manner.vanished and told.expunged) else None

    async def _fetch(
        self, view: Selected, uids: Sequence[int], items: Sequence[FetchItem], manner: Manner
    ) -> None:
        """What NOTIFY wants of new messages; nothing becomes \\Seen by it."""
        session = self._session
        db, person = session.server.db, session.who
        if manner.modseq:
            items = (*items, Item(b"UID"), Item(b"MODSEQ"))

        def begin() -> tuple[FetchCursor, list[bytes]]:
            numbered = view.numbered(uids)
            cursor = FetchCursor(person, view.folder, numbered, items, view.recent_from)
            return cursor, db.read(cursor.step)

        if not uids:
            return
        try:
            await stream(session, *await session.hop(begin, reads=True))
        except (Unavailable, Vanished):
            # The client knows of the message; what it needs of it, it asks for.
            return

    async def _check_quietly(self) -> None:
        """A command that is done stays done when the database is away meanwhile."""
        try:
            await self.check_person()
        except Unavailable:
            self._away = True

    async def _changes(self, view: Selected, expunge: bool, manner: Manner) -> _Told | None:
        """Ready-made in the hop: there may be one for each message. None when the database is
        away; the mark stays then."""
        session = self._session
        person = session.person
        if person is None:
            return None
        self._folder = False
        wanted = session.watch.selected
        silent = wanted is not None and Event.FLAG_CHANGE not in wanted.events

        def look() -> _Told:
            found = session.server.db.read(
                lambda tx: opening.changes(tx, person, view.folder.id, view.modseq, view.uidnext)
            )
            if found.folder is None:
                raise Farewell(dismissals.NO_FOLDER)
            if silent and found.flags:
                view.hold_back()
                found = replace(found, flags=[])
            return _Told.of(view, found, expunge, manner)

        try:
            return await session.call(look, reads=True)
        except Unavailable:
            self._away = self._folder = True
            return None

    def push(self) -> None:
        """There is something to tell, or may be: at once in IDLE, and to who has used NOTIFY."""
        if self._pushing and not self._lock.locked:
            self._lock.run(lambda: Deferred.fromCoroutine(self._push_all()))
        elif not self._pushing and self._session.watch.selected is not None:
            self._session.connection.push()

    def _look_again(self) -> None:
        """Soon: no further commit may come to tell of."""
        self._dont_look_again()
        self._again = self._session.server.clock.callLater(LOOK_AGAIN, self._try_again)

    def _try_again(self) -> None:
        self._away = False
        self.push()

    def _dont_look_again(self) -> None:
        if self._again is not None and self._again.active():
            self._again.cancel()
        self._again = None

    async def _push_all(self) -> None:
        try:
            while self._pushing and (self._folder or self._people or self._session.watch.marked):
                await self._tell_now(expunge=True)
                if self._away:
                    self._look_again()
                    return
        except Farewell as farewell:
            self._session.end(farewell.text)
        except Gone:
            self._pushing = False
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            self._pushing = False
            incidents.report(error, "IDLE")


def permanent_flags(view: Selected) -> bytes:
    """`* OK [PERMANENTFLAGS (...)]`; none where nothing can be kept (RFC 3501 7.1), and no `\\*`
    once the folder has as many keywords as it may (RFC 9051 7.1)."""
    kept = flags.permanent(view.folder) if view.writable else ()
    if b"\\*" in kept:
        most = view.most_keywords
        new = (b"\\*",) if most is None or len(view.keywords) < most else ()
        kept = (*kept[: kept.index(b"\\*")], *view.keywords, *new)
    code = f"PERMANENTFLAGS {flag_list(kept).decode('ascii')}"
    return status(None, b"OK", "Flags that are kept.", code)


def flags_line(view: Selected) -> bytes:
    """`* FLAGS (...)`: what messages of the folder may carry."""
    return untagged(b"FLAGS", flag_list((*SYSTEM_FLAGS, *view.keywords)))


def counts(view: Selected) -> bytes:
    """EXISTS and RECENT; no RECENT in IMAP4rev2 (RFC 9051 appendix E)."""
    said = b"* %d EXISTS\r\n" % len(view)
    return said if view.recent is None else said + b"* %d RECENT\r\n" % view.recent


def grown_keywords(view: Selected, keywords: tuple[bytes, ...]) -> bytes:
    """Takes the folder's keywords over; the lines that tell new ones, before they are used."""
    if set(keywords) <= set(view.keywords):
        return b""
    view.keywords = keywords
    return flags_line(view) + permanent_flags(view)


@dataclass(frozen=True, slots=True)
class _Told:
    """arrived: UIDs that are new to the session. expunged: something that has gone is told."""

    lines: bytes
    arrived: Sequence[int]
    expunged: bool

    @classmethod
    def of(cls, view: Selected, changes: Changes | None, expunge: bool, manner: Manner) -> _Told:
        """Takes the changes into the view and says so, in an order that holds for the client
        too."""
        lines: list[bytes] = []
        if changes is not None:
            if changes.folder is not None:
                view.folder = changes.folder
            lines.append(grown_keywords(view, changes.keywords))
            view.expunge(changes.expunged)
            lines += [
                telling.fetch(view, one, manner)
                for one in changes.flags
                if not view.is_expunged(one.uid)
            ]
        expunged = telling.expunged(view, manner) if expunge else ()
        lines += expunged
        if changes is None:
            return cls(b"".join(lines), (), bool(expunged))
        if view.arrive(changes.arrived):
            lines.append(counts(view))
        view.modseq = max(view.modseq, changes.modseq)
        return cls(b"".join(lines), changes.arrived, bool(expunged))

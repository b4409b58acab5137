"""NOTIFY of one session (RFC 5465): what it watches beside the selected folder, and what it tells
of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from imapgate.folders import names, watching
from imapgate.folders.watching import Asked, Counted, Known, Named, Told
from imapgate.session.folder_lines import (
    NO_ACCESS,
    NONEXISTENT,
    Standing,
    attributes,
    list_line,
    old_name,
    status_line,
)
from imapgate.wire.commands import (
    Command,
    Create,
    Delete,
    MailboxEvents,
    Rename,
    SelectedEvents,
    SetMetadata,
    Subscribe,
    Unsubscribe,
)
from imapgate.wire.responses import astring, untagged
from storage import Tx
from storage.engine import Unavailable

if TYPE_CHECKING:
    from imapgate.session.session import Session

NOTHING = SelectedEvents(frozenset(), delayed=False)


class _Shown:
    """Hears where other activities may be folders now: news of names, for its watch alone."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch

    def folder_changed(self) -> None:
        self._watch.people_changed()

    def people_changed(self) -> None:
        """The watch hears of that itself."""


class Watch:
    """The hub marks it; `lines` gives what is to be told, where an untagged response may stand."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.selected: SelectedEvents | None = None
        """Of the selected folder; None: NOTIFY hasn't been used, everything is told in commands."""
        self._asked: Asked | None = None
        self._known = Known()
        self._moved = False
        self._names = False
        self._own: tuple[str, ...] = ()
        self._shown = _Shown(self)

    @property
    def marked(self) -> bool:
        """There may be something to tell."""
        return self._moved or self._names

    def folder_changed(self) -> None:
        """A watched folder has changed (from the hub)."""
        self._moved = True
        self._session.news.push()

    def people_changed(self) -> None:
        """People, rights, folders' names or subscriptions have changed (from the hub)."""
        self._names = True
        self._session.news.push()

    async def begin(
        self, selected: SelectedEvents | None, others: Sequence[MailboxEvents], status: bool
    ) -> list[bytes]:
        """In place of what was asked for before. Returns STATUS of what is watched, if that is
        wanted. Raises what reading raises; then nothing has changed."""
        session, hub = self._session, self._session.server.hub
        person, asked, heard = session.who, Asked(others), hub.heard
        here = None if session.selected is None else session.selected.folder.id
        limits = session.server.limits

        def look(tx: Tx) -> tuple[Known, list[bytes]]:
            known, counted = watching.begin(tx, person, asked, here, limits)
            return known, [self._counted(one, begins=True) for one in counted] if status else []

        known, told = await session.read(look)
        self.end()
        self.selected = selected or NOTHING
        if others:
            self._asked = asked
            hub.join(self)
            if asked.names:
                hub.watch(watching.SHOWN, self._shown)
            self._take(known, heard)
        return told

    def end(self) -> None:
        """NOTIFY NONE, and the end of the session: nothing is told of any folder."""
        hub = self._session.server.hub
        self.selected = NOTHING
        self._asked = None
        hub.leave(self)
        hub.unwatch(watching.SHOWN, self._shown)
        for folder_id in _watched(self._known):
            hub.unwatch(folder_id, self)
        self._known = Known()
        self._moved = self._names = False

    def done(self, command: Command) -> None:
        """A command of this session has run: what it did to names isn't told back (RFC 5465 5)."""
        own: tuple[str, ...]
        match command:
            case Create() | Delete() | Subscribe() | Unsubscribe():
                own = (command.name,)
            case Rename():
                own = (command.name, command.new_name)
            case SetMetadata():
                own = (command.name,)
            case _:
                return
        if self._asked is not None:
            above = (names.parent(names.normal(name)) for name in own)
            self._own = (*own, *(name for name in above if name is not None))
            self._names = True

    async def lines(self) -> list[bytes]:
        """Untagged LIST and STATUS. One hop, and only if there is a mark; where the database is
        away the marks stay."""
        asked, known, session = self._asked, self._known, self._session
        if asked is None or not self.marked:
            return []
        names_too, own, heard = self._names, self._own, session.server.hub.heard
        self._moved = self._names = False
        self._own = ()
        person = session.who
        here = None if session.selected is None else session.selected.folder.id
        limits = session.server.limits

        def look(tx: Tx) -> tuple[Known, list[bytes]]:
            """The lines too: there may be a thousand."""
            now, told = watching.look(tx, person, asked, known, names_too, here, limits, own)
            return now, [self._line(one) for one in told]

        try:
            now, told = await session.read(look)
        except Unavailable:
            self._moved, self._names, self._own = True, names_too, own
            return []
        if self._asked is asked:
            self._take(now, heard)
        return told

    def _take(self, known: Known, heard: int) -> None:
        """heard: by the hub, before it was read."""
        hub = self._session.server.hub
        if hub.heard != heard:
            # Of what is watched from now on a commit may have been missed.
            self._moved = self._names = True
        before, now = _watched(self._known), _watched(known)
        for folder_id in before - now:
            hub.unwatch(folder_id, self)
        for folder_id in now - before:
            hub.watch(folder_id, self)
        self._known = known

    def _line(self, told: Told) -> bytes:
        match told:
            case Named():
                return self._named(told)
            case Counted():
                return self._counted(told)
        name = self._session.mailbox(told.folder.name)
        entries = (astring(entry.encode("ascii")) for entry in told.entries)
        return untagged(b"METADATA", name, *entries)

    def _named(self, told: Named) -> bytes:
        folder = told.folder
        if not told.here:
            said: tuple[bytes, ...] = (NONEXISTENT,)
        elif not told.accessible:
            said = (NO_ACCESS,)
        else:
            said = attributes(folder, folder.subscribed)
        mailbox = self._session.mailbox
        before = b"" if told.old_name is None else old_name(mailbox(told.old_name))
        return list_line(b"LIST", said, mailbox(folder.name), before)

    def _counted(self, told: Counted, begins: bool = False) -> bytes:
        """begins: what a client that knows nothing yet needs (RFC 5465 3.1)."""
        modseq = told.flags if begins else "CONDSTORE" in self._session.enabled
        items: list[bytes] = []
        if told.messages:
            items += [b"UIDNEXT", b"MESSAGES"]
        if told.flags or begins:
            items.append(b"UIDVALIDITY")
        if told.flags:
            items.append(b"UNSEEN")
        if modseq:
            items.append(b"HIGHESTMODSEQ")
        counts = told.status
        of = Standing(told.folder, counts, self._session.server.limits, counts.modseq)
        return status_line(self._session.mailbox(told.folder.name), items, of)


def _watched(known: Known) -> frozenset[int]:
    """Of which the hub tells."""
    return frozenset((*known.marks, *known.notes))

"""One connection as its commands see it: who, in which state, with what selected."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from imapgate.folders import incidents, opening
from imapgate.folders.activity_folders import making
from imapgate.folders.sign_in import Admission, Person
from imapgate.session.news import News
from imapgate.session.output import Gone, Output
from imapgate.session.registry import Extensions
from imapgate.session.selected import Selected
from imapgate.session.server import Server
from imapgate.session.state import State
from imapgate.session.watching import Watch
from imapgate.wire.responses import in_progress, mailbox, status
from storage import Tx
from storage.engine import Unavailable

T = TypeVar("T")
REACHED = 3
"""Times that folders are made for one look: more appear meanwhile only as activities open."""


class Connection(Protocol):
    """What a command may ask of the protocol below."""

    def next_line(self) -> Deferred[bytes | None]:
        """A line outside of commands (AUTHENTICATE's answer, DONE); None if it was too long."""

    def start_tls(self) -> None:
        """From here on TLS; what was buffered is dropped."""

    def start_compression(self) -> None:
        """From here on in both directions; what was buffered is dropped."""

    def push(self) -> None:
        """Tells news now if the client is to speak, else after the command that runs."""

    def end(self, text: str) -> None:
        """`* BYE` and the end."""

    def dismiss(self, text: str) -> None:
        """As end, if the client is to speak; a command that runs tells by itself. Who doesn't read
        is cut off."""


class Session:
    """address: of the client. secure: under TLS. client: name and version from ID, cleaned."""

    def __init__(
        self,
        server: Server,
        output: Output,
        connection: Connection,
        address: str,
        secure: bool,
        extensions: Extensions,
    ) -> None:
        """extensions: what the commands that are there bring."""
        self.server = server
        self.output = output
        self.connection = connection
        self.address = address
        self.secure = secure
        self.extensions = extensions
        self.state = State.NOT_AUTHENTICATED
        self.client = ""
        self.tag = b""
        """Of the command that runs, for responses that name it; b"" between two."""
        self.enabled: set[str] = set()
        """What the client has enabled (RFC 5161), or asked for in a way that enables it."""
        self.failures = 0
        self.watch = Watch(self)
        self.news = News(self)
        self.dismissed: str | None = None
        """Why the session ends, or its folder is lost, once that is known: what streams breaks
        off."""
        self._admission: Admission | None = None
        self._selected: Selected | None = None
        self._claimed = 0

    @property
    def admission(self) -> Admission | None:
        """None before sign-in."""
        return self._admission

    @property
    def person(self) -> Person | None:
        """None before sign-in."""
        return None if self._admission is None else self._admission.person

    @property
    def who(self) -> Person:
        """The person of a command that needs one: the registry lets it in after sign-in only."""
        if self._admission is None:
            raise RuntimeError("nobody has signed in")
        return self._admission.person

    @property
    def selected(self) -> Selected | None:
        return self._selected

    @property
    def view(self) -> Selected:
        """The selected folder of a command that needs one, as with `who`."""
        if self._selected is None:
            raise RuntimeError("no folder is selected")
        return self._selected

    @property
    def rev2(self) -> bool:
        """IMAP4rev2 is spoken (RFC 9051)."""
        return "IMAP4REV2" in self.enabled

    @property
    def utf8(self) -> bool:
        """Mailbox names go both ways in UTF-8, and quoted strings may hold it (RFC 6855)."""
        return self.rev2 or "UTF8=ACCEPT" in self.enabled

    def forget_result(self) -> None:
        """`$` names nothing from now on: a SEARCH that was to be saved failed (RFC 5182 2.1)."""
        if self._selected is not None:
            self._selected.saved = ()

    def mailbox(self, name: str) -> bytes:
        """A mailbox's name as this client reads it."""
        return mailbox(name, self.utf8)

    @property
    def takes_passwords(self) -> bool:
        return self.server.takes_passwords(self.address, self.secure)

    def sign_in(self, admission: Admission) -> bool:
        """False if the user has too many sessions. Raises Gone."""
        if self.state is State.LOGOUT:
            raise Gone
        if not self.server.sessions.sign_in(admission.person.id):
            return False
        self._admission = admission
        self.state = State.AUTHENTICATED
        self.server.hub.join(self.news)
        self.server.dismissals.join(self)
        return True

    def select(self, view: Selected, claimed: int) -> None:
        """claimed: the highest UID that no later session will see as \\Recent. Raises Gone."""
        if self.state is State.LOGOUT:
            raise Gone
        self.deselect()
        self._selected = view
        self._claimed = claimed
        self.state = State.SELECTED
        self.server.hub.watch(view.folder.id, self.news)

    def deselect(self) -> None:
        """Leaves the selected folder, without expunge. Nothing happens if there is none."""
        view, self._selected = self._selected, None
        self.dismissed = None
        if view is None:
            return
        self.state = State.AUTHENTICATED
        self.server.hub.unwatch(view.folder.id, self.news)
        last = view.uids[-1] if view.uids else 0
        if view.recent is not None and view.writable and last > self._claimed:
            self._claim_recent(self.who, view.folder.id, last)

    def close(self) -> None:
        """The connection is gone."""
        self.news.stop_pushing()
        self.watch.end()
        self.deselect()
        self.state = State.LOGOUT
        if self._admission is not None:
            self.server.hub.leave(self.news)
            self.server.dismissals.leave(self)
            self.server.sessions.sign_out(self._admission.person.id)
            self._admission = None

    def end(self, text: str) -> None:
        self.connection.end(text)

    def dismiss(self, text: str) -> None:
        """See dismissals."""
        self.dismissed = text
        self.connection.dismiss(text)

    async def read(self, work: Callable[[Tx], T]) -> T:
        """One hop, one read transaction. Raises what work raises, Unavailable."""
        return await self.call(lambda: self.server.db.read(work), reads=True)

    async def reach(self, look: Callable[[Tx], T]) -> T:
        """As read; what look finds unmade (making.Unmade) is made, and looked at again. Raises what
        look raises, Unavailable."""
        for _ in range(REACHED):
            try:
                return await self.read(look)
            except making.Unmade as unmade:
                db, person, folders = self.server.db, self.who, unmade.folders
                await self.call(lambda: making.make_found(db, person, folders))  # noqa: B023 (awaited)
        return await self.read(look)

    async def write(self, work: Callable[[Tx], T]) -> T:
        """One hop; returns after the durable commit. Raises what work raises, Unavailable."""
        return await self.call(lambda: self.server.db.write(work))

    async def call(
        self,
        work: Callable[[], T],
        reads: bool = False,
        progress: Callable[[], tuple[int, int]] | None = None,
    ) -> T:
        """One hop off the reactor. While it lasts the client hears now and then that we live, so:
        only where a response of its own may stand. reads: see hop. progress: how much of how much
        is done, read while work runs (RFC 9585)."""
        clock, every = self.server.clock, self.server.limits.keepalive

        def tell() -> None:
            if not self.output.paused:
                code = in_progress(self.tag, None if progress is None else progress())
                self.output.write(status(None, b"OK", "Still working.", code))
            timers.append(clock.callLater(every, tell))

        timers = [clock.callLater(every, tell)]
        try:
            return await self.hop(work, reads)
        finally:
            timers[-1].cancel()

    def hop(self, work: Callable[[], T], reads: bool = False) -> Deferred[T]:
        """One hop off the reactor, in this user's turn, without a word meanwhile. reads: it writes
        nothing, so it needn't wait until others' commits leave it a thread."""
        server = self.server
        if self._admission is None:
            return server.call(work)
        return server.turns.call(self._admission.person.id, server.call, work, reads)

    def _claim_recent(self, person: Person, folder_id: int, up_to: int) -> None:
        """Without waiting: what the client saw as \\Recent is \\Recent no longer."""
        db = self.server.db
        claimed = self.hop(
            lambda: db.write(lambda tx: opening.claim_recent(tx, person, folder_id, up_to))
        )
        claimed.addErrback(_not_claimed)


def _not_claimed(failure: Failure) -> None:
    """Then a message is \\Recent once more: no harm done."""
    error = failure.value
    if isinstance(error, Exception) and not isinstance(error, Unavailable):
        incidents.report(error, "claiming \\Recent")

"""Ends the sessions of those whose account was closed, whose password was changed, or who lost the
folder that they have selected (docs/rules.md 14): as soon as it is known, not with their next
command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred

from imapgate.connections.clock import Clock, Timer
from imapgate.connections.turns import Call
from imapgate.folders import incidents, sign_in
from imapgate.folders.sign_in import Standing
from storage import Database
from storage.engine import Unavailable

if TYPE_CHECKING:
    from imapgate.session.session import Session

NO_FOLDER = "The selected folder is gone, or you may no longer see it."
NOT_WELCOME = "Your account has been closed."
NEW_PASSWORD = "Your password has been changed: sign in again."  # noqa: S105  # says so
BETWEEN = 0.1
"""Seconds between two looks that are due at once: people's rights may change in a row."""
REST = 10
"""So many times as long as a look took is it until the next: with a thousand people a look costs
60 ms of a processor, and each folder that somebody makes calls for one."""
AGAIN = 1.0
"""Seconds after which a look is tried again while the database is away."""


def against(session: Session, standing: Standing | None) -> str | None:
    """What speaks against the session's going on, but for the folder; None: nothing."""
    if standing is None:
        return NOT_WELCOME
    admission = session.admission
    if admission is not None and admission.password_hash != standing.password_hash:
        return NEW_PASSWORD
    return None


class Dismissals:
    """One look at a time, in one hop, for all sessions of the process."""

    def __init__(self, db: Database, call: Call, clock: Clock) -> None:
        self._db = db
        self._call = call
        self._clock = clock
        self._sessions: set[Session] = set()
        self._due = False
        self._looking = False
        self._began = 0.0
        self._timer: Timer | None = None

    def join(self, session: Session) -> None:
        """From sign-in on."""
        self._sessions.add(session)

    def leave(self, session: Session) -> None:
        self._sessions.discard(session)
        if not self._sessions and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def look(self) -> None:
        """People or rights have changed, or may have."""
        self._due = True
        if not self._looking and self._timer is None:
            self._begin()

    def _begin(self) -> None:
        self._timer = None
        self._due = False
        if self._sessions:
            self._looking = True
            self._began = self._clock.seconds()
            Deferred.fromCoroutine(self._look()).addCallback(self._over)

    async def _look(self) -> float:
        """Seconds until the next look. Who comes, or selects another folder, meanwhile is passed
        over: their own reading is later than what made this one due, or asks for another."""
        present = {session: _folder(session) for session in self._sessions}
        people: dict[int, tuple[int, set[int]]] = {}
        for session, folder_id in present.items():
            person = session.who
            selected = people.setdefault(person.id, (person.segment_id, set()))[1]
            if folder_id is not None:
                selected.add(folder_id)
        try:
            known = await self._call(lambda: self._db.read(lambda tx: sign_in.standing(tx, people)))
        except Unavailable:
            self._due = True
            return AGAIN
        except Exception as error:  # noqa: BLE001 (reported with its traceback)
            incidents.report(error, "looking who may stay")
            return BETWEEN
        for session, folder_id in present.items():
            if session not in self._sessions:
                continue
            standing = known.get(session.who.id)
            reason = against(session, standing)
            still_selected = folder_id is not None and folder_id == _folder(session)
            if reason is None and standing is not None and still_selected:
                reason = None if folder_id in standing.seen else NO_FOLDER
            if reason is not None:
                session.dismiss(reason)
        return BETWEEN

    def _over(self, seconds: float) -> None:
        self._looking = False
        if self._due and self._sessions:
            took = self._clock.seconds() - self._began
            self._timer = self._clock.callLater(max(seconds, REST * took), self._begin)


def _folder(session: Session) -> int | None:
    return None if session.selected is None else session.selected.folder.id

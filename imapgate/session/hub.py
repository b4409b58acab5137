"""Takes news of commits from whichever thread brings them to the sessions that they concern."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from storage.changes import Change, ChangeFeed


class Listener(Protocol):
    """A session, as the hub knows it; called in the reactor."""

    def folder_changed(self) -> None: ...
    def people_changed(self) -> None: ...


class Hub:
    """One hop into the reactor per commit, however many sessions there are."""

    def __init__(
        self,
        feed: ChangeFeed,
        to_reactor: Callable[[Callable[[], None]], None],
        people_changed: Callable[[], None],
    ) -> None:
        """people_changed: called in the reactor after the sessions have been told."""
        self._sessions: set[Listener] = set()
        self._watchers: dict[int, set[Listener]] = {}
        self._to_reactor = to_reactor
        self._people_changed = people_changed
        self.heard = 0
        """Commits heard of; whoever opens a folder sees by it whether one fell in between."""
        self.heard_of_people = 0
        """Those of them that changed people, rights or folders' names."""
        self.close = feed.subscribe(self._committed)
        """Hears no more."""

    def join(self, session: Listener) -> None:
        """From sign-in on: news of people and rights."""
        self._sessions.add(session)

    def leave(self, session: Listener) -> None:
        self._sessions.discard(session)

    def watch(self, folder_id: int, session: Listener) -> None:
        """News of this folder too."""
        self._watchers.setdefault(folder_id, set()).add(session)

    def unwatch(self, folder_id: int, session: Listener) -> None:
        watchers = self._watchers.get(folder_id, set())
        watchers.discard(session)
        if not watchers:
            self._watchers.pop(folder_id, None)

    def _committed(self, change: Change) -> None:
        self._to_reactor(lambda: self._tell(change))

    def _tell(self, change: Change) -> None:
        self.heard += 1
        if change.people:
            self.heard_of_people += 1
            for session in tuple(self._sessions):
                session.people_changed()
            self._people_changed()
        for folder_id in change.folders & self._watchers.keys():
            for session in tuple(self._watchers[folder_id]):
                session.folder_changed()

"""News of commits, of this process at once and of other processes by change rows and PRAGMA data_version."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """What one or more commits touched."""

    folders: frozenset[int]
    people: bool


class ChangeFeed:
    """Calls listeners after a commit, on whichever thread saw it (a listener only hands on)."""

    def subscribe(self, listener: Callable[[Change], None]) -> Callable[[], None]:
        """Returns the function that ends the subscription."""
        raise NotImplementedError

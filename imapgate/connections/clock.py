"""Time as sessions use it: the reactor, or `twisted.internet.task.Clock` in tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from twisted.internet.defer import Deferred


class Timer(Protocol):
    """Twisted's IDelayedCall."""

    def cancel(self) -> None: ...
    def active(self) -> bool: ...


class Clock(Protocol):
    """Twisted's IReactorTime."""

    def seconds(self) -> float: ...
    def callLater(self, delay: float, callable: Callable[[], object], /) -> Timer: ...  # noqa: N802


def pause(clock: Clock, seconds: float) -> Deferred[None]:
    """Fires after so many seconds; at once if there are none."""
    over: Deferred[None] = Deferred()
    if seconds <= 0:
        over.callback(None)
        return over
    clock.callLater(seconds, lambda: over.callback(None))
    return over

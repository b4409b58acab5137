"""A connection's timers, each by its name, and taking up in turns what has come."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from imapgate.connections.clock import Clock, Timer

FAIR = 0.01
"""Seconds that one client's pipelined commands may take before others get their turn."""


class Timers:
    """At most one of a name."""

    __slots__ = ("_clock", "_running")

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._running: dict[str, Timer] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._running

    def set(self, name: str, seconds: float, then: Callable[[], object]) -> None:
        """In place of the one of that name."""

        def ring() -> None:
            del self._running[name]
            then()

        self.cancel(name)
        self._running[name] = self._clock.callLater(seconds, ring)

    def cancel(self, name: str) -> None:
        """Nothing if there is none."""
        timer = self._running.pop(name, None)
        if timer is not None:
            timer.cancel()

    def cancel_all(self) -> None:
        for name in list(self._running):
            self.cancel(name)


class Pausable(Protocol):
    """What is used of Twisted's transports."""

    def pauseProducing(self) -> object: ...  # noqa: N802
    def resumeProducing(self) -> object: ...  # noqa: N802


class Pump:
    """Reads on only while the session keeps up: what is pipelined waits in the network."""

    __slots__ = ("_clock", "_may_go_on", "_reading", "_running", "_take", "_timers", "_transport")

    def __init__(
        self,
        transport: Pausable,
        clock: Clock,
        timers: Timers,
        may_go_on: Callable[[], bool],
        take: Callable[[], bool],
    ) -> None:
        """may_go_on: nothing has to wait, and the session hasn't ended. take: takes up one thing;
        False: more must arrive before."""
        self._transport = transport
        self._clock = clock
        self._timers = timers
        self._may_go_on = may_go_on
        self._take = take
        self._running = False
        self._reading = True

    @property
    def is_due(self) -> bool:
        """Nothing has to wait, not even for others' turn."""
        return self._may_go_on() and "turn" not in self._timers

    def run(self) -> None:
        """Takes up what is complete, until something has to wait or others should have a turn."""
        if self._running:
            return
        self._running = True
        until = self._clock.seconds() + FAIR
        try:
            while self._may_go_on() and self._take():
                if self._clock.seconds() > until:
                    self._timers.set("turn", 0, self.run)
                    break
        finally:
            self._running = False
        if self.is_due and not self._reading:
            self._reading = True
            self._transport.resumeProducing()

    def pause(self) -> None:
        if self._reading:
            self._reading = False
            self._transport.pauseProducing()

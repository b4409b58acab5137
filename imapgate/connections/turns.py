"""Nobody's sessions take all the threads, and what waits for commits doesn't either: so many hops
one user has at a time, and so many that may write all users together; the rest wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from twisted.internet.defer import Deferred, DeferredSemaphore

T = TypeVar("T")


class Call(Protocol):
    """Runs work off the reactor; the Deferred fires in the reactor with what it gave or raised."""

    def __call__(self, work: Callable[[], T], /) -> Deferred[T]: ...


class Turns:
    """Hops by person; of one person they begin in the order in which they were asked for."""

    def __init__(self, most: int, writing: int) -> None:
        """most: hops of one person at a time. writing: hops of everybody that may write."""
        self._most = most
        self._writing = DeferredSemaphore(writing)
        self._gates: dict[int, DeferredSemaphore] = {}

    def call(
        self, person_id: int, call: Call, work: Callable[[], T], reads: bool = False
    ) -> Deferred[T]:
        """call(work), when it is this person's turn. To be called in the reactor. reads: it waits
        for no commit, and so for nobody's."""
        gate = self._gates.get(person_id)
        if gate is None:
            gate = self._gates[person_id] = DeferredSemaphore(self._most)
        hop = gate.run(call, work) if reads else gate.run(self._writing.run, call, work)
        return hop.addBoth(self._over, person_id, gate)

    def _over(self, result: T, person_id: int, gate: DeferredSemaphore) -> T:
        if gate.tokens == gate.limit:
            self._gates.pop(person_id, None)
        return result

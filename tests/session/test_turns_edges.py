"""One user's many sessions and the others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from transcript import Stage
from twisted.internet.defer import Deferred
from world import World

from imapgate.connections.turns import Turns


class Threads:
    """Takes any number of works and finishes them by hand."""

    def __init__(self) -> None:
        self.running: list[Deferred[Any]] = []

    def call(self, work: Callable[[], Any]) -> Deferred[Any]:
        running: Deferred[Any] = Deferred()
        running.addCallback(lambda _: work())
        self.running.append(running)
        return running


def test_a_user_has_so_many_hops_and_others_have_theirs() -> None:
    """What waits begins in order as others end; nothing is remembered afterwards."""
    threads, turns = Threads(), Turns(2, 10)
    ended: list[str] = []
    for person_id, name in ((1, "a"), (1, "b"), (1, "c"), (2, "d")):
        turns.call(person_id, threads.call, lambda name=name: name).addCallback(ended.append)
    assert len(threads.running) == 3
    threads.running[2].callback(None)
    assert ended == ["d"]
    threads.running[0].callback(None)
    assert len(threads.running) == 4
    threads.running[3].callback(None)
    threads.running[1].callback(None)
    assert ended == ["d", "a", "c", "b"]
    assert turns._gates == {}


def test_a_failed_hop_gives_its_turn_back() -> None:
    threads, turns = Threads(), Turns(1, 1)
    failed: list[Any] = []
    turns.call(1, threads.call, lambda: 1 // 0).addErrback(failed.append)
    threads.running[0].callback(None)
    assert failed[0].check(ZeroDivisionError)
    assert turns._gates == {}


def test_all_users_together_have_so_many_hops_that_may_write() -> None:
    """Reading goes past those who wait; a failed one gives its place back."""
    threads, turns = Threads(), Turns(2, 2)
    failed: list[Any] = []
    for person_id in (1, 2, 3):
        turns.call(person_id, threads.call, lambda: None).addErrback(failed.append)
    assert len(threads.running) == 2
    turns.call(3, threads.call, lambda: None, reads=True)
    turns.call(4, threads.call, lambda: None, reads=True)
    assert len(threads.running) == 4
    threads.running[0].errback(ValueError())
    assert len(threads.running) == 5
    for running in threads.running[1:]:
        running.callback(None)
    assert len(failed) == 1
    assert turns._gates == {}


@pytest.fixture
def narrow(world: World) -> Any:
    made = Stage(world, hops=2)
    yield made
    made.close()


def test_sessions_that_wait_for_commits_leave_threads_to_others(narrow: Stage) -> None:
    """Three sessions of alice write; bob still reads."""
    for name in ("alice", "alice2", "alice3", "bob"):
        narrow.client(name)
    narrow.hold = True
    narrow.run("""
        C: a CREATE one
        alice2 C: a CREATE two
        alice3 C: a CREATE three
        bob C: a STATUS INBOX (MESSAGES)
    """)
    assert len(narrow._held) == 3
    narrow.hold = False
    narrow.release()
    narrow.run("""
        S: a OK ...
        alice2 S: a OK ...
        alice3 S: a OK ...
        bob S: * STATUS INBOX (MESSAGES 0)
        bob S: a OK ...
    """)

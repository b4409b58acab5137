"""Who tries passwords and hangs up."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest
from transcript import Stage
from world import World

from imapgate.connections.attempts import LONGEST_PAUSE, Attempts
from imapgate.folders import sign_in
from imapgate.limits import Limits


@pytest.fixture
def slow(world: World) -> Iterator[Stage]:
    """With the pauses of a real server."""
    made = Stage(world, limits=Limits())
    yield made
    made.close()


def test_a_row_of_attempts_is_bounded() -> None:
    """However many come: the right password waits a while at most, or hears so."""
    attempts = Attempts(2.0)
    attempts.failed("alice", "::1", 0.0)
    pauses = [attempts.pause("alice", "::1", 0.0) for _ in range(1000)]
    assert max(one for one in pauses if one is not None) == LONGEST_PAUSE
    assert pauses[-1] is None
    assert attempts.pause("alice", "::1", 4.0) == LONGEST_PAUSE - 2.0


def test_too_long_a_row_is_told(slow: Stage) -> None:
    slow.server.entrance.attempts.failed("alice@standard", "127.0.0.1", 0.0)
    for _ in range(100):
        slow.server.entrance.attempts.pause("alice@standard", "127.0.0.1", 0.0)
    slow.run("""
        new S: * OK ...
        new C: a LOGIN alice@Standard demo
        new S: a NO [LIMIT] ...
        new C: a NOOP
        new S: a OK ...
    """)


def test_a_long_row_that_hung_up_is_passed_over(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    """A thousand sign-ins wait for the four that are being checked, and go away."""
    stage = Stage(world, limits=replace(Limits(), sessions_per_address=2000))
    stage.hold = True
    for at in range(1000):
        stage.connect(f"new{at}").send(b"a LOGIN nobody%d@Standard x\r\n" % at)
    for client in stage.clients.values():
        client.lose()
    stage.hold = False
    stage.release()
    stage.clock.pump([0.0] * 1000)
    assert stage.server.entrance.sign_ins.tokens == stage.server.entrance.sign_ins.limit
    stage.clock.advance(60)
    stage.close()
    assert not [one for one in caplog.records if one.levelno > logging.WARNING], caplog.text[:2000]


def test_no_password_is_checked_for_who_hung_up(
    slow: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waited for its turn, and the connection went."""
    checked: list[str] = []
    monkeypatch.setattr(sign_in, "sign_in", lambda _db, login, _password: checked.append(login))
    slow.server.entrance.attempts.failed("alice@standard", "127.0.0.1", 0.0)
    slow.server.entrance.attempts.pause("alice@standard", "127.0.0.1", 0.0)
    slow.run("""
        new S: * OK ...
        new C: a LOGIN alice@Standard demo
        new -- lost
        -- 60
    """)
    assert checked == []

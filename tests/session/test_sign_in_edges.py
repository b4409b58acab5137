"""Who tries passwords and hangs up."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from transcript import Stage
from world import World

from imapgate.folders import sign_in
from imapgate.limits import Limits
from imapgate.session.attempts import LONGEST_PAUSE, Attempts


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
    slow.server.attempts.failed("alice@standard", "127.0.0.1", 0.0)
    for _ in range(100):
        slow.server.attempts.pause("alice@standard", "127.0.0.1", 0.0)
    slow.run("""
        new S: * OK ...
        new C: a LOGIN alice@Standard demo
        new S: a NO [LIMIT] ...
        new C: a NOOP
        new S: a OK ...
    """)


def test_no_password_is_checked_for_who_hung_up(
    slow: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It waited for its turn, and the connection went."""
    checked: list[str] = []
    monkeypatch.setattr(sign_in, "sign_in", lambda _db, login, _password: checked.append(login))
    slow.server.attempts.failed("alice@standard", "127.0.0.1", 0.0)
    slow.server.attempts.pause("alice@standard", "127.0.0.1", 0.0)
    slow.run("""
        new S: * OK ...
        new C: a LOGIN alice@Standard demo
        new -- lost
        -- 60
    """)
    assert checked == []

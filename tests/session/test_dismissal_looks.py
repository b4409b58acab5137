"""When it is looked who may stay: seldom, in one hop for everybody, again after a failure."""

from __future__ import annotations

import pytest
from dismissing import CLOSED, change, disable
from transcript import Stage
from world import World

from imapgate.activities import users
from imapgate.folders import sign_in as sign_in_module
from storage import Database, Tx
from storage.engine import Unavailable


def test_many_changes_are_one_look(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """However fast people's rights change: one look runs, the next comes a tenth of a second
    later, and each is one hop for everybody."""
    looks: list[int] = []
    standing = sign_in_module.standing

    def counted(tx: Tx, people: dict[int, object]) -> object:
        looks.append(len(people))
        return standing(tx, people)  # type: ignore[arg-type]

    stage.client("alice")
    stage.client("alice2")
    stage.client("bob")
    monkeypatch.setattr(sign_in_module, "standing", counted)
    stage.hold = True
    for _ in range(100):
        change(stage, lambda tx: tx.touch_people())
    assert stage.held == 1
    stage.hold = False
    stage.release()
    assert looks == [2]
    stage.clock.advance(0.2)
    assert looks == [2, 2]
    stage.clock.advance(10)
    assert looks == [2, 2]


def test_looks_that_take_long_come_seldom(stage: Stage) -> None:
    """A look of one second is followed by ten without."""
    stage.client("alice")
    stage.hold = True
    change(stage, lambda tx: tx.touch_people())
    stage.clock.advance(1)
    disable(stage)
    stage.hold = False
    world = stage.world
    # What the first look read was before; here it runs late, so it is made to see nothing.
    world.db.write(lambda tx: users.set_disabled(tx, "alice@Standard", False))
    stage.release()
    world.db.write(lambda tx: users.set_disabled(tx, "alice@Standard"))
    stage.clock.advance(9.9)
    assert not stage.client("alice").read()
    stage.clock.advance(0.2)
    assert list(stage.client("alice").read()) == [CLOSED]


def test_a_look_is_tried_again_while_the_database_is_away(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.client("alice")

    def away(_work: object) -> object:
        raise Unavailable("gone")

    with monkeypatch.context() as patched:
        patched.setattr(stage.world.db, "read", away)
        disable(stage)
        stage.clock.advance(5)
        assert not stage.client("alice").read()
    stage.clock.advance(1)
    assert list(stage.client("alice").read()) == [CLOSED]


def test_a_look_that_fails_is_reported(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """And the next change looks again; a session's own next command looks too."""
    stage.client("alice")
    stage.client("alice2")

    def broken(*_: object) -> object:
        raise KeyError("of ours")

    with monkeypatch.context() as patched:
        patched.setattr(sign_in_module, "standing", broken)
        disable(stage)
    assert "looking who may stay" in caplog.text
    stage.run(f"""
        C: a NOOP
        S: {CLOSED}
        S: closed
    """)
    disable(stage, "carol")
    stage.run(f"""
        alice2 S: {CLOSED}
        alice2 S: closed
    """)


def test_another_processs_change_is_seen_without_a_command(stage: Stage, world: World) -> None:
    """By the watcher's look at the change rows."""
    stage.client("alice")
    other = Database.open(world.db.path)
    try:
        world.db.changes.check()
        other.write(lambda tx: users.set_disabled(tx, "alice@Standard"))
        assert not stage.client("alice").read()
        world.db.changes.check()
        stage.tell_news()
        assert list(stage.client("alice").read()) == [CLOSED]
    finally:
        other.close()

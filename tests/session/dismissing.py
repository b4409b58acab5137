"""Changes of people and rights that end sessions, for the tests of it."""

from __future__ import annotations

from collections.abc import Callable

from transcript import Stage

from imapgate.activities import users
from storage import Tx

CLOSED = "* BYE Your account has been closed."


def change(stage: Stage, work: Callable[[Tx], object]) -> None:
    """A commit by another process, as the server hears of it."""
    stage.world.db.write(work)
    stage.tell_news()


def disable(stage: Stage, who: str = "alice") -> None:
    change(stage, lambda tx: users.set_disabled(tx, f"{who}@Standard"))

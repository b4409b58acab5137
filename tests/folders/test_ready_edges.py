"""A message that an error of ours keeps from being read."""

from __future__ import annotations

import mailroom
import pytest
import world as worlds
from mailroom import body, item
from world import World

from imapgate.folders import drops, ready
from imapgate.folders.drops import Arrival
from imapgate.folders.verdict import Outcome
from imapgate.limits import Limits
from storage import Database


@pytest.fixture
def world(db: Database) -> World:
    return worlds.build(db)


@pytest.mark.parametrize("name", ["Drafts", "Trackers/Support"])
def test_what_cannot_be_read_is_stored_and_served(
    world: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """No message is refused for its form, and none is lost by a mistake of ours."""
    read = ready.read

    def broken(content: bytes) -> object:
        if content:
            raise IndexError("a mistake of ours")
        return read(content)

    monkeypatch.setattr(ready, "read", broken)
    arrival = Arrival(mailroom.PLAIN, (), None, 0)
    verdict = drops.append(world.db, world.alice, name, [arrival], "", Limits())
    assert verdict.outcome is Outcome.DONE, verdict
    monkeypatch.undo()
    uid = verdict.uids[0]
    asked = [item("RFC822.SIZE"), item("ENVELOPE"), item("BODYSTRUCTURE"), body(), body((1,))]
    served = mailroom.fetch(world, world.alice, name, [uid], asked)[uid]
    assert served["BODY[]"] == served["BODY[1]"] == mailroom.PLAIN
    assert int(served["RFC822.SIZE"]) == len(mailroom.PLAIN)

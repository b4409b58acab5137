"""What is in the outbox after a restore: nothing of it is sent by itself, since it may have been
sent after the backup."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import posting
import pytest
from command import Command
from posting import ANN, BEN, Relay, with_mailer
from world import World

from imapgate.outgoing import left_over, outbox
from imapgate.outgoing.sending import send_one
from imapgate.outgoing.work import send_due
from storage import Database, occupancy
from storage import outbox as rows


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occupancy, "PATIENCE", 0.0)


@contextmanager
def opened(command: Command) -> Iterator[World]:
    with closing(Database.open(command.data / "imapgate.db")) as db:
        yield World(db, 1, {}, {})


@pytest.mark.parametrize("there", [True, False], ids=["in its place", "elsewhere"])
def test_what_waited_is_held(acme: Command, tmp_path: Path, there: bool) -> None:
    """What was sent after the backup isn't sent twice; a person lets go what wasn't."""
    with opened(acme) as world:
        with_mailer(world)
        waits, begun, over, done = (posting.put(world) for _ in range(4))
        world.db.write(lambda tx: rows.claim(tx, begun))
        world.db.write(lambda tx: rows.claim(tx, over))
        world.db.write(lambda tx: rows.hand_over(tx, over, 1))
        send_one(world.db, done, Relay())
    acme.ok("backup", str(tmp_path / "b.db"))
    with opened(acme) as world:
        send_one(world.db, waits, Relay())
    target = acme if there else Command(tmp_path / "other")
    told = target.ok("restore", str(tmp_path / "b.db"), "--yes")
    assert "are held" in told
    if not there:
        target.ok("mailer", "edit", "main", "--active", "on")
    relay = Relay()
    with opened(target) as world:
        left_over.tidy(world.db, (), everything=True)  # a server starts
        send_due(world.db, relay, 100)
        numbers = (waits, begun, over, done)
        found = [posting.row_of(world.db, one) for one in numbers]
        assert [one.state for one in found] == [
            rows.WAITING,
            rows.WAITING,
            rows.UNCERTAIN,
            rows.SENT,
        ]
        assert found[0].text.startswith("Held, since the database was restored")
        assert ANN not in relay.got()
        new = posting.put(world, (BEN,))
        send_due(world.db, relay, 100)
        assert posting.row_of(world.db, new).state == rows.SENT
    assert "held" in target.ok("outbox", "list")
    assert target.json("outbox", "retry", "--all", "--kind", outbox.ACTIVITY) == [waits, begun]
    with opened(target) as world:
        send_due(world.db, relay, 100)
        assert posting.row_of(world.db, waits).state == rows.SENT

"""What is in the queue after a restore: as it was at the time of the backup."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from backing import FOLDER, supported
from coming_in import add_account, fail, row
from command import Command
from desk import Desk, mail
from world import World

from imapgate.activities.people import person
from imapgate.folders.verdict import Outcome
from imapgate.incoming import filing, queue
from imapgate.limits import Limits
from storage import Database, occupancy

FAILED = "Incoming/Failed"


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occupancy, "PATIENCE", 0.0)


@contextmanager
def opened(command: Command) -> Iterator[tuple[World, Desk]]:
    """The database, and anna, who administers its segment."""
    with closing(Database.open(command.data / "imapgate.db")) as db:
        anna = db.read(lambda tx: person(tx, "anna@Acme"))
        world = World(db, anna.segment_id, {"anna": anna}, {})
        yield world, Desk(world, anna)


def test_it_stands_as_it_stood_and_nothing_is_taken_twice(acme: Command, tmp_path: Path) -> None:
    """What was filed by hand since the backup waits again, and is the same mail when it is filed
    once more; what had been fetched is filed; what the queue knew it still knows."""
    supported(acme)
    origin, origin_key = "account 1 INBOX", "7.1"
    with opened(acme) as (world, anna):
        failed_row = fail(world, mail(n="failed"), add_account(world))
        fetched = queue.Fetched(origin_key, mail(n="fetched"))
        (taken,) = queue.take(world.db, queue.Origin(1, origin), [fetched], Limits())
        before = anna.folder(FAILED).uidvalidity
    acme.ok("backup", str(tmp_path / "b.db"))
    with opened(acme) as (world, anna):
        assert anna.move(FAILED, [1], FOLDER).outcome is Outcome.DONE
        filing.file_one(world.db, taken.row_id, Limits())
    acme.ok("restore", str(tmp_path / "b.db"), "--yes")
    with opened(acme) as (world, anna):
        states = [row(world, one).state for one in (failed_row, taken.row_id)]
        assert states == ["failed", "fetched"]
        assert anna.contents(FAILED) == [mail(n="failed")]
        assert anna.folder(FAILED).uidvalidity > before
        assert not queue.take(world.db, queue.Origin(1, origin), [fetched], Limits())[0].is_new
        assert anna.move(FAILED, [1], FOLDER).outcome is Outcome.DONE
        assert anna.contents(FAILED) == []
        assert mail(n="failed") in anna.contents(FOLDER)

"""Activities' messages after a backup was restored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from desk import Desk
from revising import SUPPORT, case, make
from world import build

from storage import Database, restoring
from storage.restoring import REVISIONS


def test_revisions_go_on_past_what_was_given_out(
    db: Database, db_path: Path, tmp_path: Path
) -> None:
    """What was written since the backup had the next number, and another text; what was due is
    written."""
    world = build(db)
    one, due = case(world), case(world, "Due")
    make(db)
    due.write(None, "Not yet written")
    db.close()
    restoring.prepare(db_path, tmp_path / "working.db")
    restoring.renew(tmp_path / "working.db", None)
    restored = Database.open(tmp_path / "working.db")
    try:
        world = replace(world, db=restored)
        assert make(restored) == 1
        again, alice = replace(one, world=world), Desk(world, world.alice)
        before = alice.rows(SUPPORT)
        assert b"Not yet written" in before[-1].content
        assert again.revision() == 1 + REVISIONS
        again.write(world.bob, "After it")
        assert make(restored) == 1
        assert again.revision() == 2 + REVISIONS
        (row,) = [row for row in alice.rows(SUPPORT) if row.activity_id == one.id]
        assert b"After it" in row.content
    finally:
        restored.close()

"""Which of the Message-IDs that a mail cites are known."""

from __future__ import annotations

from desk import Desk, mail, wrapper
from revising import case, make
from sqlalchemy.dialects import sqlite
from world import build

from storage import Database, cited, revisions
from storage.schema import rendering


def test_what_is_filed_written_or_wrapped_is_known_and_nothing_else(db: Database) -> None:
    world = build(db)
    case(world)
    make(db)
    alice = Desk(world, world.alice)
    alice.append("Trackers/Support", mail("One", 1), wrapper("> #10000001", mail("In", "in")))
    alice.append("Trackers/Archive", mail("Refused", "refused"))
    alice.append("INBOX", mail("Private", "private"))
    (own,) = db.read(lambda tx: tx.connection.execute(rendering.select()).all())
    assert db.read(lambda tx: revisions.by_message_id(tx, world.segment_id, own.message_id))
    names = ("m1", "min", "w", "mrefused", "mprivate", "nobody")
    asked = [own.message_id, *(f"{one}@example.com" for one in names)]
    found = db.read(lambda tx: cited.known(tx, world.segment_id, asked))
    assert found == {own.message_id, "m1@example.com", "min@example.com", "w@example.com"}
    assert db.read(lambda tx: cited.known(tx, world.segment_id + 1, asked)) == frozenset()


def test_they_are_looked_for_in_indexes(db: Database) -> None:
    """Each mail that cites others asks, and there may be millions."""
    asked = cited._KNOWN.params(of_segment=1, cited=["a@x", "b@x"]).compile(
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    plan = db.read(lambda tx: tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}").all())
    searches = [one[3] for one in plan if "SEARCH" in one[3] or "SCAN" in one[3]]
    assert len(searches) == 4
    assert all("by_message_id (segment_id=? AND message_id=?)" in one for one in searches)

"""The record of drops in the file: searched in one index, and kept by an upgrade."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import event
from storage_rows import make_principal, make_segment

from storage import Database, Tx, drop_log, drops, history, sqlite
from storage.drop_log import Wanted
from storage.drops import DropRow


def row(**columns: Any) -> DropRow:
    given = {
        "client": "",
        "command": "APPEND",
        "folder_id": None,
        "folder_name": "Trackers/Support",
        "verdict": "refused",
        "code": "CANNOT",
        "text": "",
        **columns,
    }
    return DropRow(**given)


def plans(db: Database, work: Callable[[Tx], object]) -> list[str]:
    """How SQLite searches drop_record for the statements of a work."""

    def explained(tx: Tx) -> list[str]:
        found: list[str] = []
        asked: list[tuple[str, Any]] = []

        def listen(_: Any, __: Any, statement: str, parameters: Any, *more: Any) -> None:
            asked.append((statement, parameters))

        event.listen(tx.connection, "before_cursor_execute", listen)
        try:
            work(tx)
        finally:
            event.remove(tx.connection, "before_cursor_execute", listen)
        for statement, parameters in asked:
            rows = tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found += [one[3] for one in rows if "drop_record" in one[3]]
        return found

    return db.read(explained)


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(segment_id=1),
        Wanted(principal_id=1),
        Wanted(verdict="refused"),
        Wanted(folder_name="trackers/support"),
        Wanted(since=1, until=9),
        Wanted(1, 1, "Trackers/Support", "refused", 1, 9),
    ],
)
def test_every_filter_is_looked_for_in_an_index_alone(db: Database, wanted: Wanted) -> None:
    """However rare it is among a million; a row is read only to be shown."""
    for search in (
        lambda tx: drop_log.count(tx, wanted),
        lambda tx: drop_log.place_of(tx, wanted, 1),
        lambda tx: drop_log.page(tx, wanted, (0, 0), 10),
    ):
        first, *rest = plans(db, search)
        assert "USING COVERING INDEX" in first, first
        assert all("USING INTEGER PRIMARY KEY" in one for one in rest), rest


def test_what_came_before_is_found_by_the_index_of_mails(db: Database) -> None:
    """Each drop looks for the one before, also of a mail that never came."""
    db.write(lambda tx: make_principal(tx, make_segment(tx)))
    for identities in ({b"x" * 32, b"y" * 32, None}, {b"x" * 32}, {None}):
        searches = plans(db, lambda tx, wanted=identities: drops._last(tx, 1, wanted))
        assert searches
        for one in searches:
            assert "INDEX drop_record_by_identity (principal_id=? AND identity=?)" in one or (
                "USING INTEGER PRIMARY KEY" in one
            ), one


def test_wrappers_are_found_by_the_index_of_their_message_ids(db: Database) -> None:
    """It holds wrappers alone; each mail that cites others looks into it."""

    def work(tx: Tx) -> list[tuple[int | None, str]]:
        segment_id = make_segment(tx)
        make_principal(tx, segment_id)
        filed = {"verdict": "filed", "is_wrapper": True}
        rows = [
            row(identity=b"x", message_id="w@x", numbers="[1]", **filed),
            row(identity=b"y", message_id="w@x", numbers="[2]", **filed),
            row(identity=b"z", message_id="w@x", is_wrapper=True),
            row(identity=b"a", message_id="w@x", verdict="filed"),
            row(identity=b"b", message_id="other@x", **filed),
        ]
        drops.add(tx, segment_id, 1, rows)
        found = drops.wrappers_by_message_id(tx, segment_id, "w@x", 9)
        assert drops.wrappers_by_message_id(tx, segment_id + 1, "w@x", 9) == []
        return [(one.activity_id, one.numbers) for one in found]

    assert db.write(work) == [(None, "[2]"), (None, "[1]")]
    (plan,) = plans(db, lambda tx: drops.wrappers_by_message_id(tx, 1, "w@x", 9))
    assert "INDEX drop_record_by_message_id (segment_id=? AND message_id=?)" in plan


def test_repeats_are_counted_in_the_last_record_of_their_mail(db: Database) -> None:
    """Within one command each message has its own; what differs comes between."""

    def work(tx: Tx) -> list[tuple[str | None, int]]:
        make_principal(tx, make_segment(tx))
        x, y, unread = row(identity=b"x"), row(identity=b"y"), row()
        drops.add(tx, 1, 1, [x, x, y, unread])
        drops.add(tx, 1, 1, [y, x, unread, unread])
        drops.add(tx, 1, 1, [row(identity=b"x", code="NOPERM"), x])
        found = drop_log.page(tx, Wanted(), (0, 0), 10)
        return [(one.code, one.times) for one in found]

    assert db.write(work) == [
        *[("CANNOT", 1), ("CANNOT", 2), ("CANNOT", 2), ("CANNOT", 3)],
        *[("NOPERM", 1), ("CANNOT", 1)],
    ]


def test_what_waited_is_counted_as_often_as_it_came(db: Database) -> None:
    """Refusals that are recorded later keep their time and their number."""

    def work(tx: Tx) -> int:
        make_principal(tx, make_segment(tx))
        drops.add(tx, 1, 1, [row(at=tx.now - 500)])
        drops.add(tx, 1, 1, [row(at=tx.now - 100, times=5, first_at=tx.now - 600)])
        drops.add(tx, 1, 1, [row(at=tx.now - 300)])
        return tx.now

    now = db.write(work)
    (one,) = db.read(lambda tx: drop_log.page(tx, Wanted(), (0, 0), 10))
    assert (one.times, one.first_at, one.at) == (7, now - 600, now - 100)


def test_an_upgrade_keeps_the_records(tmp_path: Path) -> None:
    """Each counts once; the new index is there."""
    path = tmp_path / "old.db"
    sqlite.make_file(path)
    config = Config()
    config.set_main_option("script_location", str(history.MIGRATIONS))
    with sqlite.creator(path).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO segment VALUES (1, 'S', 's', 1, NULL, NULL, 0)")
        connection.execute(
            "INSERT INTO principal (id, segment_id, name, name_key, password_hash, is_admin,"
            " disabled, created_at) VALUES (1, 1, 'a', 'a', '', 0, 0, 0)"
        )
        connection.execute(
            "INSERT INTO drop_record (segment_id, principal_id, at, client, command, folder_name,"
            " subject, verdict, text, numbers, is_wrapper)"
            " VALUES (1, 1, 7, 'c', 'APPEND', 'f', 's', 'filed', 't', '[]', 0)"
        )
    Database.upgrade(path)
    db = Database.open(path)
    try:
        (one,) = db.read(lambda tx: drop_log.page(tx, Wanted(), (0, 0), 10))
    finally:
        db.close()
    assert (one.at, one.first_at, one.times, one.subject) == (7, None, 1, "s")

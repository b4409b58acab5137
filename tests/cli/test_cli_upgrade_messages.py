"""`imapgate upgrade` of a database from before SORT, THREAD, OBJECTID and PREVIEW."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from command import Command
from doctoring import look, sql

from imapgate.folders import remaking
from storage import history, occupancy

_VERSIONS = Path(history.__file__).parent / "migrations" / "versions"


def _undone(name: str) -> list[str]:
    """Statements that take back what a migration made and added."""
    text = (_VERSIONS / name).read_text(encoding="utf-8")
    added = re.findall(r'add_column\(\s*"(\w+)",\s*sa\.Column\(\s*"(\w+)"', text)
    made = re.findall(r'create_table\(\s*"(\w+)"', text)
    indexes = re.findall(r'create_index\(\s*"(\w+)",\s*"(\w+)"', text)
    return [
        *(f"DROP INDEX {index}" for index, table in indexes if table not in made),
        *(f"ALTER TABLE {table} DROP COLUMN {column}" for table, column in added),
        *(f"DROP TABLE {table}" for table in made),
    ]


BEFORE = (
    *_undone("0006_activities_as_messages.py"),
    *_undone("0005_outgoing_mail.py"),
    *_undone("0004_incoming_mail.py"),
    "DROP TABLE message_order",
    "DROP TABLE folder_annotation",
    "ALTER TABLE message DROP COLUMN email_id",
    "ALTER TABLE message DROP COLUMN thread_id",
    "ALTER TABLE segment DROP COLUMN object_key",
    "ALTER TABLE folder DROP COLUMN messages",
    "ALTER TABLE folder DROP COLUMN octets",
    "UPDATE message_ready SET version = 1",
    "UPDATE alembic_version SET version_num = '0002'",
)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occupancy, "PATIENCE", 0.0)


def _rows(file: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(statement).fetchall()


def _ordered(file: Path) -> list[tuple[object, ...]]:
    return _rows(file, "SELECT * FROM message_order ORDER BY stored_message_id")


def _ids(file: Path) -> list[tuple[object, ...]]:
    return _rows(file, "SELECT email_id, thread_id FROM message ORDER BY id")


@pytest.fixture
def older(demo: Command) -> Command:
    """The demo's database as the version before would have made it."""
    sql(demo, *BEFORE)
    return demo


def test_old_messages_get_what_new_ones_have(demo: Command) -> None:
    """Rows as if they came today; the ids are new, each message's own, and stay."""
    file = demo.data / "imapgate.db"
    before = _ordered(file)
    count = len(before)
    held = _rows(file, "SELECT id, messages, octets FROM folder")
    sql(demo, *BEFORE)
    assert demo.json("upgrade")["made_anew"] == count
    assert _ordered(file) == before
    assert _rows(file, "SELECT id, messages, octets FROM folder") == held
    assert sum(messages for _, messages, _ in held) > 5
    ids = _ids(file)
    assert len({email_id for email_id, _ in ids}) == count
    assert all(re.fullmatch("M[0-9a-f]{20}", str(one)) for one, _ in ids)
    assert all(re.fullmatch("T[0-9a-f]{20}", str(one)) for _, one in ids)
    assert all(len(key) == 32 for (key,) in _rows(file, "SELECT object_key FROM segment"))
    assert demo.json("upgrade")["made_anew"] == 0
    assert _ids(file) == ids
    assert look(demo, "--full")["ready-made bytes"]["state"] == "ok"


def test_an_upgrade_that_was_cut_short_goes_on(
    older: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was done stays; `doctor` tells what is left."""
    file = older.data / "imapgate.db"
    count = len(_rows(file, "SELECT id FROM message"))
    monkeypatch.setattr(remaking, "TOGETHER", 2)
    mend, left = remaking._mend_all, [2]

    def cut(db, made):  # type: ignore[no-untyped-def]
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return mend(db, made)

    monkeypatch.setattr(remaking, "_mend_all", cut)
    older.run("upgrade")
    assert len(_ordered(file)) == 4 < count
    ids = _ids(file)
    assert look(older)["ready-made bytes"]["count"] == count - 4
    monkeypatch.undo()
    monkeypatch.setattr(occupancy, "PATIENCE", 0.0)
    told = older.json("upgrade")
    assert (told["backup"], told["made_anew"], told["damaged"]) == (None, count - 4, 0)
    assert _ids(file)[:4] == ids[:4]
    assert look(older, "--full")["ready-made bytes"]["state"] == "ok"


def test_a_damaged_message_stops_nothing_and_is_told(older: Command) -> None:
    sql(older, "UPDATE message_chunk SET bytes = zeroblob(length(bytes)) WHERE stored_message_id=2")
    text = older.ok("upgrade")
    assert "1 message is damaged" in text
    assert older.json("upgrade")["damaged"] == 1
    assert 2 not in {row[0] for row in _ordered(older.data / "imapgate.db")}


def test_an_old_backup_is_whole_when_it_is_restored(older: Command, tmp_path: Path) -> None:
    """What stands in it is made anew before it takes the database's place."""
    file = tmp_path / "b.db"
    older.ok("backup", str(file))
    older.ok("restore", str(file), "--yes")
    assert look(older, "--full")["ready-made bytes"]["state"] == "ok"


def test_users_contacts_are_staff_and_customers_where_they_reported(older: Command) -> None:
    """Everybody else is a customer, as before."""
    reported = "contact.id IN (SELECT reporting_contact_id FROM activity)"
    query = f"""SELECT is_customer, is_staff, principal.id IS NULL, {reported} FROM contact
        LEFT JOIN principal ON principal.contact_id = contact.id"""
    older.ok("upgrade")
    found = set(_rows(older.data / "imapgate.db", query))
    assert found <= {(1, 0, 1, 0), (1, 0, 1, 1), (0, 1, 0, 0), (1, 1, 0, 1)}
    assert {(1, 0, 1, 1), (0, 1, 0, 0)} <= found

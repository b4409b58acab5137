"""The database file: made, opened, upgraded, closed."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text
from storage_rows import make_message, make_segment, marks, put

from storage import Database, Tx, history, sqlite
from storage.engine import SchemaMismatch, Unavailable
from storage.schema import metadata

LATER = """
import sqlalchemy as sa
from alembic import op

revision = "9998"
down_revision = "{newest}"


def upgrade() -> None:
    with op.batch_alter_table("segment", recreate="always") as batch:
        batch.add_column(sa.Column("colour", sa.String()))
"""


def stamp(path: Path, revision: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    connection.close()


def shape(path: Path) -> dict[str, object]:
    """Columns, indexes, foreign keys and rowid kind of every table."""
    connection = sqlite3.connect(path)
    found: dict[str, object] = {}
    for name, made in connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall():
        indexes = {}
        for row in connection.execute(f"PRAGMA index_list({name})").fetchall():
            columns = connection.execute(f"PRAGMA index_info({row[1]})").fetchall()
            where = connection.execute(
                "SELECT substr(sql, instr(sql, ' WHERE ')) FROM sqlite_master WHERE name = ?",
                (row[1],),
            ).fetchone()
            key = row[1] if row[3] == "c" else str(columns)
            indexes[key] = (row[2:], columns, where if row[4] else None)
        found[name] = (
            connection.execute(f"PRAGMA table_info({name})").fetchall(),
            indexes,
            sorted(r[2:] for r in connection.execute(f"PRAGMA foreign_key_list({name})")),
            "AUTOINCREMENT" in made,
        )
    connection.close()
    return found


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_every_file_is_its_owners_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        db = Database.create(tmp_path / "x.db", "tests")
        db.write(put("a"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    finally:
        os.umask(before)
    db.close()
    assert modes == {"x.db": 0o600, "x.db-wal": 0o600, "x.db-shm": 0o600}


def test_who_made_it_is_kept(db: Database, db_path: Path) -> None:
    db.close()
    again = Database.open(db_path)
    assert again.made_by == "tests"
    again.close()


@pytest.mark.usefixtures("real_flushes")
def test_durability_is_full_and_the_log_is_written_ahead(db: Database) -> None:
    def pragmas(tx: Tx) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert db.write(pragmas) == ["wal", 2, 1]


def test_create_takes_no_path_where_something_is(db: Database, db_path: Path) -> None:
    with pytest.raises(FileExistsError):
        Database.create(db_path, "tests")
    assert db.made_by == "tests"


def test_create_follows_no_link_and_takes_up_no_stray_log(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "elsewhere.db")
    with pytest.raises(FileExistsError, match="symbolic link"):
        Database.create(tmp_path / "link.db", "tests")
    (tmp_path / "y.db-wal").write_bytes(b"")
    with pytest.raises(FileExistsError, match=r"y\.db-wal"):
        Database.create(tmp_path / "y.db", "tests")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.db", "y.db-wal"]


def test_open_follows_no_link(db_path: Path, db: Database, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(db_path)
    with pytest.raises(Unavailable, match="not a plain file"):
        Database.open(tmp_path / "link.db")


def test_a_making_that_was_cut_short_can_be_made_again(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    with pytest.raises(FileNotFoundError):
        Database.open(tmp_path / "x.db")
    Database.create(tmp_path / "x.db", "tests").close()


def test_a_path_with_every_odd_character_works(tmp_path: Path) -> None:
    path = tmp_path / "a b%20?#ü&=.db"
    db = Database.create(path, "tests")
    db.write(put("a"))
    db.close()
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_a_missing_file_stays_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Database.open(tmp_path / "x.db")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_database_is_told_plainly(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(b"From: me\r\n" * 1000)
    with pytest.raises(Unavailable, match="not a database"):
        Database.open(tmp_path / "x.db")
    sqlite3.connect(tmp_path / "y.db").executescript("CREATE TABLE t (a)").connection.close()
    with pytest.raises(SchemaMismatch, match="not an imapgate database"):
        Database.open(tmp_path / "y.db")


def test_an_older_schema_names_the_command_and_a_newer_one_is_left_alone(
    db: Database, db_path: Path
) -> None:
    db.close()
    stamp(db_path, "0000")
    with pytest.raises(SchemaMismatch, match="imapgate upgrade"):
        Database.open(db_path)
    stamp(db_path, "9999")
    with pytest.raises(SchemaMismatch, match="newer imapgate"):
        Database.open(db_path)
    with pytest.raises(SchemaMismatch, match="newer imapgate"):
        Database.upgrade(db_path)


def test_the_migrations_give_the_schema_that_create_makes(db_path: Path, db: Database) -> None:
    migrated = db_path.with_name("migrated.db")
    sqlite.make_file(migrated)
    config = Config()
    config.set_main_option("script_location", str(history.MIGRATIONS))
    with sqlite.creator(migrated).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    assert shape(migrated) == shape(db_path)
    Database.open(migrated).close()


def test_upgrade_runs_what_is_missing_and_keeps_the_rows(
    tmp_path: Path, db: Database, db_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.write(lambda tx: make_message(tx, make_segment(tx)))
    db.close()
    newer = tmp_path / "migrations"
    shutil.copytree(history.MIGRATIONS, newer, ignore=shutil.ignore_patterns("__pycache__"))
    later = LATER.replace("{newest}", history.newest())
    (newer / "versions" / "9998_colour.py").write_text(later)
    monkeypatch.setattr(history, "MIGRATIONS", newer)
    with pytest.raises(SchemaMismatch, match="older imapgate"):
        Database.open(db_path)
    Database.upgrade(db_path)
    Database.upgrade(db_path)
    again = Database.open(db_path)
    rows = again.read(
        lambda tx: tx.connection.execute(
            text("SELECT s.name, s.colour, m.size FROM segment s JOIN message m")
        ).all()
    )
    again.close()
    assert rows == [("S", None, 1)]


def test_one_shot_processes_beside_a_server_do_not_grow_the_log(
    db: Database, db_path: Path
) -> None:
    sizes = []
    for n in range(6):
        one_shot = Database.open(db_path)
        one_shot.write(put(f"k{n}", "x" * 400_000))
        one_shot.close()
        sizes.append(sqlite.wal_size(db_path))
    assert sizes[-1] <= sizes[1]
    assert len(marks(db)) == 6


def test_nothing_is_left_beside_the_file_after_closing(db: Database, db_path: Path) -> None:
    db.write(put("a"))
    marks(db)
    db.changes.watch()
    db.changes.check()
    db.close()
    assert [path.name for path in db_path.parent.iterdir()] == [db_path.name]

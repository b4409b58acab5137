"""`imapgate upgrade`, and what `serve` says to a database of another version."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from command import Command

from storage import Database, history, occupancy

MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade() -> None:
    with op.batch_alter_table("segment", recreate="always") as batch:
        batch.add_column(sa.Column("colour", sa.String()))
    {last}
"""


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occupancy, "PATIENCE", 0.0)


def _newer_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str = "pass"
) -> tuple[str, str]:
    """From here on this program has one migration more; (its revision, the one before)."""
    before = history.newest()
    revision = f"{int(before) + 1:04}"
    migrations = tmp_path / "migrations"
    shutil.copytree(history.MIGRATIONS, migrations, ignore=shutil.ignore_patterns("__pycache__"))
    text = MIGRATION.format(revision=revision, before=before, last=last)
    (migrations / "versions" / f"{revision}_colour.py").write_text(text)
    monkeypatch.setattr(history, "MIGRATIONS", migrations)
    return revision, before


def _schema(file: Path) -> tuple[str, bool, int]:
    """Revision, whether the new column is there, activities."""
    with closing(sqlite3.connect(file)) as connection:
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]
        columns = [row[1] for row in connection.execute("PRAGMA table_info(segment)")]
        count = connection.execute("SELECT count(*) FROM activity").fetchone()[0]
    return revision, "colour" in columns, count


@pytest.fixture
def older(acme: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """A database with one activity, made by the program before this one."""
    acme.ok("activity", "new", "a task", "--type", "Task")
    _newer_program(tmp_path, monkeypatch)
    return acme


def test_serve_names_the_one_command_for_an_older_database(older: Command) -> None:
    """Nothing is changed by looking at it; a backup can be taken of it."""
    for words in (("serve",), ("activity", "list")):
        assert "stop the server and run `imapgate upgrade`" in older.refused(*words)
    told = older.json("backup", str(older.data.parent / "b.db"))
    assert told["schema"] < history.newest()
    assert told["activities"] == 1


def test_upgrade_keeps_the_database_first_and_says_where(older: Command) -> None:
    """The backup is of the old form, private, and can be restored."""
    revision = history.newest()
    text = older.ok("upgrade")
    kept = next(path for path in older.data.iterdir() if ".before-" in path.name)
    assert kept.name.startswith(f"imapgate.db.before-{revision}-")
    assert str(kept) in text
    assert "1 activity" in text
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert _schema(kept) == (f"{int(revision) - 1:04}", False, 1)
    assert _schema(older.data / "imapgate.db") == (revision, True, 1)
    assert [one["name"] for one in older.json("activity", "list")] == ["a task"]
    assert "is up to date" in older.ok("upgrade")
    assert older.json("upgrade")["backup"] is None
    assert len([path for path in older.data.iterdir() if ".before-" in path.name]) == 1


def test_the_backup_goes_where_one_says(older: Command, tmp_path: Path) -> None:
    """Nobody's place is taken; without the backup nothing is upgraded."""
    file = tmp_path / "kept.db"
    file.write_text("mine")
    assert "there already" in older.refused("upgrade", "--backup", str(file))
    nowhere = str(tmp_path / "no" / "kept.db")
    assert "No backup was made" in older.refused("upgrade", "--backup", nowhere)
    assert _schema(older.data / "imapgate.db")[1] is False
    file.unlink()
    assert older.json("upgrade", "--backup", str(file))["backup"] == str(file)
    assert _schema(file)[1:] == (False, 1)


@pytest.mark.parametrize(
    "last",
    [
        "raise RuntimeError('no')",
        'op.execute("PRAGMA foreign_keys=OFF"); op.execute("UPDATE activity SET type_id = 99")',
    ],
)
def test_an_upgrade_that_fails_leaves_the_old_database_and_its_backup(
    acme: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, last: str
) -> None:
    """By an error of ours, and by rows that refer to nothing afterwards."""
    acme.ok("activity", "new", "a task", "--type", "Task")
    _, before = _newer_program(tmp_path, monkeypatch, last)
    result = acme.run("upgrade")
    assert result.exit_code == 1
    assert "could not be upgraded and is as it was" in result.stderr
    kept = next(path for path in acme.data.iterdir() if ".before-" in path.name)
    assert str(kept) in result.stderr
    assert _schema(acme.data / "imapgate.db") == _schema(kept) == (before, False, 1)
    assert not list(acme.data.glob("imapgate.db-*"))


def test_a_newer_database_is_refused_by_every_command(acme: Command) -> None:
    """Neither served nor upgraded, and told which version is needed."""
    database = acme.data / "imapgate.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    for words in (("serve",), ("user", "list"), ("upgrade",)):
        sentence = acme.refused(*words)
        assert "newer imapgate" in sentence
        assert "9999" in sentence
    assert [path for path in acme.data.iterdir() if ".before-" in path.name] == []


def test_a_backup_of_the_version_before_is_upgraded_when_it_is_restored(
    acme: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backup itself stays as it is."""
    acme.ok("activity", "new", "a task", "--type", "Task")
    file = tmp_path / "b.db"
    acme.ok("backup", str(file))
    revision, before = _newer_program(tmp_path, monkeypatch)
    acme.ok("upgrade")
    acme.ok("restore", str(file), "--yes")
    assert _schema(acme.data / "imapgate.db") == (revision, True, 1)
    assert _schema(file) == (before, False, 1)
    with closing(Database.open(acme.data / "imapgate.db")) as db:
        assert db.made_by == "imapgate init"

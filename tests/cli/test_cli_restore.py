"""`imapgate restore`."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from backing import FOLDER, drop, rows, supported
from command import Command
from desk import mail

from imapgate.activities.people import person
from imapgate.folders.drops import Arrival, append
from imapgate.limits import Limits
from storage import Database, occupancy, restoring


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occupancy, "PATIENCE", 0.0)


@pytest.fixture
def support(acme: Command) -> Command:
    return supported(acme)


def numbers(command: Command) -> list[int]:
    return [one["number"] for one in command.json("activity", "list", "--segment", "Acme")]


def uidvalidities(command: Command) -> dict[object, object]:
    found = rows(command.data / "imapgate.db", "SELECT id, uidvalidity FROM folder")
    return {row[0]: row[1] for row in found}


def names(command: Command) -> set[str]:
    return {path.name for path in command.data.iterdir()} - {occupancy.FILE_NAME}


def stamp(file: Path, revision: str) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def test_after_a_restore_nothing_is_given_out_twice(support: Command, tmp_path: Path) -> None:
    """Numbers go on past those of drops since the backup; every UIDVALIDITY is new and higher."""
    file = tmp_path / "b.db"
    support.ok("backup", str(file))
    drop(support, 2)
    support.ok("group", "add", "category", "VIP")
    support.ok("segment", "add", "Late", "--admin", "late")
    with_late = ("activity", "new", "a task", "--type", "Task", "--segment", "Late")
    assert "#10000001" in support.ok(*with_late)
    before = uidvalidities(support)
    told = support.json("restore", str(file), "--yes")
    assert told["numbers_jumped"] is False
    after = uidvalidities(support)
    assert len(after) < len(before)
    assert min(after.values()) > max(before.values())  # type: ignore[type-var]
    assert len(set(after.values())) == len(after)
    assert numbers(support) == [10000001]
    drop(support, 3)
    assert numbers(support) == [10000001, 10000003]
    support.ok("segment", "add", "Late", "--admin", "late")
    assert "#10000002" in support.ok(*with_late), "10000001 of the lost segment isn't given again"
    support.ok("group", "add", "category", "VIP", "--segment", "Acme")
    assert len(set(uidvalidities(support).values())) == len(uidvalidities(support))
    aside = Path(told["before"])
    assert rows(aside, "SELECT count(*) FROM activity") == [(3,)]
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    assert names(support) == {"imapgate.db", aside.name}
    assert stat.S_IMODE((support.data / "imapgate.db").stat().st_mode) == 0o600


def test_where_nothing_is_known_of_what_was_given_out_everything_jumps(
    support: Command, tmp_path: Path
) -> None:
    """Into a new directory: a margin, told to the person."""
    file = tmp_path / "b.db"
    support.ok("backup", str(file))
    before = uidvalidities(support)
    other = Command(tmp_path / "elsewhere")
    text = other.ok("restore", str(file))
    assert "1000000 further" in text
    assert stat.S_IMODE(other.data.stat().st_mode) == 0o700
    after = uidvalidities(other)
    assert min(after.values()) > max(before.values()) + 900_000  # type: ignore[type-var,operator]
    drop(other, 2)
    assert numbers(other) == [10000001, 11000002]
    other.ok("segment", "add", "Late", "--admin", "late")
    made = other.ok("activity", "new", "a task", "--type", "Task", "--segment", "Late")
    assert "#11000002" in made, "past what a lost segment may have given out"


def test_restoring_what_was_replaced_is_a_restore_like_any_other(
    support: Command, tmp_path: Path
) -> None:
    """The file that was put aside is a backup itself; the numbers still only grow."""
    file = tmp_path / "b.db"
    support.ok("backup", str(file))
    drop(support, 2)
    aside = support.json("restore", str(file), "--yes")["before"]
    drop(support, 3)
    support.ok("restore", aside, "--yes")
    drop(support, 4)
    assert numbers(support) == [10000001, 10000002, 10000004]


@pytest.mark.parametrize("made", ["text", "empty", "other", "newer", "damaged", "cut"])
def test_what_is_no_sound_backup_changes_nothing(
    support: Command, tmp_path: Path, made: str
) -> None:
    """One sentence that names the file; the database is the same to the octet."""
    file = tmp_path / "b.db"
    support.ok("backup", str(file))
    told = "damaged, or no database"
    if made == "text":
        file.write_bytes(b"From: me\r\n" * 1000)
    elif made == "empty":
        file.write_bytes(b"")
        told = "not an imapgate database"
    elif made == "other":
        file.unlink()
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE t (a)")
        told = "not an imapgate database"
    elif made == "newer":
        stamp(file, "9999")
        told = "newer imapgate"
    elif made == "cut":
        with file.open("r+b") as octets:
            octets.truncate(file.stat().st_size // 2)
    else:
        page = rows(file, "SELECT rootpage FROM sqlite_master WHERE name = 'entry'")[0][0]
        size = rows(file, "PRAGMA page_size")[0][0]
        assert isinstance(page, int)
        assert isinstance(size, int)
        with file.open("r+b") as octets:
            octets.seek((page - 1) * size)
            octets.write(b"\x00" * size)
    before = (support.data / "imapgate.db").read_bytes()
    sentence = support.refused("restore", str(file), "--yes")
    assert f"{file} can't be restored" in sentence
    assert told in sentence
    assert "Nothing was changed" in sentence
    assert (support.data / "imapgate.db").read_bytes() == before
    assert names(support) == {"imapgate.db"}


def test_a_restore_asks_first_and_needs_a_file(support: Command, tmp_path: Path) -> None:
    """Without a terminal it needs --yes; the database itself is no backup."""
    file = tmp_path / "b.db"
    support.ok("backup", str(file))
    assert "say --yes" in support.refused("restore", str(file))
    assert "no file" in support.refused("restore", str(tmp_path / "c.db"), "--yes")
    database = str(support.data / "imapgate.db")
    assert "the database itself" in support.refused("restore", database, "--yes")
    assert names(support) == {"imapgate.db"}


def test_nothing_is_restored_below_a_server_or_anybody_else(
    support: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server, another command, and any other program that has the file open."""
    file = tmp_path / "b.db"
    support.ok("backup", str(file))
    with occupancy.serving(support.data):
        assert "A server is running" in support.refused("restore", str(file), "--yes")
        assert "A server is running" in support.refused("upgrade")
        support.ok("backup", str(tmp_path / "c.db"))
    with occupancy.at_work(support.data):
        assert "Another command" in support.refused("restore", str(file), "--yes")
    monkeypatch.setattr("storage.sqlite.BUSY_SECONDS", 0.0)
    with closing(Database.open(support.data / "imapgate.db")) as stranger:
        assert stranger.made_by == "imapgate init"
        sentence = support.refused("restore", str(file), "--yes")
    assert "locked by another process" in sentence
    assert "as it was" in sentence
    assert names(support) == {"imapgate.db"}


def test_commands_wait_for_no_half_restored_database(support: Command) -> None:
    with occupancy.alone(support.data):
        assert "being restored or upgraded" in support.refused("activity", "list")
        assert "being restored or upgraded" in support.refused("serve")
        file = str(support.data.parent / "b.db")
        assert "being restored or upgraded" in support.refused("backup", file)


@pytest.fixture
def killed(support: Command, tmp_path: Path) -> Command:
    """As a killed server leaves it: #10000002 stands in the write-ahead log alone, and not in the
    backup b.db."""
    support.ok("backup", str(tmp_path / "b.db"))
    with closing(Database.open(support.data / "imapgate.db")) as db:
        anna = db.read(lambda tx: person(tx, "anna@Acme"))
        append(db, anna, FOLDER, [Arrival(mail("2", 2), (), None, 0)], "tests", Limits())
        for name in ("imapgate.db", "imapgate.db-wal"):
            shutil.copy(support.data / name, support.data / f"{name}.left")
    for name in ("imapgate.db", "imapgate.db-wal"):
        os.replace(support.data / f"{name}.left", support.data / name)
    return support


def test_the_log_of_the_old_database_goes_home_and_never_meets_the_new_one(
    killed: Command, tmp_path: Path
) -> None:
    """What only stood in the log counts as given out, and is in the file that is put aside."""
    aside = Path(killed.json("restore", str(tmp_path / "b.db"), "--yes")["before"])
    assert names(killed) == {"imapgate.db", aside.name}
    assert rows(aside, "SELECT count(*) FROM activity") == [(2,)]
    drop(killed, 3)
    assert numbers(killed) == [10000001, 10000003]


def test_a_database_that_can_t_be_read_is_replaced_and_kept_with_its_log(
    killed: Command, tmp_path: Path
) -> None:
    """Its log goes with it; the numbers jump, since nobody knows what it gave out."""
    database = killed.data / "imapgate.db"
    log = (killed.data / "imapgate.db-wal").read_bytes()
    database.write_bytes(b"a broken disk" * 1000)
    told = killed.json("restore", str(tmp_path / "b.db"), "--yes")
    aside = Path(told["before"])
    assert told["numbers_jumped"] is True
    assert names(killed) == {"imapgate.db", aside.name, f"{aside.name}-wal"}
    assert aside.read_bytes() == b"a broken disk" * 1000
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == log
    assert rows(database, "PRAGMA integrity_check") == [("ok",)]
    drop(killed, 4)
    assert numbers(killed) == [10000001, 11000002]


class _Crash(BaseException):
    """The machine stops here."""


def test_a_crash_at_any_step_leaves_the_old_or_the_new_database_whole(
    support: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At each flush, link, rename and removal in turn, before it is done."""
    file = tmp_path / "b.db"
    support.ok("backup", str(file))
    drop(support, 2)
    database = support.data / "imapgate.db"
    kept = database.read_bytes()
    came: list[int] = []
    for step in range(1, 60):
        left = step

        def crash_before(module: object, name: str) -> None:
            real = getattr(module, name)

            def crashing(*given: object, **named: object) -> object:
                nonlocal left
                left -= 1
                if left == 0:
                    raise _Crash
                return real(*given, **named)

            patch.setattr(module, name, crashing)

        with pytest.MonkeyPatch.context() as patch:
            for name in ("link", "replace", "fsync"):
                crash_before(os, name)
            for name in ("settle", "renew"):
                crash_before(restoring, name)
            crash_before(restoring.history, "upgrade")
            try:
                result = support.run("restore", str(file), "--yes")
            except _Crash:
                result = None
        assert not list(support.data.glob("imapgate.db-*"))
        came.append(len(numbers(support)))
        drop(support, 100 + step)
        assert numbers(support)[-1] == 10000003
        for path in support.data.iterdir():
            if path.is_file():
                path.unlink()
        database.write_bytes(kept)
        if result is not None:
            assert result.exit_code == 0
            break
    else:
        pytest.fail("it never came to its end")
    assert len(came) >= 6
    assert came == sorted(came, reverse=True)
    assert (came[0], came[-1]) == (2, 1)


def test_a_log_without_its_database_never_meets_a_new_one(support: Command, tmp_path: Path) -> None:
    """The file was removed by hand after a crash, its log was not."""
    backed = tmp_path / "backup.db"
    support.ok("backup", str(backed))
    database = support.data / "imapgate.db"
    database.unlink()
    stray = database.with_name("imapgate.db-wal")
    stray.write_bytes(b"another time's log")
    told = support.refused(
        "init", "--segment", "New", "--admin", "eve", "--email", "eve@new.example"
    )
    assert "imapgate.db-wal belongs to a database that isn't there any more" in told
    support.ok("restore", str(backed), "--yes")
    assert not stray.exists()
    (kept,) = support.data.glob("imapgate.db.before-restore-*-wal")
    assert kept.read_bytes() == b"another time's log"
    assert numbers(support) == [10000001]

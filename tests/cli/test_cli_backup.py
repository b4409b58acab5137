"""`imapgate backup`."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from backing import rows, supported
from command import Command

from storage import files, history, occupancy


@pytest.fixture
def support(acme: Command) -> Command:
    return supported(acme)


def test_a_backup_is_one_private_file_and_says_what_it_lacks(
    support: Command, tmp_path: Path
) -> None:
    """Counts and size; keys and settings are named since they aren't in it."""
    (support.data / "certs").mkdir()
    (support.data / "certs" / "authority-key.pem").write_text("a key")
    (support.data / "imapgate.toml").write_text("port = 1143\n")
    (support.data / "spool").mkdir()
    file = tmp_path / "b.db"
    text = support.ok("backup", str(file))
    assert "1 activity, 1 message," in text
    assert f"{support.data / 'certs'}: keys" in text
    assert str(support.data / "imapgate.toml") in text
    assert "spool" not in text, "nothing waits there"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.db", "data"]
    assert rows(file, "PRAGMA journal_mode") == [("delete",)]
    told = support.json("backup", str(file), "--force")
    assert told["octets"] == file.stat().st_size
    assert (told["activities"], told["messages"]) == (1, 1)
    assert told["schema"] == history.newest()
    assert {Path(one["path"]).name for one in told["beside"]} == {"certs", "imapgate.toml"}


def test_a_backup_takes_nobody_s_place(support: Command, tmp_path: Path) -> None:
    """Only with --force, and never the database's own."""
    file = tmp_path / "b.db"
    file.write_text("mine")
    assert "there already" in support.refused("backup", str(file))
    assert file.read_text() == "mine"
    database = str(support.data / "imapgate.db")
    assert "the database itself" in support.refused("backup", database, "--force")
    (tmp_path / "link.db").symlink_to(tmp_path / "nowhere")
    assert "there already" in support.refused("backup", str(tmp_path / "link.db"))
    support.ok("backup", str(file), "--force")
    assert rows(file, "SELECT count(*) FROM activity") == [(1,)]


def test_a_file_that_appears_meanwhile_is_not_replaced(
    support: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name is given at one stroke, and only where nothing is."""
    file = tmp_path / "b.db"
    monkeypatch.setattr(files, "sync", lambda path: file.write_text("another's"))
    assert "there already" in support.refused("backup", str(file))
    assert file.read_text() == "another's"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.db", "data"]


def test_a_backup_that_fails_leaves_nothing(support: Command, tmp_path: Path) -> None:
    """No directory, a full disk, a damaged database: one sentence each."""
    assert "No such file" in support.refused("backup", str(tmp_path / "no" / "b.db"))
    database = support.data / "imapgate.db"
    root = rows(database, "SELECT rootpage FROM sqlite_master WHERE name = 'activity'")[0][0]
    size = rows(database, "PRAGMA page_size")[0][0]
    assert isinstance(root, int)
    assert isinstance(size, int)
    with database.open("r+b") as octets:
        octets.seek((root - 1) * size)
        octets.write(b"\xff" * size)
    assert "No backup was made" in support.refused("backup", str(tmp_path / "b.db"))
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_backup_goes_neither_beside_a_log_nor_over_our_own_files(
    support: Command, tmp_path: Path
) -> None:
    """Even with --force."""
    backed = tmp_path / "backup.db"
    (tmp_path / "backup.db-wal").write_bytes(b"of a raw copy")
    assert "belongs to another database" in support.refused("backup", "--force", str(backed))
    assert not backed.exists()
    (support.data / "certs").mkdir()
    for name in ("imapgate.db-wal", occupancy.FILE_NAME, "imapgate.toml", "certs/server.pem"):
        told = support.refused("backup", "--force", str(support.data / name))
        assert told.endswith("belongs to the data directory itself: name another file.")

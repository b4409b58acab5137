"""`imapgate doctor` looks at files, keys, the disk and what waits."""

from __future__ import annotations

import datetime
import os
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from command import Command
from doctoring import broken, look, sql

from certs import authority, leaf
from certs.files import certificate_pem, key_pem
from certs.names import served
from imapgate.activities.people import person
from imapgate.cli import doctor_places
from imapgate.folders import spool
from imapgate.folders.drops import Arrival
from imapgate.limits import Limits
from storage import Database, occupancy


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_what_others_may_read_is_named_with_its_chmod(demo: Command) -> None:
    """Directory, database, backups, spool, keys; settings and the authority may be read."""
    data = demo.data
    (data / "imapgate.toml").write_text("")
    (data / "imapgate.toml").chmod(0o644)
    (data / "spool").mkdir(mode=0o700)
    assert broken(demo) == {}
    kept = data / "imapgate.db.before-restore-x"
    kept.touch(0o600)
    waits = data / "spool" / "1.0"
    waits.touch(0o600)
    key = data / "certs" / "authority-key.pem"
    for path in (kept, waits, key, data / "imapgate.db", data / "spool", data):
        mode = path.stat().st_mode
        path.chmod(mode | 0o040)
        found = broken(demo)
        named = "700" if path.is_dir() else "600"
        assert f"{path} can be used by others: chmod {named} {path}" in found["permissions"]
        path.chmod(mode)
    assert broken(demo) == {}
    (data / "link").symlink_to(kept)
    assert "symbolic link" in broken(demo)["permissions"][0]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may chown")
def test_files_of_another_owner_are_named_and_none_are_made(demo: Command, tmp_path: Path) -> None:
    """The administrator's commands leave files that the server's own user can open."""
    for path in (demo.data, *demo.data.rglob("*")):
        os.chown(path, 12345, 12345)
    (demo.data / occupancy.FILE_NAME).unlink(missing_ok=True)
    demo.ok("doctor")
    demo.ok("backup", str(tmp_path / "b.db"))
    demo.ok("restore", str(tmp_path / "b.db"), "--yes")
    assert {path.stat().st_uid for path in demo.data.rglob("*")} == {12345}
    os.chown(demo.data / "imapgate.db", 0, 0)
    assert "belongs to another user" in broken(demo)["permissions"][0]


def test_what_waits_in_the_spool_is_told(demo: Command) -> None:
    """Whose it is and since when; no fault."""
    directory = demo.data / spool.NAME
    with closing(Database.open(demo.data / "imapgate.db")) as db:
        alice = db.read(lambda tx: person(tx, "alice@Standard"))
    kept = spool.Spool(directory, Limits()).keep(
        alice,
        "Trackers/Sales",
        [Arrival(b"x" * 1000, (), None, 0)],
        *("tests", "UNAVAILABLE", "The database is away.", 1_700_000_000),
    )
    assert kept
    found = look(demo)["spool"]
    assert (found["state"], found["count"]) == ("notice", 1)
    assert "A drop by alice@Standard of 2023-11-1" in found["found"][0]
    next(directory.glob("*.json")).write_text("{")
    assert "A drop that can't be read" in look(demo)["spool"]["found"][0]


def test_what_was_left_over_is_told(demo: Command) -> None:
    """Once no command can still be at it."""
    left = demo.data / ".restoring-abc"
    left.mkdir(mode=0o700)
    assert broken(demo) == {}
    long_ago = time.time() - 2 * 60 * 60
    os.utime(left, (long_ago, long_ago))
    assert str(left) in broken(demo)["left over"][0]


def test_a_full_disk_is_told(demo: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_places, "FREE", 2**60)
    assert "MiB are free" in broken(demo)["disk"][0]


def test_settings_that_are_wrong_are_told_with_their_line(demo: Command) -> None:
    """Nothing else is looked at: which directory is meant isn't known."""
    (demo.data / "imapgate.toml").write_text("prot = 1143\n")
    found = broken(demo)
    assert list(found) == ["settings"]
    assert 'line 1: there is no setting "prot"' in found["settings"][0]


def test_a_database_that_can_t_be_opened_is_told(demo: Command) -> None:
    """Of another version, damaged at its head, or gone: the places are looked at all the same."""
    database = demo.data / "imapgate.db"
    sql(demo, "UPDATE alembic_version SET version_num = '0000'")
    assert "imapgate upgrade" in broken(demo)["database"][0]
    database.write_bytes(b"a broken disk" * 1000)
    assert "not a database" in broken(demo)["database"][0]
    assert "imapgate restore" in look(demo)["database"]["advice"]
    database.unlink()
    assert "There is no database" in broken(demo)["database"][0]
    assert look(demo)["certificates"]["state"] == "ok"


Spoil = Callable[[Path, datetime.datetime], None]


def _other_key(directory: Path, now: datetime.datetime) -> None:
    made = authority.make(served([]), now)
    certificate, _ = leaf.make(made, served([]), now)
    _, key = leaf.make(made, served([]), now)
    (directory / "server.pem").write_bytes(key_pem(key) + certificate_pem(certificate))


def _other_authority(directory: Path, now: datetime.datetime) -> None:
    certificate, key = leaf.make(authority.make(served([]), now), served([]), now)
    (directory / "server.pem").write_bytes(key_pem(key) + certificate_pem(certificate))


def _long_ago(directory: Path, now: datetime.datetime) -> None:
    signer = authority.load(directory / "authority-key.pem")
    then = now - datetime.timedelta(days=900)
    certificate, key = leaf.make(signer, served([]), then)
    (directory / "server.pem").write_bytes(key_pem(key) + certificate_pem(certificate))


def _not_yet(directory: Path, now: datetime.datetime) -> None:
    signer = authority.load(directory / "authority-key.pem")
    certificate, key = leaf.make(signer, served([]), now + datetime.timedelta(days=9))
    (directory / "server.pem").write_bytes(key_pem(key) + certificate_pem(certificate))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_other_key, "does not belong to"),
        (_other_authority, "not signed by the authority"),
        (_long_ago, "ended on"),
        (_not_yet, "is the clock right?"),
        (lambda d, _: (d / "authority.pem").unlink(), "which clients trust, is not"),
        (lambda d, _: (d / "server.pem").write_text("x"), "in PEM form"),
        (lambda d, _: (d / "authority-key.pem").unlink(), "the authority's key"),
    ],
)
def test_certificates_that_can_t_serve_are_named(demo: Command, spoil: Spoil, told: str) -> None:
    """The server's own authority: keys, signatures, times."""
    spoil(demo.data / "certs", datetime.datetime.now(datetime.UTC))
    found = broken(demo)
    assert told.lower() in " ".join(found["certificates"]).lower()
    assert set(found) == {"certificates"}


def test_one_s_own_certificate_is_looked_at(demo: Command, tmp_path: Path) -> None:
    """Its time, its key, and the key's mode."""
    now = datetime.datetime.now(datetime.UTC)
    signer = authority.make(served([]), now - datetime.timedelta(days=390))
    pem, key_file = tmp_path / "own.pem", tmp_path / "key.pem"
    (demo.data / "imapgate.toml").write_text(f"certificate = '{pem}'\nkey = '{key_file}'\n")
    assert "can't be read" in broken(demo)["certificates"][0]
    certificate, key = leaf.make(signer, served([]), now - datetime.timedelta(days=390))
    pem.write_bytes(certificate_pem(certificate))
    key_file.write_bytes(key_pem(key))
    key_file.chmod(0o644)
    told = " ".join(broken(demo)["certificates"])
    assert "ends on" in told
    assert "can be read by everybody" in told
    certificate, key = leaf.make(signer, served([]), now)
    pem.write_bytes(certificate_pem(certificate))
    key_file.chmod(0o640)
    assert "does not belong to" in broken(demo)["certificates"][0]
    key_file.write_bytes(key_pem(key))
    assert broken(demo) == {}

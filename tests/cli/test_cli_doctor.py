"""`imapgate doctor`: a healthy database is all right, and each fault is named."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command import Command

import certs
from certs import authority, leaf
from certs.files import certificate_pem, key_pem
from certs.names import served
from imapgate.activities.people import person
from imapgate.cli import demo_content, doctor_places
from imapgate.cli.demo import MADE_BY
from imapgate.cli.making import make
from imapgate.folders import ready
from imapgate.folders.drops import Arrival, append
from imapgate.folders.verdict import Outcome
from imapgate.limits import Limits
from storage import Database, checks, contents, occupancy

NAMES = {
    "settings", "certificates", "permissions", "disk", "spool", "left over", "database file",
    "references", "clock", "counters", "entries", "flags", "links", "e-mail activities",
    "drop records", "addresses", "messages", "ready-made bytes", "erased mails",
}  # fmt: skip


@pytest.fixture(scope="module")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy, with the demo's content."""
    path = tmp_path_factory.mktemp("demo") / "imapgate.db"
    make(path, MADE_BY, demo_content.fill)
    return path


@pytest.fixture
def demo(command: Command, demo_database: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The demo's data directory, with certificates."""
    monkeypatch.setattr(doctor_places, "FREE", 1)
    command.data.mkdir(mode=0o700)
    shutil.copy(demo_database, command.data / "imapgate.db")
    (command.data / "imapgate.db").chmod(0o600)
    certs.local(command.data / "certs")
    return command


def sql(command: Command, *statements: str) -> None:
    with closing(sqlite3.connect(command.data / "imapgate.db")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def look(command: Command, *words: str) -> dict[str, dict[str, Any]]:
    """Every check by its name."""
    result = command.run("doctor", "--json", *words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    told = json.loads(result.stdout)
    found = {one["name"]: one for one in told["checks"]}
    problems = [name for name, one in found.items() if one["state"] == "problem"]
    assert told["healthy"] is (not problems)
    assert result.exit_code == (1 if problems else 0)
    return found


def broken(command: Command, *words: str) -> dict[str, list[str]]:
    """What the checks that aren't ok found."""
    return {
        name: one["found"] for name, one in look(command, *words).items() if one["state"] != "ok"
    }


def test_a_healthy_database_is_all_ok(demo: Command) -> None:
    """By default and with --full; every check is there, and nothing is changed."""
    before = (demo.data / "imapgate.db").read_bytes()
    for words in ((), ("--full",)):
        found = look(demo, *words)
        assert set(found) == NAMES
        assert {one["state"] for one in found.values()} == {"ok"}
    text = demo.ok("doctor")
    assert text.count("ok       ") == len(NAMES)
    assert text.endswith("\nEverything is as it has to be.\n")
    assert (demo.data / "imapgate.db").read_bytes() == before
    with occupancy.serving(demo.data):
        demo.ok("doctor")


def test_it_walks_in_small_batches_too(demo: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that ends anywhere loses no row and reports none twice."""
    sql(
        demo,
        "UPDATE activity SET number = number + 1000",
        "UPDATE message SET sha256 = randomblob(32)",
    )
    whole = broken(demo)
    assert len(whole["counters"]) == 4
    assert len(whole["messages"]) > 5
    monkeypatch.setattr(checks, "BATCH", 1)
    monkeypatch.setattr(contents, "ROWS", 1)
    monkeypatch.setattr("imapgate.folders.remaking.BATCH", 1)
    assert broken(demo) == whole


@pytest.mark.parametrize(
    ("statement", "name", "told"),
    [
        ("DELETE FROM contact WHERE id = 1", "references", "email_address refers to a row of"),
        ("UPDATE entry SET uid = 99 WHERE uid = 1", "entries", "not below the folder's next UID"),
        ("UPDATE entry SET modseq = 99", "entries", "a higher MODSEQ than its folder"),
        ("UPDATE entry SET size = size + 1", "entries", "another size than its message"),
        (
            "UPDATE entry SET identity = zeroblob(32) WHERE activity_id IS NOT NULL AND uid = 1",
            "entries",
            "another identity than its message",
        ),
        (
            "UPDATE entry SET identity = zeroblob(32) WHERE activity_id IS NULL AND uid = 1",
            "entries",
            "personal folders never merge",
        ),
        (
            "UPDATE entry SET activity_id = NULL WHERE identity IS NOT NULL",
            "entries",
            "stands in a group without an e-mail activity",
        ),
        ("UPDATE user_run SET modseq = 99", "flags", "with a higher MODSEQ"),
        ("INSERT INTO expunged_run VALUES (1, 99, 1, 1)", "flags", "Folder 1"),
        ("UPDATE segment SET next_number = 10000004", "counters", "#10000004 of segment Standard"),
        ("UPDATE folder SET uidvalidity = uidvalidity + 9999", "counters", "past the counter"),
        ("UPDATE meta SET value = '' WHERE key = 'uidvalidity'", "counters", "no number of 32"),
        ("UPDATE drop_record SET verdict = 'lost'", "drop records", "a verdict that there is not"),
        ("UPDATE drop_record SET numbers = '[1'", "drop records", "in a form that can't be read"),
        ("UPDATE drop_record SET sha256 = zeroblob(32)", "drop records", "another hash"),
        ("UPDATE message SET created_at = 9999999999", "clock", "but something was stored at"),
    ],
)  # fmt: skip
def test_rows_that_disagree_are_named(demo: Command, statement: str, name: str, told: str) -> None:
    """Each by a sentence in its own check, and in no other."""
    sql(demo, "INSERT INTO user_run SELECT 2, folder_id, 1, 1, 1, 1 FROM entry LIMIT 1", statement)
    found = broken(demo)
    assert list(found) == [name]
    assert told in " ".join(found[name])
    assert look(demo)[name]["advice"]


FOREIGN = (
    "INSERT INTO segment SELECT 9, 'Other', 'other', 20000001, NULL, NULL, created_at FROM segment"
)


@pytest.mark.parametrize(
    ("statements", "names"),
    [
        (("UPDATE activity SET segment_id = 9 WHERE id = 1",), {"links"}),
        (
            ("UPDATE message SET segment_id = 9 WHERE id = (SELECT stored_message_id FROM"
             " email_activity LIMIT 1)",),
            {"entries", "e-mail activities", "drop records"},
        ),
        (("UPDATE folder SET segment_id = 9 WHERE kind = 'group'",), {"entries"}),
        (("UPDATE principal SET segment_id = 9 WHERE name = 'alice'",), {"drop records"}),
        (("UPDATE email_activity SET segment_id = 9",), {"e-mail activities"}),
        (("UPDATE email_activity SET identity = zeroblob(32)",), {"e-mail activities"}),
    ],
)  # fmt: skip
def test_nothing_leads_into_another_segment(
    demo: Command, statements: tuple[str, ...], names: set[str]
) -> None:
    """Links, follow-ups, entries, messages and records stay within one."""
    sql(demo, FOREIGN, *statements)
    assert set(broken(demo)) == names


def test_an_e_mail_activity_without_its_mail_is_named_unless_it_was_erased(demo: Command) -> None:
    """By the record of its drop; one that a person made never had a mail."""
    demo.ok("activity", "new", "by hand", "--type", "E-Mail")
    assert broken(demo) == {}
    sql(
        demo,
        "DELETE FROM email_recipient",
        "DELETE FROM media",
        "DELETE FROM entry WHERE activity_id IS NOT NULL",
        "DELETE FROM email_activity",
    )
    found = broken(demo)
    assert list(found) == ["drop records"]
    assert "#10000003 has lost the mail" in found["drop records"][0]
    sql(demo, "UPDATE activity SET name = '[erased]'")
    assert broken(demo) == {}


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM message_chunk WHERE stored_message_id = 2", "0 octets instead of"),
        ("UPDATE message_chunk SET bytes = substr(bytes, 2) WHERE n = 0", "octets instead of"),
        ("UPDATE message_chunk SET n = 1 WHERE stored_message_id = 2", "chunk 0 is missing"),
        (
            "UPDATE message_chunk SET bytes = zeroblob(length(bytes)) WHERE stored_message_id = 2",
            "other bytes than those that came",
        ),
    ],
)
def test_messages_that_are_not_what_came_are_named(
    demo: Command, statement: str, told: str
) -> None:
    """By length, by order and by hash; what is made of them isn't compared then."""
    sql(demo, statement)
    for words in ((), ("--fix",)):
        found = broken(demo, *words)
        assert list(found) == ["messages"]
        assert told in found["messages"][0]


@pytest.mark.parametrize(
    ("statement", "told", "words"),
    [
        ("DELETE FROM message_ready WHERE stored_message_id = 2", "has no ready-made", ()),
        ("DELETE FROM message_digest WHERE stored_message_id = 2", "has no ready-made", ()),
        ("DELETE FROM message_text WHERE stored_message_id = 2", "has no ready-made", ()),
        ("UPDATE message_ready SET version = 0", "of version 0, not", ()),
        ("UPDATE message_ready SET envelope = 'NIL'", "other ready-made bytes", ("--full",)),
        ("UPDATE message_text SET body = 'x'", "other ready-made bytes", ("--full",)),
        ("UPDATE message_digest SET mail = '{}'", "other ready-made bytes", ("--full",)),
    ],
)
def test_what_is_made_of_messages_is_compared_and_made_anew(
    demo: Command, statement: str, told: str, words: tuple[str, ...]
) -> None:
    """--fix puts back exactly what was there; what only --full sees, only --full --fix mends."""
    tables = ("message_ready", "message_digest", "message_text")
    before = [_rows(demo, table) for table in tables]
    sql(demo, statement)
    found = broken(demo, *words)
    assert list(found) == ["ready-made bytes"]
    assert told in found["ready-made bytes"][0]
    if words:
        assert broken(demo) == {}
    mended = look(demo, "--fix", *words)["ready-made bytes"]
    assert mended["state"] == "mended"
    assert mended["found"] == found["ready-made bytes"]
    assert [_rows(demo, table) for table in tables] == before
    assert broken(demo, "--full") == {}


def _rows(command: Command, table: str) -> list[Any]:
    with closing(sqlite3.connect(command.data / "imapgate.db")) as connection:
        return connection.execute(f"SELECT * FROM {table} ORDER BY stored_message_id").fetchall()


def test_large_messages_are_read_and_made_anew_in_pieces(
    demo: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a temporary file, with more than one chunk."""
    monkeypatch.setattr("imapgate.folders.remaking.PIECE", 300_000)
    monkeypatch.setattr(ready, "IN_MEMORY", 400_000)
    content = b"Subject: large\r\n\r\n" + b"x" * 78 + b"\r\n" * 400_000
    with closing(Database.open(demo.data / "imapgate.db")) as db:
        alice = db.read(lambda tx: person(tx, "alice@Standard"))
        verdict = append(db, alice, "INBOX", [Arrival(content, (), None, 0)], "tests", Limits())
        assert verdict.outcome is Outcome.DONE
    before = _rows(demo, "message_ready")
    assert broken(demo, "--full") == {}
    sql(demo, "DELETE FROM message_ready")
    assert look(demo, "--fix")["ready-made bytes"]["state"] == "mended"
    assert _rows(demo, "message_ready") == before
    sql(demo, "DELETE FROM message_chunk WHERE n = 2", "DELETE FROM message_ready")
    found = look(demo, "--fix")
    assert found["ready-made bytes"]["state"] == "problem", "one can't be made anew"
    assert found["messages"]["count"] == 1
    assert len(_rows(demo, "message_ready")) == len(before) - 1


def test_what_an_interrupted_erasing_left_is_named_and_removed(demo: Command) -> None:
    """Nothing refers to it any more; its bytes go with --fix."""
    sql(
        demo,
        "DELETE FROM entry WHERE folder_id = (SELECT id FROM folder WHERE name = 'Try me' LIMIT 1)"
        " AND uid = 1",
        "INSERT INTO message SELECT 999, segment_id, randomblob(32), x'', size, sent_on, created_at"
        " FROM message LIMIT 1",
        "INSERT INTO message_chunk VALUES (999, 0, 'private')",
    )
    found = broken(demo)
    assert list(found) == ["erased mails"]
    assert "Message 999 was erased" in found["erased mails"][0]
    assert look(demo, "--fix")["erased mails"]["state"] == "mended"
    assert broken(demo) == {}
    assert 999 not in [row[0] for row in _rows(demo, "message_chunk")]


def test_a_damaged_file_is_named_and_the_other_checks_go_on(demo: Command) -> None:
    """The page is named; what stands on sound pages is looked at."""
    database = demo.data / "imapgate.db"
    with closing(sqlite3.connect(database)) as connection:
        (size,) = connection.execute("PRAGMA page_size").fetchone()
        (root,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'note'"
        ).fetchone()
    with database.open("r+b") as octets:
        octets.seek((root - 1) * size)
        octets.write(b"\x07" * 100)
    found = broken(demo)
    assert "database file" in found
    assert "restore" in look(demo)["database file"]["advice"]
    assert look(demo)["entries"]["state"] == "ok"


def test_an_index_that_lacks_a_row_is_seen_with_full(demo: Command) -> None:
    """quick_check leaves that out, being quick."""
    with closing(sqlite3.connect(demo.data / "imapgate.db")) as connection, connection:
        connection.execute("PRAGMA writable_schema=ON")
        made = connection.execute(
            "SELECT sql FROM sqlite_master WHERE name = 'email_address_by_key'"
        ).fetchone()[0]
        connection.execute("DELETE FROM sqlite_master WHERE name = 'email_address_by_key'")
    with closing(sqlite3.connect(demo.data / "imapgate.db")) as connection, connection:
        connection.execute("INSERT INTO email_address VALUES (999, 1, 1, 'a@b', 'a@b')")
        connection.execute("PRAGMA writable_schema=ON")
        connection.execute(
            "INSERT INTO sqlite_master SELECT 'index', 'email_address_by_key', 'email_address',"
            " 2, ?",
            (made,),
        )
    found = broken(demo, "--full")
    assert "database file" in found


def test_an_address_of_several_contacts_is_a_notice(demo: Command) -> None:
    """No fault: exit code 0; the oldest is named first."""
    demo.ok("contact", "add", "Erika the second", "other@example.net")
    sql(demo, "UPDATE email_address SET address_key = 'erika@example.net' WHERE id ="
        " (SELECT max(id) FROM email_address)")  # fmt: skip
    found = look(demo)
    assert found["addresses"]["state"] == "notice"
    assert "stands with Erika Example, Erika the second" in found["addresses"]["found"][0]
    assert demo.run("doctor").exit_code == 0


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
    spool = demo.data / "spool"
    spool.mkdir(mode=0o700)
    (spool / "1-ab.json").write_text(
        '{"principal": "alice", "segment": "Standard", "first_at": 1700000000}'
    )
    (spool / "1-ab.0").write_bytes(b"x" * 1000)
    (spool / "2-cd.json").write_text("{")
    for path in spool.iterdir():
        path.chmod(0o600)
    found = look(demo)["spool"]
    assert found["state"] == "notice"
    assert "A drop by alice@Standard of 2023-11-1" in found["found"][0]
    assert "A drop that can't be read" in found["found"][1]


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


def test_many_faults_are_counted_and_shown_for_people(demo: Command) -> None:
    """Twenty sentences of each check; the way out is told; control characters don't get through."""
    sql(demo, "UPDATE message SET sha256 = randomblob(32)", "UPDATE folder SET name = 'a' || x'1b'",
        "UPDATE entry SET size = 1")  # fmt: skip
    result = demo.run("doctor")
    assert result.exit_code == 1
    assert "problem  messages" in result.stdout
    assert "         > Keep it as it is now" in result.stdout
    assert "more\n" in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stdout.endswith("Problems: 3.\n")

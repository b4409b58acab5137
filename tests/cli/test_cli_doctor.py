"""`imapgate doctor`: a healthy database is all right, and each fault is named."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from command import Command
from doctoring import HELD, broken, look, sql

from imapgate.activities.people import person
from imapgate.folders import ready
from imapgate.folders.drops import Arrival, append
from imapgate.folders.verdict import Outcome
from imapgate.limits import Limits
from storage import Database, Tx, checks, contents, occupancy

NAMES = {
    "settings", "certificates", "permissions", "disk", "spool", "left over", "database file",
    "references", "clock", "counters", "entries", "flags", "links", "e-mail activities",
    "contacts", "address groups", "drop records", "addresses", "mail accounts", "unused accounts",
    "mailers",
    "unusual mailers", "approvals", "queue",
    "mail that waits", "outbox", "mails not sent", "messages", "ready-made bytes", "erased mails",
    "templates", "activities' messages", "messages not written",
}  # fmt: skip

INTERRUPTED = (
    "DELETE FROM entry WHERE folder_id = (SELECT id FROM folder WHERE name = 'Try me' LIMIT 1)"
    " AND uid = 1",
    "INSERT INTO message SELECT 999, segment_id, randomblob(32), x'', size, sent_on, created_at,"
    " NULL, NULL FROM message LIMIT 1",
    "INSERT INTO message_chunk VALUES (999, 0, 'private letter')",
    HELD,
)
"""As an erasing leaves it that was interrupted."""


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
    assert len(whole["counters"]) == 6
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
            "UPDATE entry SET activity_id = NULL WHERE identity IS NOT NULL AND NOT rendered",
            "entries",
            "stands in a group without an e-mail activity",
        ),
        ("UPDATE user_run SET modseq = 99", "flags", "with a higher MODSEQ"),
        ("INSERT INTO expunged_run VALUES (1, 99, 1, 1)", "flags", "Folder 1"),
        ("UPDATE segment SET next_number = 10000004", "counters", "#10000004 of segment Standard"),
        ("UPDATE folder SET uidvalidity = uidvalidity + 9999", "counters", "past the counter"),
        ("UPDATE folder SET octets = 1 WHERE id = 3", "counters", "Folder 3 (Sent) counts"),
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
    if "UPDATE entry" in statement:
        sql(demo, HELD)
    found = broken(demo)
    assert list(found) == [name]
    assert told in " ".join(found[name])
    assert look(demo)[name]["advice"]


FOREIGN = (
    "INSERT INTO segment (id, name, name_key, next_number, created_at, object_key)"
    " SELECT 9, 'Other', 'other', 20000001, created_at, x'' FROM segment"
)


@pytest.mark.parametrize(
    ("statements", "names"),
    [
        (
            ("UPDATE activity SET segment_id = 9 WHERE id = 1",),
            {"links", "entries", "activities' messages"},
        ),
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
        "DELETE FROM entry WHERE activity_id IS NOT NULL AND NOT rendered",
        "DELETE FROM email_activity",
        HELD,
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
    """By length, by order and by hash; what was made of them when they came stays as it is."""
    sql(demo, statement)
    tables = ("message_ready", "message_digest", "message_text", "message_order")
    before = [_rows(demo, table) for table in tables]
    for words in ((), ("--fix",), ("--full", "--fix")):
        found = broken(demo, *words)
        assert list(found) == ["messages"]
        assert told in found["messages"][0]
        assert "It stands: UID " in found["messages"][0]
    assert [_rows(demo, table) for table in tables] == before


@pytest.mark.parametrize(
    ("statement", "told", "words"),
    [
        ("DELETE FROM message_ready WHERE stored_message_id = 2", "has no ready-made", ()),
        ("DELETE FROM message_digest WHERE stored_message_id = 2", "has no ready-made", ()),
        ("DELETE FROM message_text WHERE stored_message_id = 2", "has no ready-made", ()),
        ("DELETE FROM message_order WHERE stored_message_id = 2", "has no ready-made", ()),
        ("UPDATE message_ready SET version = 0", "of version 0, not", ()),
        ("UPDATE message_ready SET envelope = 'NIL'", "other ready-made bytes", ("--full",)),
        ("UPDATE message_text SET body = 'x'", "other ready-made bytes", ("--full",)),
        ("UPDATE message_order SET base_subject = 'x'", "other ready-made bytes", ("--full",)),
        ("UPDATE message_order SET preview = 'x'", "other ready-made bytes", ("--full",)),
        ("UPDATE message_digest SET mail = '{}'", "other ready-made bytes", ("--full",)),
    ],
)
def test_what_is_made_of_messages_is_compared_and_made_anew(
    demo: Command, statement: str, told: str, words: tuple[str, ...]
) -> None:
    """--fix puts back exactly what was there; what only --full sees, only --full --fix mends."""
    tables = ("message_ready", "message_digest", "message_text", "message_order")
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
    monkeypatch.setattr("imapgate.folders.contents.PIECE", 300_000)
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
    sql(demo, *INTERRUPTED)
    found = broken(demo)
    assert list(found) == ["erased mails"]
    assert "Message 999 was erased" in found["erased mails"][0]
    assert look(demo, "--fix")["erased mails"]["state"] == "mended"
    assert broken(demo) == {}
    assert 999 not in [row[0] for row in _rows(demo, "message_chunk")]


def test_what_was_erased_stays_a_problem_while_somebody_reads(
    demo: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes are removed, but the log holds them: the next run with --fix empties it."""
    monkeypatch.setattr("storage.erasing.PATIENCE", 0.0)
    monkeypatch.setattr("storage.sqlite.BUSY_SECONDS", 0.01)
    log = demo.data / "imapgate.db-wal"
    with closing(Database.open(demo.data / "imapgate.db")) as other:

        def work(tx: Tx) -> list[dict[str, Any]]:
            tx.connection.exec_driver_sql("SELECT count(*) FROM message").all()
            sql(demo, *INTERRUPTED)
            return [look(demo, "--fix")["erased mails"] for _ in range(2)]

        first, second = other.read(work)
        assert (first["state"], second["state"]) == ("problem", "notice")
        assert "Message 999 was erased" in first["found"][0]
        assert "the log could not be emptied" in second["found"][0].lower()
        for one in (first, second):
            assert one["advice"] == ("Somebody was reading: run `imapgate doctor --fix` once more.")
        assert b"private letter" in log.read_bytes()
        assert look(demo, "--fix")["erased mails"]["state"] == "ok"
        assert log.stat().st_size == 0
    assert b"private letter" not in (demo.data / "imapgate.db").read_bytes()


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
        connection.execute("INSERT INTO email_address VALUES (999, 1, 1, 'a@b', 'a@b', 'email', 0)")
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


def test_many_faults_are_counted_and_shown_for_people(demo: Command) -> None:
    """Twenty sentences of each check; the way out is told; control characters don't get through."""
    sql(demo, "UPDATE message SET sha256 = randomblob(32)", "UPDATE folder SET name = 'a' || x'1b'",
        "UPDATE entry SET size = 1")  # fmt: skip
    result = demo.run("doctor")
    assert result.exit_code == 1
    assert "problem  messages" in result.stdout
    assert "         > This must not be: keep" in result.stdout
    assert "more\n" in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stdout.endswith("Problems: 4.\n")

"""`imapgate activity erase`: it tells what would go, asks, and tells what went."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from command import Command
from desk import Desk, mail
from sqlalchemy import select
from world import World

from imapgate.activities.people import person
from storage import Database
from storage.engine import Unavailable
from storage.schema import message

SUPPORT = "Trackers/Support"


@pytest.fixture
def office(acme: Command) -> Iterator[tuple[Command, Desk]]:
    """#10000001, which stands in Support and twice in anna's own folders; #10000002 beside it."""
    acme.ok("group", "add", "tracker", "Support")
    acme.ok("member", "set", "Support", "anna", "manager")
    acme.ok("creator", "add", "Support E-Mails", "--type", "E-Mail", "--group", "Support")
    db = Database.open(acme.data / "imapgate.db")
    try:
        who = db.read(lambda tx: person(tx, "anna@Acme"))
        anna = Desk(World(db, who.segment_id, {}, {}), who)
        anna.append("INBOX", mail("Private", 1))
        anna.copy("INBOX", [1], SUPPORT)
        anna.copy("INBOX", [1], "Trash")
        anna.append(SUPPORT, mail("Work", 2))
        yield acme, anna
    finally:
        db.close()


def test_it_tells_what_would_go_and_asks(office: tuple[Command, Desk]) -> None:
    """Anything but yes changes nothing."""
    command, anna = office
    words = ("activity", "erase", "10000001", "--reason", "private mail")
    result = command.run(*words, input="n\n")
    assert result.exit_code == 1
    assert (
        "1 entry in groups' folders, 2 copies in 2 personal folders of 1 person." in result.stderr
    )
    assert result.stderr.endswith("Nothing was erased.\n")
    assert command.run(*words, input="").stderr.endswith("\nNothing was erased.\n")
    assert len(anna.rows("INBOX")) == 1
    assert command.json("activity", "show", "10000001")["name"] == "Private"
    result = command.run(*words, input="y\n")
    assert result.exit_code == 0
    assert result.stdout.startswith("Erased #10000001.")
    assert "Backups that were made before still hold it" in result.stdout
    assert anna.rows("INBOX") == anna.rows("Trash") == []
    assert len(anna.rows(SUPPORT)) == 1


def test_an_erased_activity_is_shown_with_who_and_why(office: tuple[Command, Desk]) -> None:
    """The record of drops too, without subject."""
    command, _ = office
    value = command.json("activity", "erase", "#10000001", "--reason", "private mail", "--yes")
    assert (value["numbers"], value["group_entries"]) == ([10000001], 1)
    assert (value["personal_copies"], value["people"], value["overwritten"]) == (2, 1, True)
    page = command.ok("activity", "show", "10000001")
    assert page.startswith("#10000001 [erased]")
    assert "by anna: Erased" in page
    assert "private mail" in page
    first, second = command.json("drops")
    assert (first["subject"], first["message_id"]) == ("[erased]", None)
    assert len(first["sha256"]) == 64
    assert (first["activity"], first["user"]) == (10000001, "anna@Acme")
    assert second["subject"] == "Work"
    assert "aren't here" in command.refused("drops", "show", "1", "--save", "x.eml")


def test_a_busy_database_is_told_and_the_next_run_overwrites(
    office: tuple[Command, Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Out of sight it is all the same."""
    command, anna = office
    words = ("activity", "erase", "10000001", "--reason", "x", "--yes")

    calls = []

    def away(_: Database) -> int:
        calls.append(1)
        if len(calls) == 2:  # The first one is for what an earlier run may have left.
            raise Unavailable("the database is locked by another process")
        return 0

    with monkeypatch.context() as patched:
        patched.setattr("storage.erasing.finish", away)
        page = command.ok(*words)
    assert "not overwritten yet" in page
    assert anna.rows("INBOX") == []
    assert "erased already" in command.refused(*words)
    left = anna.world.db.read(lambda tx: tx.connection.execute(select(message.c.id)).all())
    assert len(left) == 1


def test_several_go_at_once(office: tuple[Command, Desk]) -> None:
    command, anna = office
    words = ("10000001", "10000002", "10000001", "--reason", "both", "--yes")
    assert command.ok("activity", "erase", *words).startswith("Erased #10000001, #10000002.")
    assert anna.rows(SUPPORT) == []


def test_mistakes(office: tuple[Command, Desk]) -> None:
    """One sentence each; without a reason nothing is erased."""
    command, anna = office
    refused = command.refused("activity", "erase", "99", "--reason", "x", "--yes")
    assert refused == "There is no activity #99."
    assert "reason is empty" in command.refused(
        "activity", "erase", "10000001", "--reason", " ", "--yes"
    )
    assert command.run("activity", "erase", "10000001", "--yes").exit_code == 2
    assert command.run("activity", "erase", "--reason", "x", "--yes").exit_code == 2
    command.ok("activity", "erase", "10000001", "--reason", "x", "--yes")
    again = command.refused("activity", "erase", "10000001", "--reason", "x", "--yes")
    assert again == "#10000001 was erased already."
    assert len(anna.rows(SUPPORT)) == 1


def test_what_waits_in_the_spool_comes_first(office: tuple[Command, Desk]) -> None:
    """It may be the same mail, and would be back after the next start."""
    command, _ = office
    (command.data / "spool").mkdir()
    (command.data / "spool" / "1-00000000000000000000000000000000.json").write_text("{}")
    told = command.refused("activity", "erase", "10000001", "--reason", "private mail", "--yes")
    assert told.startswith("Mails that came while the database was away wait in the spool")
    assert "start the server" in told

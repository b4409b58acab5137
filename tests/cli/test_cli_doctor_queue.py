"""`imapgate doctor` on the queue of mail that came in."""

from __future__ import annotations

import time
from contextlib import closing

import pytest
from coming_in import LIMITS, add_account, end, fail
from command import Command
from desk import mail
from doctoring import broken, look, sql
from world import World

from imapgate.incoming import filing, queue
from storage import Database

HOUR = 60 * 60
FAILED = "UPDATE incoming SET state = '{}' WHERE id = 1"


@pytest.fixture
def queued(demo: Command) -> Command:
    """One mail of the account `mails` failed, and one was discarded."""
    with closing(Database.open(demo.data / "imapgate.db")) as db:
        world = World(db, 1, {}, {})
        account = add_account(world)
        fail(world, mail(n=1), account)
        end(world, fail(world, mail(n=2), account))
    return demo


def test_what_could_not_be_filed_is_a_notice(queued: Command) -> None:
    """With how many there are, whose, and since when."""
    found = look(queued)["mail that waits"]
    (told,) = found["found"]
    assert found["state"] == "notice"
    assert told.startswith("1 of account mails (segment Standard) could not be filed, the oldest")
    assert "imapgate incoming list" in found["advice"]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (FAILED.format("held"), "are held"),
        (FAILED.format("fetched") + "; UPDATE incoming SET fetched_at = {old}", "not filed yet"),
        (
            FAILED.format("filed") + "; UPDATE incoming SET settled = 0, fetched_at = {very_old}",
            "not yet marked, moved or deleted",
        ),
        (FAILED.format("fetched"), None),
        (FAILED.format("filed") + "; UPDATE incoming SET settled = 0, fetched_at = {old}", None),
    ],
)  # fmt: skip
def test_what_waits_for_long_is_a_notice_too(
    queued: Command, statement: str, told: str | None
) -> None:
    """An hour to be filed, a day to be settled at its source."""
    now = int(time.time())
    filled = statement.format(old=now - 2 * HOUR, very_old=now - 25 * HOUR)
    sql(queued, *filled.split("; "))
    found = broken(queued).get("mail that waits", [])
    assert ([told in one for one in found] == [True]) if told else not found


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE incoming SET state = 'lost' WHERE id = 2", "a state that there is not"),
        ("UPDATE incoming SET sha256 = zeroblob(32) WHERE id = 1", "another message than came"),
        (
            "UPDATE incoming SET state = 'held', stored_message_id = NULL WHERE id = 2",
            "has lost its message",
        ),
        (
            "UPDATE incoming SET state = 'discarded' WHERE id = 1",
            "Incoming/Failed) shows a mail that doesn't wait",
        ),
    ],
)
def test_rows_that_disagree_are_named(queued: Command, statement: str, told: str) -> None:
    sql(queued, statement)
    assert told in " ".join(broken(queued)["queue"])


def test_nothing_of_another_segment_is_named(queued: Command) -> None:
    sql(
        queued,
        "INSERT INTO segment (id, name, name_key, next_number, created_at, object_key)"
        " SELECT 9, 'Other', 'other', 20000001, created_at, x'' FROM segment",
        "UPDATE account SET segment_id = 9",
    )
    assert "something of another segment" in " ".join(broken(queued)["queue"])


def test_a_damaged_message_is_told_by_its_row(queued: Command) -> None:
    """It stands in nobody's folder, and still can be found."""
    sql(
        queued,
        "UPDATE message_chunk SET bytes = zeroblob(length(bytes)) WHERE stored_message_id ="
        " (SELECT stored_message_id FROM incoming WHERE id = 2)",
    )
    (told,) = broken(queued)["messages"]
    assert told.endswith("It stands: row 2 of the queue.")


def test_a_number_that_a_stranger_named_is_no_fault(demo: Command) -> None:
    """Its record says so by an outcome of its own."""
    with closing(Database.open(demo.data / "imapgate.db")) as db:
        world = World(db, 1, {}, {})
        origin = queue.Origin(1, "account 1 INBOX", add_account(world, creator="Support E-Mails"))
        stranger = mail("#10000001").replace(b"erika@", b"mallory@")
        (taken,) = queue.take(db, origin, [queue.Fetched(None, stranger)], LIMITS)
        came = filing.file_one(db, taken.row_id, LIMITS)
    assert "#10000001 is not linked" in (came.text or "")
    assert look(demo)["drop records"]["state"] == "ok"

"""`imapgate doctor` looks at activities' messages; the demo is made with those of its own."""

from __future__ import annotations

import pytest
from command import Command
from doctoring import broken, look, sql


def test_what_was_written_is_all_right(demo: Command) -> None:
    assert {one["state"] for one in look(demo, "--full").values()} == {"ok"}


RENDERED = "(SELECT activity_id FROM entry WHERE rendered ORDER BY folder_id, uid LIMIT 1)"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("DELETE FROM rendering", "was not written of #1"),
        (f"DELETE FROM activity_in_group WHERE activity_id = {RENDERED}", "is not in that group"),
        (f"DELETE FROM entry WHERE activity_id = {RENDERED}", "has no message in group"),
        ("DELETE FROM activity_revision", "is newer than its activity's newest revision"),
        ("UPDATE rendering SET number = number + 1", "is newer than its activity's newest"),
    ],
)
def test_a_fault_is_named(demo: Command, statement: str, told: str) -> None:
    sql(demo, statement)
    assert told in " ".join(broken(demo)["activities' messages"])


def test_an_entry_of_another_activity_is_named(demo: Command) -> None:
    sql(demo, "UPDATE entry SET identity = randomblob(8) WHERE rendered")
    assert "another identity" in " ".join(broken(demo)["entries"])


def test_what_is_due_is_about_to_be_put_right(demo: Command) -> None:
    sql(
        demo,
        f"INSERT INTO activity_due (activity_id, due_at, version) SELECT {RENDERED}, 2000000000, 1",
        f"DELETE FROM activity_in_group WHERE activity_id = {RENDERED}",
    )
    assert look(demo)["activities' messages"]["state"] == "ok"


def test_what_cannot_be_written_and_what_waits_long_is_told(demo: Command) -> None:
    """No fault of the database: the server's log says why."""
    sql(
        demo,
        "INSERT INTO activity_due (activity_id, due_at, version, failures)"
        f" SELECT {RENDERED}, 2000000000, 1, 3",
        "INSERT INTO activity_due (activity_id, due_at, version)"
        f" SELECT id, 1, 1 FROM activity WHERE id != {RENDERED} LIMIT 2",
    )
    found = look(demo)["messages not written"]
    assert found["state"] == "notice"
    text = " ".join(found["found"])
    assert "can't be written (3 tries)" in text
    assert "2 changed activities have waited" in text

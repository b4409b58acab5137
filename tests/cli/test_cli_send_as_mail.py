"""Send as mail and Export as mail attachment at the command line: what came of it is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from command import Command
from desk import Desk, mail
from going_out import add_mailer, queued
from world import World, build

from storage import Database
from storage.occupancy import serving

TAKE = ("activity", "follow-up", "10000001", "--as", "alice", "--transition")


@pytest.fixture
def world(command: Command) -> Iterator[World]:
    """The small segment where the command line works; its first mail is assigned to alice."""
    command.data.mkdir(mode=0o700)
    db = Database.create(command.data / "imapgate.db", "tests")
    try:
        made = build(db)
        Desk(made, made.alice).append("Trackers/Support", mail())
        command.ok(*TAKE, "Assign")
        yield made
    finally:
        db.close()


def test_a_mail_is_queued_and_without_a_server_it_waits(command: Command, world: World) -> None:
    add_mailer(world)
    assert command.ok(*TAKE, "Send as mail").splitlines() == [
        "Took Send as mail on #10000001: Open, 50 percent complete.",
        "Queued as mail 1 to support@example.org.",
        "No server runs here: it waits until one does, or until `imapgate outbox send`.",
    ]
    with serving(command.data):
        said = command.ok(*TAKE, "Export as mail attachment").splitlines()
    assert said[1:] == [
        "Queued as mail 2 to alice@example.org.",
        "The server sends it: `imapgate outbox list` tells how it goes.",
    ]


def test_why_not_is_told(command: Command, world: World) -> None:
    """The transition is taken all the same, and the activity says it too."""
    shown = command.json(*TAKE, "Send as mail")
    (told,) = shown["outgoing"]
    assert told["mail"] is None
    assert told["text"].startswith("Not sent as mail: There is no mailer")
    titles = [one["title"] for one in shown["follow_ups"]]
    assert titles == ["Assign", "Send as mail", "Not sent as mail"]
    assert command.ok(*TAKE, "Send as mail").splitlines()[1] == told["text"]
    assert queued(world) == 0


def test_only_what_this_command_began_is_told(command: Command, world: World) -> None:
    add_mailer(world)
    command.ok(*TAKE, "Send as mail")
    assert command.ok(*TAKE, "Add Note").splitlines() == [
        "Took Add Note on #10000001: Open, 50 percent complete."
    ]
    assert command.json(*TAKE, "Add Note")["outgoing"] == []

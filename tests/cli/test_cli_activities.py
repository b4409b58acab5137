"""Activities made, followed up and shown by the command line."""

from __future__ import annotations

import pytest
from command import Command

from imapgate.cli.output import clean


@pytest.fixture
def incident(acme: Command) -> Command:
    """#10000001, made by the creator GadgetASupport of group Support."""
    acme.ok("group", "add", "tracker", "Support")
    acme.ok("creator", "add", "GadgetASupport", "--type", "Bug", "--group", "Support")
    acme.ok("contact", "add", "Erika Example", "erika@example.net")
    made = acme.json(
        *("activity", "new", "Gadget does not boot", "--creator", "gadgetasupport"),
        *("--contact", "erika@example.net", "--description", "dark", "--priority", "urgent"),
    )
    assert made["number"] == 10000001
    return acme


def test_a_new_activity_is_what_its_creator_prescribes(incident: Command) -> None:
    """Group, class and first state; all that `show --json` promises is there."""
    shown = incident.json("activity", "show", "#10000001")
    assert shown["name"] == "Gadget does not boot"
    assert (shown["class"], shown["state"], shown["percent_complete"]) == ("Incident", "New", 0)
    assert (shown["priority"], shown["groups"]) == ("urgent", ["Support"])
    assert (shown["reporting_contact"], shown["created_by"]) == ("Erika Example", "anna")
    promised = "subject sender recipients message_id sha256 sent_at body media notes links"
    assert {*promised.split(), "follow_ups"} <= set(shown)


def test_follow_ups_take_transitions(incident: Command) -> None:
    """A transition moves the state; one that doesn't start there is refused and nothing is kept."""
    incident.ok("user", "add", "bob")
    text = incident.ok(
        *("activity", "follow-up", "10000001", "--transition", "assign", "--as", "bob"),
    )
    assert "In Progress, 20 percent" in text
    refused = incident.refused("activity", "follow-up", "10000001", "--transition", "Close")
    assert "In Progress" in refused
    incident.ok("activity", "follow-up", "10000001", "--title", "Called", "--text", "Nobody in.")
    shown = incident.json("activity", "show", "10000001")
    assert shown["state"] == "In Progress"
    assert [(one["title"], one["author"]) for one in shown["follow_ups"]] == [
        ("Assign", "bob"),
        ("Called", "anna"),
    ]
    page = incident.ok("activity", "show", "10000001")
    assert "#10000001 Gadget does not boot" in page
    assert "Nobody in." in page
    assert "urgent" in page


def test_activities_are_listed_and_filtered(incident: Command) -> None:
    """By class, group, state and whether they are open; the newest with --limit."""
    incident.ok("activity", "new", "Write it down", "--type", "Task")
    numbers = [row["number"] for row in incident.json("activity", "list")]
    assert numbers == [10000001, 10000002]

    def listed(*words: str) -> list[int]:
        return [row["number"] for row in incident.json("activity", "list", *words)]

    assert listed("--class", "Task") == [10000002]
    assert listed("--group", "support") == [10000001]
    assert listed("--closed") == []
    assert listed("--open", "--limit", "1") == [10000002]
    assert "There is no such activity." in incident.ok("activity", "list", "--closed")
    assert "Gadget does not boot" in incident.ok("activity", "list")


def test_mistakes_with_activities(incident: Command) -> None:
    """Unknown numbers and names are refused, nonsense is wrong usage."""
    assert "There is no activity #99" in incident.refused("activity", "show", "99")
    assert "There is no creator" in incident.refused("activity", "new", "X", "--creator", "no")
    assert "needs" in incident.refused("activity", "follow-up", "10000001")
    assert incident.run("activity", "show", "1x").exit_code == 2
    assert incident.run("activity", "new", "X").exit_code == 2
    assert [row["number"] for row in incident.json("activity", "list")] == [10000001]


def test_what_is_printed_can_t_steer_a_terminal(incident: Command) -> None:
    """Escape sequences in a text that somebody sent are shown as replacement characters."""
    assert clean("a\x1b[31mb\x9b\r") == "a\ufffd[31mb\ufffd\ufffd"
    incident.ok("activity", "follow-up", "10000001", "--title", "T", "--text", "\x1b]0;x\x07 [b]")
    page = incident.ok("activity", "show", "10000001")
    assert "\x1b" not in page
    assert "[b]" in page

"""`imapgate notify`: who is told of what."""

from __future__ import annotations

import pytest
from command import Command


@pytest.fixture
def acme(office: Command) -> Command:
    """anna, the administrator, and bert, who is in Support; a case of anna's there."""
    office.ok("user", "add", "bert", "--email", "bert@acme.example")
    office.ok("member", "set", "Support", "bert", "viewer")
    office.ok("activity", "new", "It burns", "--creator", "Bugs")
    return office


def test_add_list_and_remove(acme: Command) -> None:
    """As text and as JSON; events with commas or repeated."""
    said = acme.ok(
        "notify", "add", "bert", "--on", "created,state", "--on", "state", "--group", "Support"
    )
    assert said == "Notification 1: bert is told: created, state of group Support, by mail.\n"
    made = acme.json(
        "notify", "add", "bert", "--on", "follow-up", "--activity", "#10000001", "--by", "both"
    )
    assert made == {
        "id": 2,
        "user": "bert",
        "group": None,
        "activity": 10000001,
        "events": ["follow-up"],
        "by": "both",
    }
    said = acme.ok("notify", "add", "anna", "--on", "incoming-failed")
    assert said == "Notification 3: anna is told: incoming-failed, by mail.\n"
    assert [one["id"] for one in acme.json("notify", "list")] == [1, 2, 3]
    assert [one["id"] for one in acme.json("notify", "list", "bert")] == [1, 2]
    assert "#10000001" in acme.ok("notify", "list", "bert@Acme")
    assert acme.ok("notify", "remove", "1") == (
        "bert is no longer told: created, state of group Support, by mail.\n"
    )
    assert [one["id"] for one in acme.json("notify", "list")] == [2, 3]
    assert acme.refused("notify", "remove", "1") == "There is no notification 1."


def test_wrong_words(acme: Command) -> None:
    """An unknown event or way is a usage error, an unknown name a refusal."""
    assert acme.run("notify", "add", "bert", "--on", "sneezed").exit_code == 2
    assert acme.run("notify", "add", "bert", "--on", "state", "--by", "pigeon").exit_code == 2
    assert acme.run("notify", "add", "bert").exit_code == 2
    assert "no user" in acme.refused("notify", "add", "nobody", "--on", "state")
    assert "Sales" in acme.refused("notify", "add", "bert", "--on", "state", "--group", "Salesx")
    assert "no member" in acme.refused("notify", "add", "bert", "--on", "state", "--group", "Sales")


def test_test_says_why(acme: Command) -> None:
    """Exit code 1 where something keeps the user from being told."""
    result = acme.run("notify", "test", "bert")
    assert result.exit_code == 1
    assert "bert doesn't want to be told of anything." in result.stdout
    acme.ok("notify", "add", "bert", "--on", "state")
    shown = acme.ok("notify", "test", "bert", "--activity", "10000001")
    assert "bert sees #10000001 as a member of Support." in shown
    assert "There is no mailer by which it could be sent" in shown
    assert "No server runs: nothing is told until one does." in shown


def test_test_names_the_account_that_reads_answers(acme: Command) -> None:
    """Or warns that nobody does."""
    acme.ok("notify", "add", "bert", "--on", "state")
    acme.ok(
        "mailer",
        "add",
        "relay",
        "--host",
        "localhost",
        "--security",
        "none",
        "--from",
        "crm@acme.example",
    )
    acme.ok("mailer", "default", "relay")
    steps = {one["step"]: one for one in acme.json("notify", "test", "bert")}
    assert steps["answers"]["text"] == "Answers to it go to crm@acme.example."
    assert steps["account"]["state"] == "warning"
    acme.ok("account", "add", "crm", "--host", "localhost", "--user", "crm@acme.example")
    steps = {one["step"]: one for one in acme.json("notify", "test", "bert")}
    assert steps["account"]["state"] == "ok"
    assert 'Account "crm" reads answers' in steps["account"]["text"]

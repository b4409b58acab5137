"""`imapgate activity message`, and the settings that it shows: `group edit`, `segment edit`."""

from __future__ import annotations

import pytest
from command import Command

URL = "https://crm.example.org/activity/{number}"


@pytest.fixture
def support(acme: Command) -> Command:
    """Trackers Support and Sales; an incident in both."""
    for name in ("Support", "Sales"):
        acme.ok("group", "add", "tracker", name)
    acme.ok("creator", "add", "Bugs", "--type", "Bug", "--group", "Support", "--group", "Sales")
    acme.ok("activity", "new", "It is dark", "--creator", "Bugs", "--description", "Since <today>.")
    return acme


def test_the_message_is_shown_as_text_and_as_html(support: Command) -> None:
    """With what a mail client shows of its header."""
    told = support.ok("activity", "message", "10000001")
    assert told.startswith("From: anna <anna@acme.example>\nTo: nobody yet\n")
    assert "\nSubject: [#10000001] It is dark\nDate: 2" in told
    assert "    Since <today>.\n" in told
    assert "\r" not in told
    html = support.ok("activity", "message", "#10000001", "--html")
    assert html.startswith("<!DOCTYPE html>\n")
    assert "Since &lt;today&gt;." in html


def test_it_is_looked_at_as_a_group_sees_it(support: Command) -> None:
    """bob is in Sales only; each group's own name is told."""
    support.ok("user", "add", "bob")
    support.ok("member", "set", "Sales", "bob", "viewer")
    assert "Groups:       Sales\n" in support.ok(
        "activity", "message", "10000001", "--group", "sales"
    )
    assert "Groups:       Support, Sales\n" in support.ok("activity", "message", "10000001")


def test_what_has_no_message_is_said(support: Command) -> None:
    """One plain sentence each."""
    support.ok("group", "add", "tracker", "Other")
    support.ok("activity", "new", "Alone", "--type", "Bug")
    support.ok("activity", "new", "A mail", "--type", "E-Mail", "--to", "erika@example.net")
    for words, said in (
        (("99",), "There is no activity #99."),
        (("10000001", "--group", "Other"), '#10000001 is not in "Other".'),
        (("10000001", "--group", "None"), 'There is no group "None".'),
        (("10000002",), "#10000002 is in no group: its message stands nowhere."),
        (("10000003",), "#10000003 is an e-mail: its message is the mail itself."),
    ):
        assert support.refused("activity", "message", *words) == said


def test_a_group_s_attachments(support: Command) -> None:
    """Set, shown, and in the settings history."""
    assert (
        "Say --attachments or --no-attachments." in support.run("group", "edit", "Support").output
    )
    said = support.ok("group", "edit", "Support", "--attachments", "--reason", "photos")
    assert said == (
        'Messages of activities in "Support" have their attachments, each from its next change '
        "on.\n"
    )
    shown = {one["name"]: one["shows_attachments"] for one in support.json("group", "list")}
    assert shown == {"Support": True, "Sales": False}
    assert "shown" in support.ok("group", "list")
    (entry, *_) = support.json("account", "history")
    assert (entry["subject"], entry["reason"]) == ("group Support", "photos")
    assert entry["changes"] == {"shows_attachments": [False, True]}
    assert not support.json("group", "edit", "Support", "--no-attachments")["shows_attachments"]


def test_a_segment_s_web_address(support: Command) -> None:
    """Set, shown, in the settings history and in the message; taken away by an empty one."""
    support.ok("segment", "edit", "Acme", "--activity-url", URL)
    assert support.json("segment", "show")["activity_url"] == URL
    assert URL in support.ok("segment", "show")
    (entry, *_) = support.json("account", "history")
    assert entry["changes"] == {"activity_url": [None, URL]}
    assert URL.format(number=10000001) in support.ok("activity", "message", "10000001")
    refused = support.refused(
        "segment", "edit", "Acme", "--activity-url", "https://crm.example.org"
    )
    assert refused == "The link has no {number}: where does the activity's number stand?"
    support.ok("segment", "edit", "Acme", "--activity-url", "")
    assert support.json("segment", "show")["activity_url"] is None

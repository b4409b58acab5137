"""Commands for groups, members, creators, types and processes."""

from __future__ import annotations

import pytest
from command import Command

from imapgate.folders.sign_in import sign_in
from imapgate.folders.tree import list_folders
from imapgate.limits import Limits
from storage import Database


@pytest.fixture
def support(acme: Command) -> Command:
    """As the README sets it up: bert is contributor of Support, which takes mail."""
    acme.ok("user", "add", "bert", "--email", "bert@acme.example")
    acme.ok("group", "add", "tracker", "Support")
    acme.ok("creator", "add", "Support E-Mails", "--type", "E-Mail", "--group", "Support")
    acme.ok("member", "set", "Support", "bert", "contributor")
    return acme


def _folders(command: Command, login: str) -> dict[str, str]:
    """Names and rights of the group folders and headings that a user sees."""
    db = Database.open(command.data / "imapgate.db")
    try:
        admission = sign_in(db, login, "a secret")
        assert admission is not None
        seen = db.read(lambda tx: list_folders(tx, admission.person, Limits()))
        return {one.name: one.rights for one in seen if one.kind.value != "personal"}
    finally:
        db.close()


def test_the_readme_s_setting_up_gives_a_folder_that_takes_mail(support: Command) -> None:
    """group add, creator add, member set: bert may insert, anna sees nothing."""
    assert _folders(support, "bert@Acme") == {"Trackers": "lr", "Trackers/Support": "lrswite"}
    assert _folders(support, "anna@Acme") == {}
    row = support.json("group", "list")[0]
    assert row["kind"] == "tracker"
    assert row["members"] == [{"user": "bert", "role": "contributor"}]
    assert row["creators"] == ["Support E-Mails"]


def test_roles_change_and_memberships_end(support: Command) -> None:
    """A viewer can't insert; who is no member sees nothing."""
    support.ok("member", "set", "Support", "bert", "viewer")
    assert _folders(support, "bert@Acme")["Trackers/Support"] == "lrs"
    support.ok("member", "remove", "Support", "bert@acme.example")
    assert _folders(support, "bert@Acme") == {}
    assert "no member" in support.refused("member", "remove", "Support", "bert")
    assert support.run("member", "set", "Support", "bert", "king").exit_code == 2


def test_groups_are_renamed_and_removed_with_their_folders(support: Command) -> None:
    """The folder goes with the group; activities stay."""
    support.ok("activity", "new", "A task", "--type", "Task", "--group", "Support")
    support.ok("group", "rename", "support", "Büro & Ablage")
    assert "Trackers/Büro & Ablage" in _folders(support, "bert@Acme")
    support.ok("group", "remove", "Büro & Ablage")
    assert _folders(support, "bert@Acme") == {}
    assert support.json("activity", "show", "10000001")["groups"] == []


def test_accounts_that_filed_into_a_removed_group_are_named(support: Command) -> None:
    """Their mails have no place any more; of others nothing is said."""
    place = ("--host", "imap.example.org", "--user", "x", "--creator", "Support E-Mails")
    support.ok("account", "add", "mails", *place)
    support.ok("group", "add", "tracker", "Other")
    assert support.run("group", "remove", "Other").stderr == ""
    assert support.run("group", "remove", "Support").stderr == (
        'mails: What it brings can\'t be filed: creator "Support E-Mails" serves no group.\n'
    )


def test_a_name_shared_by_two_kinds_needs_its_kind(support: Command) -> None:
    """`--kind`, and `category/NAME` where a creator lists groups."""
    support.ok("group", "add", "category", "Support")
    assert "say which kind" in support.refused("member", "set", "Support", "anna", "viewer")
    support.ok("member", "set", "Support", "anna", "viewer", "--kind", "category")
    assert set(_folders(support, "anna@Acme")) == {"Categories", "Categories/Support"}
    edited = support.json("creator", "edit", "Support E-Mails", "--group", "category/Support")
    assert edited["groups"] == ["Support"]
    assert "i" not in _folders(support, "bert@Acme")["Trackers/Support"]


def test_creators_are_edited_and_removed(support: Command) -> None:
    """What isn't named stays; without its creator the group takes no mail."""
    support.ok(
        *("creator", "edit", "support e-mails", "--name", "Mails", "--priority", "high"),
        *("--assigned-to", "bert", "--default"),
    )
    row = support.json("creator", "list")[0]
    assert (row["name"], row["priority"], row["assigned_to"]) == ("Mails", "high", "bert")
    assert row["groups"] == ["Support"]
    assert support.json("segment", "list")[0]["default_creator"] == "Mails"
    support.ok("creator", "edit", "Mails", "--assigned-to", "")
    assert support.json("creator", "list")[0]["assigned_to"] is None
    assert support.run("creator", "edit", "Mails", "--no-groups", "--group", "x").exit_code == 2
    support.ok("creator", "remove", "Mails")
    assert support.json("creator", "list") == []
    assert "i" not in _folders(support, "bert@Acme")["Trackers/Support"]


def test_mistakes_with_groups_and_creators_are_one_sentence(support: Command) -> None:
    """Unknown and taken names, an unknown type."""
    assert "There is already" in support.refused("group", "add", "tracker", "SUPPORT")
    assert "There is no" in support.refused("group", "rename", "Nothing", "Something")
    assert "no activity type" in support.refused("creator", "add", "X", "--type", "Nonsense")
    assert "There is already" in support.refused(
        "creator", "add", "support e-mails", "--type", "E-Mail"
    )


def test_types_and_processes_are_shown(acme: Command) -> None:
    """Every type has a class and a process, whose transitions can be looked at."""
    types = {row["name"]: row for row in acme.json("type", "list")}
    assert types["Bug"]["activity_class"] == "Incident"
    process = acme.json("process", "show", types["E-Mail"]["process"])
    assert [one["name"] for one in process["transitions"]][:2] == ["Assign", "Add Note"]
    text = acme.ok("process", "show", "bug and feature")
    assert "Closed (closed)" in text
    assert "There is no process" in acme.refused("process", "show", "x")


def test_a_group_can_be_described(support: Command) -> None:
    """For mail clients that know METADATA; the limit is the clients' own."""
    assert "this description" in support.ok("group", "describe", "Support", "Customers ask here")
    assert support.json("group", "describe", "Support", "New")["description"] == "New"
    assert [one["description"] for one in support.json("group", "list")] == ["New"]
    assert "New" in support.ok("group", "list")
    assert "longer than" in support.refused("group", "describe", "Support", "x" * 5000)
    assert "There is no" in support.refused("group", "describe", "Nothing", "x")
    assert "no description" in support.ok("group", "describe", "Support")
    assert [one["description"] for one in support.json("group", "list")] == [None]

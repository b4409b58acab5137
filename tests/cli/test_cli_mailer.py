"""`imapgate mailer add`, `edit`, `list`, `show`, `default`, `remove` and `history`."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import Command

ADD = ("mailer", "add", "relay", "--host", "mail.acme.example", "--from", "crm@acme.example")


@pytest.fixture
def two(acme: Command) -> Command:
    """After `init`, with a second segment."""
    acme.ok("segment", "add", "Beta", "--admin", "bea", "--email", "bea@beta.example")
    return acme


def test_a_mailer_is_added_shown_and_removed(acme: Command) -> None:
    """What counts though nobody said it is shown, marked; the password only as stored."""
    told = acme.ok(*ADD, "--user", "crm")
    assert told == (
        'Added mailer "relay". It is the default of Acme. Next: imapgate mailer test "relay" --to '
        "ADDRESS.\n"
    )
    lines = acme.ok("mailer", "show", "RELAY").splitlines()
    shown = dict(one.split(":", 1) for one in lines)
    assert {name: text.strip() for name, text in shown.items()} == {
        "mailer": "relay",
        "segment": "Acme",
        "default": "yes",
        "active": "on (default)",
        "host": "mail.acme.example",
        "port": "587 (default)",
        "security": "starttls (default)",
        "connecting": "30 s (default)",
        "sending": "5 min (default)",
        "lowest tls": "1.2 (default)",
        "verify": "on (default)",
        "authentication": "password (default)",
        "user": "crm",
        "from": "crm@acme.example",
        "debug": "off (default)",
        "password": "is stored",
        "last success": "never",
    }
    listed = acme.json("mailer", "list")
    assert [one["name"] for one in listed] == ["relay"]
    assert listed[0]["set"] == ["host", "user", "from"]
    assert listed[0]["secrets"] == ["password"]
    assert "a secret" not in str(listed)
    assert "smtp://mail.acme.example:587 (starttls)" in acme.ok("mailer", "list")
    assert acme.run("mailer", "remove", "relay", input="n\n").stderr.endswith(
        "Nothing was changed.\n"
    )
    assert acme.ok("mailer", "remove", "relay", "--yes") == (
        'Removed mailer "relay". No mailer is left: what is to be sent fails until '
        "`imapgate mailer add`.\n"
    )
    assert acme.ok("mailer", "list").startswith("There is no mailer")


def test_of_those_that_are_left_none_is_the_default_by_itself(acme: Command) -> None:
    for name in ("relay", "spare"):
        acme.ok("mailer", "add", name, "--sendmail", "--from", "crm@acme.example")
    told = acme.ok("mailer", "remove", "relay", "--yes")
    assert "There is no default in its place" in told


def test_the_password_comes_from_a_file(acme: Command, tmp_path: Path) -> None:
    file = tmp_path / "password.txt"
    file.write_text("from a file\n")
    acme.ok(*ADD, "--user", "crm", "--password-file", str(file))
    with_file = acme.refused("mailer", "edit", "relay", "--user", "", "--password-file", str(file))
    assert with_file == "A password goes with authentication password, and this is none."
    acme.ok("mailer", "edit", "relay", "--new-password")
    changes = acme.json("mailer", "history", "relay")[0]["changes"]
    assert changes == {"password": ["set", "changed"]}


def test_without_a_terminal_the_password_is_asked_for_by_name(acme: Command) -> None:
    result = acme.run(*ADD, "--user", "crm", password=None)
    assert result.exit_code == 1
    assert "--password-file" in result.stderr
    assert acme.json("mailer", "list") == []


def test_sendmail_by_its_usual_path_or_another(acme: Command) -> None:
    acme.ok("mailer", "add", "local", "--sendmail", "--from", "crm@acme.example")
    acme.ok("mailer", "add", "other", "--sendmail", "/opt/sendmail", "--from", "crm@acme.example")
    paths = {one["name"]: one["sendmail"] for one in acme.json("mailer", "list")}
    assert paths == {"local": "/usr/sbin/sendmail", "other": "/opt/sendmail"}
    assert "host" not in acme.ok("mailer", "show", "local")
    assert acme.refused("mailer", "edit", "local", "--user", "crm").startswith("sendmail knows")


def test_dangers_stand_on_the_standard_error(acme: Command) -> None:
    """Also with --json, whose output stays JSON."""
    said = ("mailer", "add", "t", "--host", "m.acme.example", "--intercept", "file", "--json")
    result = acme.run(*said)
    assert result.exit_code == 0
    assert result.stderr.splitlines() == [
        "t: It is for tests: whoever a mail is for, it goes into files, and nothing else leaves.",
        "t: It has no From address: what the system sends is From noreply@localhost, which nobody "
        "can answer and many servers refuse.",
    ]


def test_the_order_of_those_that_count(two: Command) -> None:
    """A segment's own before those for all; other segments' aren't among them."""
    two.ok("mailer", "add", "all", "--global", "--host", "all.example", "--from", "a@b.example")
    for segment in ("Acme", "Beta"):
        two.ok(*ADD, "--segment", segment)
    listed = two.json("mailer", "list", "--segment", "Beta")
    assert [(one["name"], one["segment"], one["default"]) for one in listed] == [
        ("relay", "Beta", True),
        ("all", None, True),
    ]
    assert [one["name"] for one in two.json("mailer", "list", "--global")] == ["all"]
    assert two.refused("mailer", "list").startswith("There are several segments")
    both = two.refused("mailer", "list", "--global", "--segment", "Beta")
    assert both == "--segment and --global exclude each other."


def test_what_is_for_all_is_found_from_a_segment(two: Command) -> None:
    """And changed for all, which is told; it stands in the history of each."""
    two.ok("mailer", "add", "all", "--global", "--host", "all.example", "--from", "a@b.example")
    told = two.ok("mailer", "edit", "all", "--segment", "Beta", "--debug", "on", "--reason", "why")
    assert told == 'Changed mailer "all" (for all segments).\n'
    for segment in ("Acme", "Beta"):
        newest = two.json("mailer", "history", "all", "--segment", segment)[0]
        assert newest["changes"] == {"debug": [False, True]}
        assert newest["reason"] == "why"


def test_another_default(acme: Command) -> None:
    acme.ok(*ADD)
    acme.ok("mailer", "add", "second", "--host", "two.acme.example", "--from", "a@acme.example")
    assert acme.ok("mailer", "default", "second") == (
        'Mailer "second" is the default from now on.\n'
    )
    defaults = {one["name"]: one["default"] for one in acme.json("mailer", "list")}
    assert defaults == {"relay": False, "second": True}
    acme.ok("mailer", "default", "second", "--undo")
    assert not any(one["default"] for one in acme.json("mailer", "list"))


def test_a_history_follows_a_mailer_s_names(acme: Command) -> None:
    """Without a name that of all mailers, and of nothing else."""
    acme.ok(*ADD)
    acme.ok("mailer", "edit", "relay", "--name", "post")
    acme.ok("mailer", "add", "other", "--host", "two.acme.example", "--from", "a@acme.example")
    acme.ok("account", "defaults", "--interval", "2m")
    subjects = [one["subject"] for one in acme.json("mailer", "history", "post")]
    assert subjects == ["mailer post", "mailer relay"]
    subjects = [one["subject"] for one in acme.json("mailer", "history")]
    assert subjects == ["mailer other", "mailer post", "mailer relay"]
    assert len(acme.json("mailer", "history", "--max", "1")) == 1
    assert "name: relay -> post" in acme.ok("mailer", "history", "post")


def test_an_account_s_application_is_used(acme: Command) -> None:
    """Its authority, client, scope and user; the account can't be removed meanwhile."""
    acme.ok(
        *("account", "add", "support", "--host", "imap.acme.example", "--user", "s@acme.example"),
        *("--authentication", "oauth", "--authority", "https://login.example.net"),
        *("--client-id", "app", "--grant", "refresh_token", "--scope", "mail"),
    )
    result = acme.run(*ADD, "--account", "Support", "--json")
    assert result.exit_code == 0
    shown = acme.json("mailer", "show", "relay")
    assert (shown["account"], shown["user"], shown["port"]) == ("support", "s@acme.example", 587)
    assert (shown["authentication"], shown["client_id"]) == ("oauth", "app")
    assert shown["lacking"] == ('It has to be authorized: `imapgate account authorize "support"`.')
    assert acme.refused("mailer", "authorize", "relay").endswith("`imapgate account authorize`.")
    assert acme.refused("mailer", "edit", "relay", "--client-id", "x").startswith(
        "The account's application is used"
    )
    assert acme.refused("account", "remove", "support", "--yes") == (
        'Mailer "relay" uses the application of account "support": change or remove it first.'
    )
    acme.ok("account", "edit", "support", "--name", "help")
    assert acme.json("mailer", "show", "relay")["account"] == "help"
    acme.ok("mailer", "edit", "relay", "--account", "")
    acme.ok("account", "remove", "help", "--yes")


def test_nothing_to_authorize(acme: Command) -> None:
    acme.ok(*ADD)
    assert acme.refused("mailer", "authorize", "relay") == (
        'Mailer "relay" doesn\'t sign in by OAuth: there is nothing to authorize.'
    )
    acme.ok("mailer", "add", "local", "--sendmail", "--from", "crm@acme.example")
    assert "uses sendmail" in acme.refused("mailer", "authorize", "local")

"""`imapgate user mail`: the addresses that users send from and are written to."""

from __future__ import annotations

from command import Command


def test_a_mail_account_is_added_changed_and_removed(acme: Command) -> None:
    told = acme.ok(
        *("user", "mail", "add", "anna", "anna@mail.acme.example"),
        *("--reply", "support@acme.example", "--subject-prefix", "[CRM]"),
        *("--link", "https://crm.acme.example/{number}"),
    )
    assert told == "Added anna@mail.acme.example to anna. It is the default.\n"
    acme.ok("user", "mail", "add", "anna@acme.example", "a.nna@acme.example")
    acme.ok("user", "mail", "default", "anna", "A.NNA@acme.example")
    acme.ok("user", "mail", "edit", "anna", "anna@mail.acme.example", "--reply", "")
    assert acme.json("user", "mail", "list", "anna") == acme.json("user", "mail", "list")
    assert [
        (one["address"], one["is_default"], one["reply_address"], one["subject_prefix"])
        for one in acme.json("user", "mail", "list")
    ] == [
        ("a.nna@acme.example", True, None, ""),
        ("anna@mail.acme.example", False, None, "[CRM]"),
    ]
    assert "https://crm.acme.example/{number}" in acme.ok("user", "mail", "list")
    refused = acme.run("user", "mail", "remove", "anna", "a.nna@acme.example", input="n\n")
    assert refused.exit_code == 1
    told = acme.ok("user", "mail", "remove", "anna", "a.nna@acme.example", "--yes")
    assert told == (
        "Removed a.nna@acme.example from anna. anna@mail.acme.example is the default now.\n"
    )


def test_an_address_of_somebody_else_is_shared_by_name(acme: Command) -> None:
    acme.ok("user", "add", "bert", "--email", "bert@acme.example")
    acme.ok("user", "mail", "add", "anna", "support@acme.example")
    add = ("user", "mail", "add", "bert", "support@acme.example")
    assert acme.refused(*add) == (
        "support@acme.example is anna's: if both are to write as it, say so with --shared."
    )
    acme.ok(*add, "--shared")
    assert [one["user"] for one in acme.json("user", "mail", "list")] == ["anna", "bert"]


def test_a_mailer_of_one_s_own(acme: Command) -> None:
    acme.ok("mailer", "add", "own", "--host", "m.acme.example", "--from", "crm@acme.example")
    acme.ok("user", "mail", "add", "anna", "anna@acme.example", "--mailer", "OWN")
    assert acme.json("mailer", "show", "own")["users"] == [
        {"user": "anna", "address": "anna@acme.example"}
    ]
    assert acme.refused("mailer", "remove", "own", "--yes") == (
        'Mailer "own" is anna\'s for anna@acme.example: take it from there first (`imapgate user '
        "mail edit anna anna@acme.example --mailer ''`)."
    )
    acme.ok("user", "mail", "edit", "anna", "anna@acme.example", "--mailer", "")
    acme.ok("mailer", "remove", "own", "--yes")


def test_what_is_not_there_is_told(acme: Command) -> None:
    assert acme.ok("user", "mail", "list").startswith("There are no mail accounts")
    assert "no user" in acme.refused("user", "mail", "list", "zoe")
    assert acme.refused("user", "mail", "default", "anna", "a@b.example") == (
        'anna has no mail account "a@b.example".'
    )

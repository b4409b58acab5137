"""`imapgate addresses`: every address, what it is for and where it is set."""

from __future__ import annotations

import shlex

from command import Command


def told(command: Command, *words: str) -> list[tuple[str, str, str, str | None, str]]:
    return [
        (one["address"], one["use"], one["what"], one["segment"], one["set_by"])
        for one in command.json("addresses", *words)
    ]


def test_a_house_without_mail_has_its_people_s_addresses(acme: Command) -> None:
    """And the one that nobody can answer, which is what the system would send from."""
    assert told(acme) == [
        (
            *("noreply@localhost", "sends from"),
            "what the system sends by itself: nobody can answer, and many servers refuse it",
            *("Acme", "imapgate mailer add"),
        ),
        *(
            ("anna@acme.example", use, what, "Acme", f"imapgate user mail {how} anna ADDRESS")
            for use, what, how in (
                ("sends from", "anna", "add"),
                ("sends from", "users who have no address of their own", "add"),
                (
                    "tells",
                    "anna: what an administrator has to know, exports, mails that were not "
                    "delivered",
                    "default",
                ),
            )
        ),
    ]


def test_every_kind_of_address_is_told_with_its_command(acme: Command) -> None:
    """Accounts, mailers, users' mail accounts, transitions, gateways, notifications."""
    acme.ok("group", "add", "tracker", "E-Mails")
    acme.ok("creator", "add", "E-Mails", "--type", "E-Mail", "--group", "E-Mails", "--default")
    acme.ok(
        *(
            "account",
            "add",
            "support",
            "--host",
            "m.acme.example",
            "--user",
            "support@acme.example",
        ),
        *("--plus", "help@acme.example"),
    )
    acme.ok(
        *("account", "add", "yes no", "--kind", "approvals", "--host", "m.acme.example"),
        *("--user", "approvals", "--reply-to", "approvals@acme.example", "--active", "off"),
    )
    acme.ok(
        *("mailer", "add", "relay", "--host", "m.acme.example", "--from", "crm@acme.example"),
        *("--reply-to", "desk@acme.example"),
    )
    acme.run("mailer", "add", "all", "--global", "--sendmail", "--intercept", "file")
    acme.ok("user", "add", "bert", "--email", "bert@acme.example")
    acme.ok("user", "disable", "bert")
    acme.ok(
        *("user", "mail", "add", "anna", "anna@acme.example", "--reply", "sales@acme.example"),
    )
    acme.ok("notify", "add", "anna", "--on", "assigned", "--by", "mail")
    acme.ok(
        *("process", "transition", "E-Mail", "Assign", "--template", "confirmation"),
        *("--template-to", "boss@acme.example"),
    )
    acme.ok(
        *("activity", "new", "Fax", "--creator", "E-Mails", "--to", "+41 44 111 22 33"),
        *("--gateway", "fax@fax.example.org"),
    )
    found = told(acme)
    shown = {(address, use, what): set_by for address, use, what, _, set_by in found}
    assert len(shown) == len(found), "each stands once"
    account = 'account "support", mailbox'
    mailer, everywhere = 'mailer "relay", the default', 'mailer "all", the default'
    assert shown == {
        ("support@acme.example", "reads", account): "imapgate account edit support",
        ("help@acme.example", "reads", f"{account}: its +number counts"): (
            "imapgate account edit support"
        ),
        (
            "approvals@acme.example",
            "replies to",
            'requests for approval (account "yes no")',
        ): "imapgate account edit 'yes no'",
        ("crm@acme.example", "sends from", "what the system sends by itself"): (
            "imapgate mailer edit relay"
        ),
        ("crm@acme.example", "sends from", mailer): "imapgate mailer edit relay",
        ("desk@acme.example", "replies to", mailer): "imapgate mailer edit relay",
        ("sales@acme.example", "sends from", "anna, by default"): (
            "imapgate user mail edit anna anna@acme.example"
        ),
        ("sales@acme.example", "sends from", "users who have no address of their own"): (
            "imapgate user mail edit anna anna@acme.example"
        ),
        (
            "anna@acme.example",
            "sends from",
            "anna: the address that sales@acme.example stands for",
        ): "imapgate user mail edit anna anna@acme.example",
        (
            "anna@acme.example",
            "tells",
            "anna: notifications, what an administrator has to know, exports, mails that were not "
            "delivered",
        ): "imapgate user mail default anna ADDRESS",
        ("bert@acme.example", "sends from", "bert (disabled)"): (
            "imapgate user mail add bert ADDRESS"
        ),
        (
            "bert@acme.example",
            "tells",
            "bert (disabled): exports, mails that were not delivered",
        ): "imapgate user mail default bert ADDRESS",
        (
            "boss@acme.example",
            "tells",
            'the template of transition "Assign" of E-Mail',
        ): "imapgate process transition E-Mail Assign",
        (
            "fax@fax.example.org",
            "tells",
            "the gateway of 1 e-mail activity: phone numbers become addresses of its domain",
        ): "imapgate activity recipients NUMBER --gateway fax@fax.example.org",
        ("noreply@localhost", "sends from", everywhere): "imapgate mailer edit all --global",
        (
            "below DATA/intercepted",
            "sends to",
            f"all that goes out by {everywhere}: it is for tests",
        ): "imapgate mailer edit all --global",
    }
    for set_by in shown.values():
        words = [one for one in shlex.split(set_by)[1:] if one.islower() or one == "E-Mail"]
        assert acme.run(*words, "--help").exit_code == 0, set_by
    table = acme.ok("addresses")
    assert "approvals@acme.example" in table
    assert "(all)" in table


def test_a_segment_s_alone(acme: Command) -> None:
    acme.ok("segment", "add", "Beta", "--admin", "bea", "--email", "bea@beta.example")
    acme.ok("mailer", "add", "all", "--global", "--sendmail", "--from", "all@acme.example")
    assert {one[0] for one in told(acme, "--segment", "Beta")} == {
        "bea@beta.example",
        "all@acme.example",
    }
    assert {one[3] for one in told(acme)} == {"Acme", "Beta", None}
    assert {(one[0], one[4]) for one in told(acme) if one[1] != "tells"} == {
        ("anna@acme.example", "imapgate user mail add anna ADDRESS --segment Acme"),
        ("bea@beta.example", "imapgate user mail add bea ADDRESS --segment Beta"),
        ("all@acme.example", "imapgate mailer edit all --global"),
    }

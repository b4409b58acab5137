"""What `imapgate doctor` says of mailers."""

from __future__ import annotations

from command import Command
from doctoring import broken, look, sql

ADD = ("mailer", "add", "relay", "--host", "mail.acme.example", "--from", "crm@acme.example")


def told(command: Command) -> dict[str, list[str]]:
    found = broken(command)
    return {name: found[name] for name in ("mailers", "unusual mailers") if name in found}


def state(command: Command, values: str) -> None:
    sql(command, f"UPDATE mailer_state SET {values}")


def test_a_mailer_that_sends_is_no_news(acme: Command) -> None:
    """Nor that there is none, where nobody needs one."""
    assert told(acme) == {}
    acme.ok(*ADD, "--user", "crm")
    assert told(acme) == {}


def test_failing_mailers(acme: Command) -> None:
    """Once or twice is a notice, three times in a row a problem; what is switched off fails no
    more."""
    acme.ok(*ADD)
    state(acme, "failures = 2, error = 'The server is away.'")
    assert told(acme) == {
        "unusual mailers": ['Mailer "relay" of Acme failed lately: The server is away.']
    }
    assert look(acme)["unusual mailers"]["state"] == "notice"
    state(acme, "failures = 3")
    assert told(acme) == {
        "mailers": ['Mailer "relay" of Acme failed 3 times in a row: The server is away.']
    }
    assert look(acme)["mailers"]["state"] == "problem"
    acme.ok("mailer", "edit", "relay", "--active", "off")
    assert told(acme) == {
        "unusual mailers": [
            'Mailer "relay" of Acme is switched off: what is to go out by it waits.'
        ]
    }


def test_the_key_is_gone(acme: Command) -> None:
    acme.ok(*ADD, "--user", "crm")
    (acme.data / "secrets.key").unlink()
    (fault,) = told(acme)["mailers"]
    assert fault.startswith('Mailer "relay" of Acme: The key of the stored passwords')


def test_what_is_for_tests_is_told(acme: Command) -> None:
    """And what nobody can answer."""
    acme.run(*ADD[:5], "--global", "--intercept", "tests@acme.example")
    assert told(acme)["unusual mailers"] == [
        'Mailer "relay" of all segments is for tests: all that goes out by it goes to '
        "tests@acme.example.",
        "What the system sends for Acme is From noreply@localhost, which nobody can answer.",
    ]
    acme.run("mailer", "edit", "relay", "--intercept", "file", "--from", "crm@acme.example")
    assert told(acme)["unusual mailers"] == [
        'Mailer "relay" of all segments is for tests: all that goes out by it goes into files.'
    ]


def test_a_segment_that_needs_a_mailer_and_has_none(acme: Command) -> None:
    acme.ok(
        *("account", "add", "yes", "--kind", "approvals", "--host", "mail.acme.example"),
        *("--user", "approvals"),
    )
    acme.ok("notify", "add", "anna", "--on", "assigned", "--by", "mail")
    assert told(acme)["mailers"] == [
        "Acme has an account for approvals and has users who want to be told by mail, and no "
        "mailer."
    ]
    acme.ok(*ADD, "--global")
    assert "mailers" not in told(acme)


def test_mail_is_taken_that_can_t_go_out(acme: Command) -> None:
    """Clients that submit it are refused until there is a mailer."""
    (acme.data / "imapgate.toml").write_text("submission_port = 1587\n")
    assert told(acme)["mailers"] == ["Acme has users who may send through imapgate, and no mailer."]
    acme.ok(*ADD)
    assert "mailers" not in told(acme)

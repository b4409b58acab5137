"""Requests for approval by the command line."""

from __future__ import annotations

import stat
import sys
from email import message_from_bytes
from email.policy import SMTP

import pytest
from command import Command
from doctoring import broken

CLOSE = ("process", "transition", "bug and feature", "close")
ASK = ("approval", "request", "10000001", "--transition", "assign", "--approver")


@pytest.fixture
def offered(acme: Command) -> Command:
    """`Assign` is offered, on #10000001; an account reads the replies; there is a mailer."""
    acme.ok("activity", "new", "Gadget is hot", "--type", "Bug")
    acme.ok("process", "transition", "Bug and feature", "Assign", "--by-mail")
    acme.ok(
        *("account", "add", "approvals", "--kind", "approvals", "--protocol", "imaps"),
        *("--host", "mail.acme.example", "--user", "crm", "--reply-to", "crm@acme.example"),
    )
    acme.ok("mailer", "add", "out", "--host", "127.0.0.1", "--from", "out@acme.example")
    return acme


def test_a_transition_is_offered_by_mail(acme: Command) -> None:
    """Off by default; shown with what a rejection takes, and kept in the settings history."""
    shown = acme.json("process", "show", "Bug and feature")["transitions"]
    assert not any(one["by_mail"] for one in shown)
    said = acme.ok(*CLOSE, "--by-mail", "--rejected-by", "reopen", "--reason", "asked for")
    assert said == "Transition close of Bug and feature may be approved by mail.\n"
    shown = acme.json("process", "show", "Bug and feature")["transitions"]
    assert [(one["name"], one["rejected_by"]) for one in shown if one["by_mail"]] == [
        ("Close", "Reopen")
    ]
    assert "yes, rejected by Reopen" in acme.ok("process", "show", "Bug and feature")
    acme.ok(*CLOSE, "--no-by-mail")
    shown = acme.json("process", "show", "Bug and feature")["transitions"]
    assert not any(one["by_mail"] or one["rejected_by"] for one in shown)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Nothing", "Close"), 'There is no process "Nothing"'),
        (("Simple", "Reopen"), 'Process "Simple" has no transition "Reopen": Assign, Add Note'),
        (
            ("Simple", "Close", "--rejected-by", "Assign"),
            'No other transition "Assign" starts from "In Progress".',
        ),
        (
            ("Simple", "Close", "--rejected-by", "Close"),
            'No other transition "Close" starts from "In Progress".',
        ),
    ],
)
def test_what_can_not_be_offered(acme: Command, words: tuple[str, ...], said: str) -> None:
    """In one sentence."""
    assert acme.refused("process", "transition", *words, "--by-mail").startswith(said)


def test_a_request_is_made_shown_and_withdrawn(offered: Command) -> None:
    """By one who asks at the command line."""
    said = offered.ok(*ASK, "Boss@acme.example", "--approver", "anna@acme.example")
    assert said.splitlines() == [
        '"Assign" on #10000001 waits for approval by boss@acme.example, anna@acme.example '
        "(request 1).",
        "Queued as mail 1, 2 to boss@acme.example, anna@acme.example.",
        "No server runs here: it waits until one does, or until `imapgate outbox send`.",
    ]
    shown = offered.json("approval", "show", "1")
    assert shown["approvers"] == ["boss@acme.example", "anna@acme.example"]
    assert (shown["state"], shown["decided_at"], shown["number"]) == ("open", None, 10000001)
    assert "token" not in shown
    assert "boss@acme.example" in offered.ok("approval", "show", "1")
    assert "#10000001 Gadget is hot" in offered.ok("approval", "list", "--open")
    assert offered.refused(*ASK, "boss@acme.example") == (
        '"Assign" on #10000001 waits for approval already (1).'
    )
    assert offered.ok("approval", "withdraw", "1") == "Withdrew request 1: Assign on #10000001.\n"
    assert offered.refused("approval", "withdraw", "1") == "Request 1 has ended already: withdrawn."
    assert offered.json("approval", "list", "--open") == []
    assert [one["state"] for one in offered.json("approval", "list")] == ["withdrawn"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("10000009", "Assign", "a@b"), "There is no activity #10000009."),
        (
            ("10000001", "Close", "a@b"),
            '"Close" can\'t be taken on #10000001, which is "New".',
        ),
        (
            ("10000001", "Assign", "nobody"),
            'There is no user "nobody", who has to approve.',
        ),
    ],
)
def test_what_can_not_be_asked_for(
    offered: Command, words: tuple[str, str, str], said: str
) -> None:
    """In one sentence."""
    number, transition, approver = words
    ask = ("approval", "request", number, "--transition", transition, "--approver", approver)
    assert offered.refused(*ask) == said


def test_only_what_is_offered_can_be_asked_for(offered: Command) -> None:
    """Off again, nothing can be approved."""
    offered.ok("process", "transition", "Bug and feature", "Assign", "--no-by-mail")
    assert offered.refused(*ASK, "a@b") == '"Assign" isn\'t offered for approval by mail.'


def test_the_mail_of_a_request_is_written_to_a_file(offered: Command) -> None:
    """For its owner alone; it says what is asked, and no line of it is a word by itself."""
    offered.ok(*ASK, "boss@acme.example")
    file = offered.data / "request.eml"
    write = ("approval", "mail", "1", str(file), "--account", "approvals")
    assert offered.json(*write) == {"id": 1, "file": str(file)}
    if sys.platform != "win32":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    mail = message_from_bytes(file.read_bytes(), policy=SMTP)
    assert (mail["From"], mail["To"]) == ("crm@acme.example", "boss@acme.example")
    assert mail["Subject"] == "Approval of #10000001: Assign"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-imapgate"] == "1; approval"
    assert mail["Message-ID"].endswith("@acme.example>")
    text = mail.get_content()
    assert "Gadget is hot" in text
    assert "To approve: approve, approved, yes, ok" in text
    assert not {line.strip(" ->").lower() for line in text.splitlines()} & {"approve", "no", "yes"}
    assert offered.refused(*write).endswith("File exists.")
    offered.ok("approval", "withdraw", "1")
    other = ("approval", "mail", "1", str(file) + "2", "--account", "approvals")
    assert offered.refused(*other) == "There is no open request for approval 1."


ADD = ("account", "add", "x", "--protocol", "imaps", "--host", "h.example", "--user", "u")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("--kind", "approvals", "--approve", "Ja!", "--reject", "ja"),
            '"ja" can\'t both approve and reject.',
        ),
        (
            ("--kind", "approvals", "--approve", "!!!", "--reject", "no"),
            '"!!!" is no word that a line can be: no letters, or too many.',
        ),
        (
            ("--kind", "approvals", "--creator", "Bugs"),
            'Creator "Bugs" makes no e-mails (Incident), and kind approvals makes nothing else.',
        ),
        (
            ("--kind", "archive", "--creator", "Bugs"),
            'Creator "Bugs" makes no e-mails (Incident), and kind archive makes nothing else.',
        ),
    ],
)
def test_what_an_account_of_a_kind_can_not_be(
    acme: Command, words: tuple[str, ...], said: str
) -> None:
    """Words that say nothing or both; a creator of another class than E-Mail."""
    acme.ok("group", "add", "tracker", "Bugs")
    acme.ok("creator", "add", "Bugs", "--type", "Bug", "--group", "Bugs")
    assert acme.refused(*ADD, *words) == said


def test_a_transition_wants_approval(offered: Command) -> None:
    """Set, shown and kept in the settings history; --by-mail alone says that nobody is asked."""
    said = offered.ok(*CLOSE[:3], "Assign", "--by-mail", "--approver", "anna", "--approver", "a@b")
    assert said == "Transition Assign of Bug and feature wants approval by anna, a@b.\n"
    assert "by anna, a@b" in offered.ok("process", "show", "Bug and feature")
    shown = offered.json("process", "show", "Bug and feature")["transitions"]
    assert [one["approvers"] for one in shown if one["name"] == "Assign"] == [["anna", "a@b"]]
    offered.ok(*CLOSE[:3], "Assign", "--by-mail")
    shown = offered.json("process", "show", "Bug and feature")["transitions"]
    assert [one["approvers"] for one in shown if one["name"] == "Assign"] == [[]]
    result = offered.run(*CLOSE[:3], "Assign", "--no-by-mail", "--approver", "anna")
    assert result.exit_code == 2


def test_who_takes_it_at_the_command_line_asks(offered: Command) -> None:
    """The activity stays as it is; the approver takes it at once."""
    offered.ok("user", "add", "otto", "--email", "otto@acme.example")
    offered.ok(*CLOSE[:3], "Assign", "--by-mail", "--approver", "anna")
    take = ("activity", "follow-up", "10000001", "--transition", "Assign", "--text", "Mine.")
    said = offered.ok(*take, "--as", "otto").splitlines()
    assert said[:2] == [
        '"Assign" on #10000001 waits for approval by anna@acme.example (request 1).',
        "Queued as mail 1 to anna@acme.example.",
    ]
    assert offered.json("activity", "show", "10000001")["state"] == "New"
    assert offered.json("approval", "show", "1")["expires_at"] is not None
    assert "waits for approval already (1)" in offered.refused(*take, "--as", "otto")
    assert offered.ok(*take, "--as", "anna").startswith("Took Assign on #10000001: In Progress")
    assert offered.json("approval", "show", "1")["state"] == "approved"


@pytest.mark.parametrize("lacking", ["mailer", "account"])
def test_nobody_can_be_asked_without_a_way(offered: Command, lacking: str) -> None:
    """One sentence, and no request."""
    if lacking == "mailer":
        offered.ok("mailer", "remove", "out", "--yes")
    else:
        offered.ok("account", "remove", "approvals", "--yes")
    assert f"imapgate {lacking} add" in offered.refused(*ASK, "boss@acme.example")
    assert offered.json("approval", "list") == []


def test_the_doctor_names_what_nobody_can_approve(offered: Command) -> None:
    """Without a way to ask, or where an approver is gone; until it is put right."""
    offered.ok("user", "add", "otto", "--email", "otto@acme.example")
    offered.ok(*CLOSE[:3], "Assign", "--by-mail", "--approver", "otto")
    assert "approvals" not in broken(offered)
    offered.ok("user", "disable", "otto")
    assert broken(offered)["approvals"] == [
        'Transition "Assign" of Bug and feature (segment Acme) wants approval. "otto", who has to '
        "approve, is disabled."
    ]
    offered.ok("account", "edit", "approvals", "--active", "off")
    assert "No account reads replies" in broken(offered)["approvals"][0]
    offered.ok(*CLOSE[:3], "Assign", "--by-mail")
    assert "approvals" not in broken(offered)

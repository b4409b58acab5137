"""`imapgate account`: accounts as the administrator sees them."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command import Command

import certs
from certs.material import local_files
from imapgate.cli.who import operator

HERE = ("--host", "mail.acme.example", "--user", "support")


@pytest.fixture
def office(acme: Command) -> Command:
    """Support takes mail; account `support` is read for it."""
    acme.ok("group", "add", "tracker", "Support")
    acme.ok("creator", "add", "Support E-Mails", "--type", "E-Mail", "--group", "Support")
    acme.ok("account", "add", "support", *HERE, "--creator", "Support E-Mails")
    return acme


def sql(command: Command, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(command.data / "imapgate.db")) as connection, connection:
        connection.execute(statement, values)


def one(command: Command, name: str = "support") -> dict[str, Any]:
    found: dict[str, Any] = command.json("account", "show", name)
    return found


def test_an_account_in_the_fewest_words(office: Command) -> None:
    """Host and user; the protocol's port and what becomes of mails are shown."""
    found = one(office)
    assert (found["protocol"], found["port"], found["security"]) == ("imaps", 993, "tls")
    assert found["effective"] == {
        "after_reading": "keep",
        "move_to": None,
        "interval": 300,
        "retries": 3,
        "debug": False,
    }
    assert (found["secrets"], found["lacking"], found["warnings"]) == (["password"], None, [])
    text = office.ok("account", "show", "SUPPORT")
    lines = dict(line.split(":", 1) for line in text.splitlines())
    told = {name: value.strip() for name, value in lines.items()}
    assert told["port"] == "993"
    assert told["after reading"] == "keep (default)"
    assert told["interval"] == "5 min (default)"
    assert told["creator"] == "Support E-Mails"
    assert told["password"] == "is stored"
    assert told["last success"] == "never"
    assert {"scope", "approve", "move to"} & set(told) == set()
    assert (office.data / "secrets.key").stat().st_mode & 0o777 == 0o600


EVERY = {
    "--label": "Day and night",
    "--active": "off",
    "--protocol": "imap",
    "--host": "imap.acme.example",
    "--port": "1143",
    "--security": "starttls",
    "--folder": "INBOX/Büro",
    "--timeout": "5",
    "--lowest-tls": "1.3",
    "--verify": "on",
    "--pin": "AB:" * 31 + "AB",
    "--authentication": "password",
    "--user": "office",
    "--mechanism": "plain",
    "--after-reading": "move",
    "--move-to": "Done",
    "--interval": "90s",
    "--retries": "0",
    "--debug": "on",
    "--per-round": "7",
    "--creator": "support e-mails",
    "--logging-user": "anna",
    "--use-linked-user": "on",
    "--unknown-sender": "administrator",
    "--stranger": "never",
    "--hourly": "0",
    "--plus": "office@acme.example",
}


def test_every_setting_has_its_option(office: Command, tmp_path: Path) -> None:
    """On a new account, and on one that is there."""
    certs.local(tmp_path / "certs")
    ca = local_files(tmp_path / "certs")[1]
    words = [word for pair in EVERY.items() for word in pair]
    made = office.json("account", "add", "other", *words, "--ca", str(ca))
    wanted = {
        "label": "Day and night",
        "active": False,
        "protocol": "imap",
        "host": "imap.acme.example",
        "port": 1143,
        "security": "starttls",
        "folder": "INBOX/Büro",
        "timeout": 5.0,
        "lowest_tls": "1.3",
        "verify": True,
        "ca": ca.read_text(),
        "pin": "ab" * 32,
        "authentication": "password",
        "user": "office",
        "mechanism": "PLAIN",
        "after_reading": "move",
        "move_to": "Done",
        "interval": 90,
        "retries": 0,
        "debug": True,
        "per_round": 7,
        "creator": "Support E-Mails",
        "logging_user": "anna",
        "use_linked_user": True,
        "unknown_sender": "administrator",
        "stranger": "never",
        "hourly": 0,
        "plus": ["office@acme.example"],
    }
    assert {name: made[name] for name in wanted} == wanted
    edited = office.json("account", "edit", "support", *words, "--ca", str(ca))
    assert {name: edited[name] for name in wanted} == wanted
    emptied = ("--ca", "", "--pin", "", "--mechanism", "", "--creator", "", "--logging-user", "")
    back = ("--after-reading", "default", "--interval", "default", "--debug", "default")
    now = office.json("account", "edit", "support", *emptied, *back, "--plus", "")
    gone = ("ca", "pin", "mechanism", "creator", "logging_user", "after_reading", "move_to")
    assert {name: now[name] for name in gone} == dict.fromkeys(gone)
    assert (now["plus"], now["interval"], now["debug"]) == ([], None, None)
    plus = ("--plus", "a@acme.example, b@acme.example", "--plus", "c@acme.example")
    now = office.json("account", "edit", "support", *plus)
    assert now["plus"] == ["a@acme.example", "b@acme.example", "c@acme.example"]


REFUSED = (
    (("--port", "70000"), 'The port is 1 to 65535, not "70000".'),
    (("--port", "imap"), 'The port is 1 to 65535, not "imap".'),
    (("--interval", "soon"), 'The interval is 10 to 604800 seconds, not "soon".'),
    (("--after-reading", "move"), "Say which folder the mails are moved to."),
    (("--protocol", "pop3s", "--folder", "Work"), "POP3 knows no folder but INBOX"),
    (("--security", "starttls"), "STARTTLS goes with imap"),
    (("--creator", "Nobody"), 'There is no creator "Nobody".'),
    (("--logging-user", "nora@North"), '"nora@North" is a user of another segment.'),
    (("--host", "a b"), '"a b" is no host name'),
    (("--verify", "perhaps"), 'The certificate validation is on or off, not "perhaps".'),
    (("--ca", "/nowhere.pem"), "Can't read /nowhere.pem: No such file or directory."),
    (("--protocol", "imap", "--authentication", "oauth"), "OAuth goes with TLS only"),
)


def test_what_doesn_t_fit_is_one_sentence(office: Command) -> None:
    """Exit code 1, and nothing is kept."""
    office.ok("segment", "add", "North", "--admin", "nora")
    acme = ("--segment", "Acme")
    for words, said in REFUSED:
        assert said in office.refused("account", "add", "other", *HERE, *words, *acme)
        assert said in office.refused("account", "edit", "support", *words, *acme)
    assert [one["name"] for one in office.json("account", "list", *acme)] == ["support"]
    assert len(office.json("account", "history", *acme)) == 1


def test_dangers_are_told_each_time(office: Command) -> None:
    """On the standard error, so that --json stays whole."""
    unchecked = "support: The server's certificate is not checked: whoever is on the way"
    for words in (
        ("edit", "support", "--verify", "off"),
        ("edit", "support", "--label", "x"),
        ("show", "support"),
        ("show", "support", "--json"),
        ("list",),
        ("list", "--json"),
        ("enable", "support"),
    ):
        result = office.run("account", *words)
        assert result.exit_code == 0
        assert unchecked in result.stderr, words
        assert unchecked not in result.stdout
    assert one(office)["warnings"][0].startswith("The server's certificate is not checked")
    pop = office.run("account", "add", "pop", *HERE, "--protocol", "pop3")
    assert "pop: Nothing is encrypted" in pop.stderr
    assert "pop: Every mail is deleted in the mailbox once it is taken in" in pop.stderr
    approvals = office.run("account", "add", "ok", *HERE, "--kind", "approvals", "--folder", "OK")
    assert "ok: The folder OK is emptied" in approvals.stderr
    place = ("--host", "::1", "--user", "x", "--protocol", "imap")
    homeless = office.run("account", "add", "homeless", *place)
    assert homeless.stderr == (
        "homeless: What it brings can't be filed: the segment has no default e-mail creator.\n"
    )
    office.ok("group", "add", "tracker", "Mails")
    office.ok("creator", "add", "Mails", "--type", "E-Mail", "--group", "Mails", "--default")
    assert office.run("account", "add", "here", *place).stderr == ""


def test_names_are_what_everything_refers_to(office: Command) -> None:
    """Unique; a renamed account is the same one."""
    assert "already an account" in office.refused("account", "add", "SUPPORT", *HERE)
    office.ok("account", "edit", "support", "--name", "help", "--reason", "plain English")
    assert "There is no account" in office.refused("account", "show", "support")
    assert one(office, "help")["creator"] == "Support E-Mails"
    assert "There is no account" in office.refused("account", "disable", "nobody")


def test_off_and_on_again(office: Command) -> None:
    """disable, enable; both in the history with their reason."""
    office.ok("account", "disable", "support", "--reason", "holidays")
    assert one(office)["active"] is False
    assert "It isn't" not in office.ok("account", "enable", "support")
    assert one(office)["active"] is True
    enabled, disabled, _ = office.json("account", "history", "support")
    assert disabled["changes"] == {"active": [True, False]}
    assert (disabled["reason"], disabled["who"]) == ("holidays", operator())
    assert enabled["changes"] == {"active": [False, True]}


def test_removing_asks_and_tells_what_waits(office: Command) -> None:
    """What is in the queue stays, of no account."""
    sql(
        office,
        "INSERT INTO incoming (segment_id, account_id, origin, state, settled, size, subject,"
        " internal_at, internal_zone, fetched_at, changed_at, attempts, text, wanted, reported)"
        " VALUES (1, 1, 'o', 'failed', 1, 1, '', 0, 0, 0, 0, 0, '', '{}', 0)",
    )
    asked = office.run("account", "remove", "support", input="n\n")
    assert asked.exit_code == 1
    assert 'Remove account "support" and its password (1 message of it is still' in asked.stderr
    assert "Nothing was changed." in asked.stderr
    assert office.run("account", "remove", "support", input="").exit_code == 1
    assert one(office)["queue"] == {"waiting": 0, "failed": 1, "held": 0}
    told = office.ok("account", "remove", "support", "--yes", "--reason", "moved")
    assert "1 message of it is still in the queue: see `imapgate incoming list`." in told
    assert office.json("account", "list") == []
    with closing(sqlite3.connect(office.data / "imapgate.db")) as connection:
        assert connection.execute("SELECT account_id FROM incoming").fetchall() == [(None,)]
    assert office.json("account", "history", "support")[0]["reason"] == "moved"


def test_a_creator_in_use_is_not_removed(office: Command) -> None:
    """Its account would file elsewhere, unasked."""
    told = office.refused("creator", "remove", "Support E-Mails")
    assert 'what the mails of account "support" become' in told


def test_defaults_count_for_all_that_say_nothing(office: Command) -> None:
    """Shown, set, and taken back."""
    assert "keep with IMAP, delete with POP3" in office.ok("account", "defaults")
    office.ok("account", "add", "own", *HERE, "--interval", "10m")
    set_so = ("--interval", "2m", "--retries", "5", "--debug", "on", "--reason", "trial")
    assert office.json("account", "defaults", *set_so)["interval"] == 120
    assert one(office)["effective"]["interval"] == 120
    assert one(office, "own")["effective"]["interval"] == 600
    assert one(office, "own")["effective"]["debug"] is True
    assert office.json("account", "defaults", "--interval", "default")["interval"] is None
    assert "Say which folder" in office.refused("account", "defaults", "--after-reading", "move")
    deleting = office.run("account", "defaults", "--after-reading", "delete")
    assert "support: Every mail is deleted in the mailbox" in deleting.stderr
    office.ok("account", "defaults", "--after-reading", "default", "--interval", "default")
    (record,) = office.json("account", "history", "--max", "1")
    assert (record["subject"], record["changes"]) == (
        "account defaults",
        {"after_reading": ["delete", None]},
    )


def test_how_rounds_went_is_shown(office: Command) -> None:
    """Last success, last error, counts, what waits."""
    sql(
        office,
        "UPDATE account_state SET succeeded_at = 1800000000, failed_at = 1800000300, failures = 4,"
        " error = 'The server \x1b[2Jrefused the password.', fetched = 12, filed = 11",
    )
    found = one(office)
    assert (found["failures"], found["fetched"], found["filed"]) == (4, 12, 11)
    assert found["succeeded_at"] == 1800000000
    for words in (("show", "support"), ("list",)):
        text = office.ok("account", *words)
        assert "refused the password" in text
        assert "\x1b" not in text
    assert "4 in a row" in office.ok("account", "show", "support")
    assert "fails" in office.ok("account", "list")


def test_properties_are_taken_and_the_command_line_wins(
    office: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file as it stands in an application server; the password by the environment."""
    file = tmp_path / "mail.properties"
    file.write_text(
        "# Sales\nmail.store.protocol=imap\nmail.imap.host=imap.acme.example\n"
        "mail.imap.port=1143\nmail.imap.starttls.required=true\nmail.imap.user=${{SALES_USER}}\n"
        "mail.imap.password=${SALES_PASSWORD}\nmail.imap.connectiontimeout=20000\n"
    )
    missing = office.refused("account", "add", "sales", "--properties", str(file))
    assert missing == (
        f"{file}, line 6: the environment has no SALES_USER; "
        "line 7: the environment has no SALES_PASSWORD."
    )
    monkeypatch.setenv("SALES_USER", "sales")
    monkeypatch.setenv("SALES_PASSWORD", "of the file")
    words = ("account", "add", "sales", "--properties", str(file), "--port", "2143", "--json")
    result = office.run(*words, password=None)
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    assert (made["host"], made["port"], made["user"]) == ("imap.acme.example", 2143, "sales")
    assert (made["security"], made["timeout"], made["secrets"]) == ("starttls", 20.0, ["password"])
    file.write_text("interval=2m\nport=993;\nintervall=1m\n")
    told = office.refused("account", "edit", "sales", "--properties", str(file))
    assert told == (
        f'{file}, line 2: The port is 1 to 65535, not "993;"; '
        'line 3: there is no setting "intervall" (is "interval" meant?).'
    )
    file.write_text("interval=2m\n")
    office.ok("account", "edit", "sales", "--properties", str(file), "--retries", "1")
    assert one(office, "sales")["effective"]["interval"] == 120


def test_who_did_it_is_not_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody can write any name there."""
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "boss")
    user, _, host = operator().partition("@")
    assert user not in ("", "boss")
    assert host

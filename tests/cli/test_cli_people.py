"""init, and commands for segments, users and contacts."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from command import Command

from imapgate.folders.sign_in import sign_in
from storage import Database


def _signs_in(command: Command, login: str, password: str) -> bool:
    db = Database.open(command.data / "imapgate.db")
    try:
        return sign_in(db, login, password) is not None
    finally:
        db.close()


def test_init_makes_a_private_directory_and_an_administrator_who_can_sign_in(
    command: Command,
) -> None:
    """Mode 0700, mode 0600 for the database, nothing left of the making; three next commands, and
    how to serve and to set a client up."""
    text = command.ok("init", "--segment", "Acme", "--admin", "anna")
    assert stat.S_IMODE(command.data.stat().st_mode) == 0o700
    assert [file.name for file in command.data.iterdir()] == ["imapgate.db"]
    assert stat.S_IMODE((command.data / "imapgate.db").stat().st_mode) == 0o600
    assert _signs_in(command, "anna@acme", "a secret")
    assert text.count(f"--data {command.data}") == 5
    assert "anna@Acme" in text


def test_init_refuses_a_second_time(acme: Command) -> None:
    """One sentence, exit code 1, and the database stays as it was."""
    assert "There is already a database" in acme.refused("init")
    assert len(acme.json("segment", "list")) == 1


def test_a_failed_init_leaves_nothing(command: Command) -> None:
    """A bad name is refused before anything stands there for good."""
    assert "no @" in command.refused("init", "--segment", "a@b")
    assert list(command.data.iterdir()) == []


def test_without_a_database_every_command_says_how_to_make_one(command: Command) -> None:
    """No traceback: the sentence names the file and `imapgate init`."""
    sentence = command.refused("user", "list")
    assert str(command.data / "imapgate.db") in sentence
    assert "imapgate init" in sentence


def test_users_are_added_listed_disabled_and_let_in_again(acme: Command) -> None:
    """Names are `bert` or `bert@Acme`, case ignored; the list shows who is who."""
    acme.ok("user", "add", "bert", "--email", "bert@acme.example")
    acme.ok("user", "add", "Clara@acme", "--admin")
    rows = {row["name"]: row for row in acme.json("user", "list")}
    assert list(rows) == ["anna", "bert", "Clara"]
    assert rows["bert"] == {
        "name": "bert",
        "login": "bert@Acme",
        "email": "bert@acme.example",
        "is_admin": False,
        "disabled": False,
    }
    assert rows["Clara"]["is_admin"]
    assert acme.json("user", "disable", "BERT@acme") == {**rows["bert"], "disabled": True}
    assert acme.json("user", "passwd", "bert") == {**rows["bert"], "disabled": True}
    assert not _signs_in(acme, "bert@Acme", "a secret")
    assert [row["disabled"] for row in acme.json("user", "list")] == [False, True, False]
    acme.ok("user", "disable", "bert", "--undo")
    assert _signs_in(acme, "bert@acme.example", "a secret")


def test_passwords_come_from_prompt_file_or_environment(acme: Command, tmp_path: Path) -> None:
    """The file wins over the environment; the prompt asks twice and shows nothing."""
    secret = tmp_path / "secret.txt"
    secret.write_text("from a file\nsecond line\n")
    acme.ok("user", "add", "bert", "--password-file", str(secret))
    assert _signs_in(acme, "bert@Acme", "from a file")
    acme.ok("user", "passwd", "bert")
    assert _signs_in(acme, "bert@Acme", "a secret")
    typed = acme.run("user", "passwd", "bert", input="typed\ntyped\n", password=None)
    assert typed.exit_code == 0
    assert "typed" not in typed.output
    assert "Password for bert:" in typed.stderr
    assert _signs_in(acme, "bert@Acme", "typed")
    piped = acme.run("user", "passwd", "bert", "--password-file", "-", input="piped\n")
    assert piped.exit_code == 0
    assert _signs_in(acme, "bert@Acme", "piped")


def test_no_password_is_a_refusal_and_none_is_taken_as_an_argument(acme: Command) -> None:
    """An empty one, and none at all; `--password X` doesn't exist (exit code 2)."""
    missing = acme.run("user", "add", "bert", input="", password=None)
    assert missing.exit_code == 1
    assert "No password was given" in missing.stderr
    assert acme.run("user", "add", "bert", password="").exit_code == 1
    assert acme.run("user", "add", "bert", "--password", "x").exit_code == 2
    assert [row["name"] for row in acme.json("user", "list")] == ["anna"]


@pytest.mark.skipif(os.name == "nt", reason="Windows asks at the console all the same")
def test_where_there_is_no_terminal_no_password_is_asked_for(tmp_path: Path) -> None:
    """As in a service's script: one sentence, and nothing of Python's; nothing is made."""
    data = tmp_path / "data"
    done = subprocess.run(
        [sys.executable, "-m", "imapgate", "--data", str(data), "init"],
        input="typed\ntyped\n",
        env={key: value for key, value in os.environ.items() if key != "IMAPGATE_PASSWORD"},
        start_new_session=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "No password was given, and there is no terminal to ask for it: use --password-file "
        "(- is the standard input) or IMAPGATE_PASSWORD.\n"
    )
    assert not data.exists()


def test_mistakes_are_one_sentence(acme: Command) -> None:
    """Taken and unknown names."""
    assert "already" in acme.refused("user", "add", "ANNA")
    assert "There is no user" in acme.refused("user", "passwd", "nobody")
    assert "There is no segment" in acme.refused("user", "list", "--segment", "Other")
    assert "no e-mail address" in acme.refused("user", "add", "x", "--email", "nonsense")


def test_with_several_segments_one_must_be_named(acme: Command) -> None:
    """With one it is the default; a full login needs none."""
    acme.ok("segment", "add", "North", "--admin", "nora", "--subject-pattern", "Case ([0-9]+)")
    rows = {row["name"]: row for row in acme.json("segment", "list")}
    assert rows["North"]["administrator"] == "nora"
    assert rows["North"]["subject_pattern"] == "Case ([0-9]+)"
    assert "--segment" in acme.refused("user", "list")
    assert "--segment" in acme.refused("user", "passwd", "nora")
    assert [row["name"] for row in acme.json("user", "list", "--segment", "north")] == ["nora"]
    acme.ok("user", "passwd", "nora@north")
    assert _signs_in(acme, "nora@North", "a secret")
    assert acme.run("user", "add", "x@Acme", "--segment", "North").exit_code == 2


def test_a_segment_s_pattern_and_default_creator_can_be_changed(acme: Command) -> None:
    """An empty value takes them away; a bad pattern is refused."""
    acme.ok("creator", "add", "Mails", "--type", "E-Mail")
    acme.ok("segment", "edit", "Acme", "--default-creator", "mails", "--subject-pattern", "T(\\d+)")
    row = acme.json("segment", "list")[0]
    assert (row["default_creator"], row["subject_pattern"]) == ("Mails", "T(\\d+)")
    acme.refused("segment", "edit", "Acme", "--subject-pattern", "(")
    acme.ok("segment", "edit", "Acme", "--default-creator", "", "--subject-pattern", "")
    row = acme.json("segment", "list")[0]
    assert (row["default_creator"], row["subject_pattern"]) == (None, None)


def test_contacts_are_added_with_several_addresses(acme: Command) -> None:
    """Beside those that users have."""
    acme.ok("contact", "add", "Erika Example", "erika@example.net", "office@example.net")
    rows = {row["name"]: row["addresses"] for row in acme.json("contact", "list")}
    assert rows["Erika Example"] == ["erika@example.net", "office@example.net"]
    assert rows["anna"] == ["anna@acme.example"]
    assert "Erika Example" in acme.ok("contact", "list")

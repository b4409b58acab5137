"""Passwords of accounts at the command line: how they come in, and that they never come out."""

from __future__ import annotations

import sqlite3
import traceback
from contextlib import closing
from pathlib import Path

import pytest
from command import Command
from doctoring import broken

HERE = ("--host", "mail.acme.example", "--user", "support")
OAUTH = (
    *("--authentication", "oauth", "--authority", "https://login.example.net/acme"),
    *("--client-id", "imapgate"),
)


@pytest.fixture
def office(acme: Command, monkeypatch: pytest.MonkeyPatch) -> Command:
    """A segment whose default creator takes mail."""
    monkeypatch.delenv("IMAPGATE_CLIENT_SECRET", raising=False)
    acme.ok("group", "add", "tracker", "E-Mails")
    acme.ok("creator", "add", "E-Mails", "--type", "E-Mail", "--group", "E-Mails", "--default")
    return acme


def sealed(command: Command) -> bytes:
    with closing(sqlite3.connect(command.data / "imapgate.db")) as connection:
        found: bytes = connection.execute("SELECT secrets FROM account").fetchone()[0]
        return found


def test_a_password_comes_from_a_file_the_environment_or_the_prompt(
    office: Command, tmp_path: Path
) -> None:
    """The file wins; --password doesn't exist."""
    file = tmp_path / "password.txt"
    file.write_text("grüße 🦆\r\nsecond line\n")
    assert office.run("account", "add", "a", *HERE, "--password", "x").exit_code == 2
    office.ok("account", "add", "file", *HERE, "--password-file", str(file))
    office.ok("account", "add", "environment", *HERE)
    piped = office.run(*("account", "add", "in", *HERE, "--password-file", "-"), input="piped\n")
    assert piped.exit_code == 0, piped.output
    typed = office.run("account", "add", "typed", *HERE, input="one\none\n", password=None)
    assert typed.exit_code == 0, typed.output
    assert "Password of support at the mail server" in typed.stderr
    assert "one" not in typed.output.replace("Password", "")
    differs = office.run("account", "add", "x", *HERE, input="one\ntwo\n", password=None)
    assert differs.exit_code == 1
    assert "No password was given: use --password-file, IMAPGATE_PASSWORD" in differs.stderr
    file.write_bytes(b"\xff\n")
    told = office.refused("account", "add", "x", *HERE, "--password-file", str(file))
    assert told == f"The password in {file} is no UTF-8 text."
    file.write_bytes(b"\n")
    told = office.refused("account", "add", "x", *HERE, "--password-file", str(file))
    assert told == "The password is empty."


def test_a_password_is_changed_only_when_that_is_asked_for(office: Command) -> None:
    """IMAPGATE_PASSWORD may stand in the environment for another command."""
    office.ok("account", "add", "support", *HERE)
    before = sealed(office)
    office.ok("account", "edit", "support", "--label", "x")
    assert sealed(office) == before
    office.ok("account", "edit", "support", "--new-password")
    assert sealed(office) != before
    assert office.json("account", "history", "support")[0]["changes"] == {
        "password": ["set", "changed"]
    }


def test_an_oauth_client_s_secret(
    office: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Needed for client credentials alone; a refresh token comes by `authorize`."""
    file = tmp_path / "secret.txt"
    file.write_text("s3\n")
    told = office.run("account", "add", "x", *HERE, *OAUTH, input="", password=None)
    assert "No client secret was given: use --client-secret-file" in told.stderr
    made = office.json("account", "add", "a", *HERE, *OAUTH, "--client-secret-file", str(file))
    assert (made["secrets"], made["lacking"]) == (["client_secret"], None)
    refresh = ("--grant", "refresh_token")
    public = office.json("account", "add", "b", *HERE, *OAUTH, *refresh)
    assert public["secrets"] == []
    assert public["lacking"] == 'It has to be authorized: `imapgate account authorize "b"`.'
    told = office.refused(
        "account", "edit", "b", "--password-file", str(file), "--label", "not kept"
    )
    assert told == "A password goes with authentication password, and this is oauth."
    properties = tmp_path / "m.properties"
    properties.write_text("client-secret=s5\n")
    told = office.refused("account", "add", "c", *HERE, "--properties", str(properties))
    assert told == "A client secret goes with authentication oauth, and this is password."
    monkeypatch.setenv("IMAPGATE_CLIENT_SECRET", "s4")
    now = office.json("account", "edit", "b", "--grant", "client_credentials")
    assert now["secrets"] == ["client_secret"]
    now = office.json("account", "edit", "b", "--authentication", "password")
    assert now["secrets"] == ["password"]


def test_a_password_comes_out_nowhere(office: Command, tmp_path: Path) -> None:
    """Not by any command, in no file, in no traceback; also where things go wrong."""
    word = "0p3n-sesame"
    file = tmp_path / "sesame.txt"
    file.write_text(f"{word}\n")
    given = ("--password-file", str(file))
    seen = []
    for words in (
        ("account", "add", "support", *HERE, *given),
        ("account", "add", "support", *HERE, *given),
        ("account", "add", "other", *HERE, *given, "--port", "0"),
        ("account", "edit", "support", *given, "--json"),
        ("account", "show", "support"),
        ("account", "show", "support", "--json"),
        ("account", "list"),
        ("account", "history", "--json"),
        ("account", "defaults", "--json"),
        ("doctor", "--json"),
        ("backup", str(tmp_path / "b.db"), "--json"),
    ):
        seen.append(office.run(*words))
    octets = bytearray(sealed(office))
    octets[-1] ^= 1
    with closing(sqlite3.connect(office.data / "imapgate.db")) as connection, connection:
        connection.execute("UPDATE account SET secrets = ?", (bytes(octets),))
    for words in (
        ("account", "show", "support"),
        ("account", "list", "--json"),
        ("account", "edit", "support", "--authentication", "none"),
    ):
        seen.append(office.run(*words))
    assert "damaged: set them again" in seen[-3].stderr
    for result in seen:
        assert word not in result.output
        assert word not in result.stderr
        if result.exception is not None:
            assert word not in "".join(traceback.format_exception(result.exception))
    file.unlink()
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert word.encode() not in path.read_bytes(), path


def test_with_the_key_gone_everything_says_so_and_a_new_password_mends_it(
    office: Command,
) -> None:
    """list, show and doctor; other settings can be changed all the same."""
    office.ok("account", "add", "support", *HERE)
    key = office.data / "secrets.key"
    kept = key.read_bytes()
    key.unlink()
    sentence = f"The key of the stored passwords, {key}, is missing: put it back, or set the "
    for words in (("list",), ("show", "support"), ("edit", "support", "--interval", "2m")):
        result = office.run("account", *words)
        assert result.exit_code == 0
        assert f"support: {sentence}" in result.stderr
    assert office.json("account", "list")[0]["lacking"].startswith(sentence)
    (told,) = broken(office)["mail accounts"]
    assert told.startswith(f'Account "support" of Acme: {sentence}')
    assert not key.exists()
    office.ok("account", "edit", "support", "--new-password")
    assert office.json("account", "show", "support")["lacking"] is None
    assert key.read_bytes() != kept
    key.write_bytes(kept)
    assert "encrypted with another key" in office.run("account", "list").stderr


def test_the_key_may_stand_elsewhere(
    office: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """IMAPGATE_SECRETS_KEY, or secrets_key in the settings; doctor looks at it there too."""
    key = tmp_path / "elsewhere" / "the.key"
    key.parent.mkdir()
    monkeypatch.setenv("IMAPGATE_SECRETS_KEY", str(key))
    office.ok("account", "add", "support", *HERE)
    assert key.exists()
    assert not (office.data / "secrets.key").exists()
    assert str(key) in office.ok("backup", str(tmp_path / "b.db"))
    key.chmod(0o644)
    assert f"{key} can be used by others: chmod 600 {key}" in broken(office)["permissions"]


def test_a_backup_names_the_key_and_a_restore_without_it_the_accounts(
    office: Command, tmp_path: Path
) -> None:
    """The key is never in the backup: whoever finds that can't log in to the mailboxes. Two servers
    that read one mailbox would take mails from each other."""
    office.ok("account", "add", "support", *HERE)
    office.ok("account", "add", "open", "--host", "mail.acme.example", "--authentication", "none")
    key, file = office.data / "secrets.key", tmp_path / "b.db"
    told = office.ok("backup", str(file))
    assert f"{key}: the key of the mail accounts' and mailers' passwords" in told
    assert key.read_bytes().strip() not in file.read_bytes()
    refused = office.refused("backup", str(key), "--force")
    assert refused == f"{key} belongs to the data directory itself: name another file."
    assert office.json("restore", str(file), "--yes")["accounts_lacking"] == []
    elsewhere = Command(tmp_path / "elsewhere")
    told = elsewhere.ok("restore", str(file))
    missing = elsewhere.data / "secrets.key"
    assert (
        f'Account "support": The key of the stored passwords, {missing}, is missing: put it back, '
        "or set the passwords again.\n"
    ) in told
    assert 'Account "open"' not in told
    assert "`imapgate account enable NAME`: support, open." in told
    assert [one["active"] for one in elsewhere.json("account", "list")] == [False, False]
    assert [one["active"] for one in office.json("account", "list")] == [True, True]
    assert "where no database was" in elsewhere.json("account", "history", "open")[0]["reason"]
    missing.write_bytes(key.read_bytes())
    assert elsewhere.json("account", "show", "support")["lacking"] is None

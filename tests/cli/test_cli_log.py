"""`imapgate log`."""

from __future__ import annotations

import json
import logging
import signal
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from command import Command

from imapgate.cli import logged
from imapgate.cli.place import Place
from imapgate.cli.who import operator
from imapgate.incoming import filing
from imapgate.incoming.account import Place as Mailbox
from imapgate.log_files import SIGN_INS, LogFiles

HOSTILE = "x\r\n2026-11-21 08:00:00 info forged\x1b[2J\u202e"


def write(command: Command, *said: dict[str, object]) -> None:
    directory = command.data / "log"
    out = LogFiles(directory, SIGN_INS)
    for n, one in enumerate(said):
        common = {"time": f"2026-11-21T08:00:{n:02}.000Z", "level": "info", "by": "server"}
        out.write(json.dumps({**common, **one}) + "\n")
    out.flush()


def test_where_nothing_was_logged_it_says_so(acme: Command) -> None:
    assert acme.ok("log") == "Nothing of that is in the log.\n"
    assert acme.json("log") == []
    assert not (acme.data / "log").exists()


def test_each_event_is_a_line_that_steers_no_terminal(acme: Command) -> None:
    write(
        acme,
        {"source": "imap-auth", "level": "warning", "login": HOSTILE, "message": f"as {HOSTILE}"},
        {"source": "server", "message": "listening"},
    )
    first, second = acme.ok("log").splitlines()
    escaped = "x\\r\\n2026-11-21 08:00:00 info forged\\x1b[2J\\u202e"
    assert first.endswith(f"warning imap-auth server [{escaped}] as {escaped}")
    assert second.endswith("info    server    server listening")
    assert [one["message"] for one in acme.json("log", "--level", "warning")] == [f"as {HOSTILE}"]
    assert acme.ok("log", "--source", "server", "--source", "imap").splitlines() == [second]
    assert acme.ok("log", "--since", "2026-11-21T08:00:01Z").splitlines() == [second]
    assert acme.ok("log", "--user", HOSTILE).splitlines() == [first]


def test_what_a_command_logs_is_kept_with_who_ran_it(acme: Command) -> None:
    """At INFO and above; a warning stands on the standard error, too, as before."""
    root = logging.getLogger()
    before = (list(root.handlers), logging.getLogger("imapgate").level)
    with logged.logged(Place(acme.data, None)):
        logger = logging.getLogger("imapgate.incoming.x")
        extra = {"event": "incoming_x", "fields": {"account": "support"}}
        logger.info("read", extra=extra)
        logger.debug("not asked for")
        logging.getLogger("storage.x").warning("careful")
    assert (root.handlers, logging.getLogger("imapgate").level) == before
    found = acme.json("log")
    assert [(one["source"], one["by"], one["message"]) for one in found] == [
        ("incoming", operator(), "read"),
        ("server", operator(), "careful"),
    ]
    assert acme.json("log", "--user", "Support")[0]["event"] == "incoming_x"


def test_warnings_still_stand_on_the_standard_error(
    acme: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As Python shows them; but not what the command tells by itself."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    mailbox = Mailbox("imaps", "mail.example.org", 993)
    with logged.logged(Place(acme.data, None)):
        logging.getLogger("storage.x").warning("careful")
        logging.getLogger("imapgate.x").info("by the way")
        logged.read(mailbox, "fetch", "login", "no")
        filing._log.warning("message 7 that came in is failed")
        filing._log.error("incident 1")
    assert capsys.readouterr().err == "careful\nincident 1\n"
    assert len(acme.json("log")) == 5


def test_a_mailbox_that_a_command_could_not_read_is_logged(acme: Command, tmp_path: Path) -> None:
    """With its protocol, the step and who ran it; no password."""
    secret = tmp_path / "secret"
    secret.write_text("Zq7password")
    with closing(socket.create_server(("127.0.0.1", 0))) as closed:
        port = closed.getsockname()[1]
    place = ("--protocol", "pop3", "--host", "127.0.0.1", "--port", str(port), "--user", "crm")
    acme.ok("group", "add", "tracker", "E-Mails")
    acme.ok("creator", "add", "E-Mails", "--type", "E-Mail", "--group", "E-Mails", "--default")
    assert acme.run("fetch", *place, "--password-file", str(secret)).exit_code == 1
    (one,) = acme.json("log", "--source", "incoming", "--level", "warning", "--user", "crm")
    assert (one["event"], one["command"]) == ("incoming_by_hand", "fetch")
    assert (one["protocol"], one["step"], one["by"]) == ("pop3", "connect", operator())
    assert "Zq7" not in "".join(file.read_text() for file in (acme.data / "log").iterdir())


def test_without_a_data_directory_nothing_is_made(command: Command) -> None:
    with logged.logged(Place(command.data, None)):
        logging.getLogger("imapgate.x").warning("careful")
    assert not command.data.exists()
    assert command.ok("log") == "Nothing of that is in the log.\n"


def test_it_follows_what_comes_until_it_is_interrupted(acme: Command) -> None:
    """An object in each line with --json."""
    write(acme, {"source": "imap", "message": "first"})
    words = [sys.executable, "-m", "imapgate", "--data", str(acme.data), "log"]
    process = subprocess.Popen(
        [*words, "--follow", "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        assert json.loads(process.stdout.readline())["message"] == "first"
        write(acme, {"source": "imap", "message": "second"})
        assert json.loads(process.stdout.readline())["message"] == "second"
        process.send_signal(signal.SIGINT)
        rest, errors = process.communicate(timeout=40)
        assert (process.returncode, rest, errors) == (0, "", "")
    finally:
        process.kill()
        process.communicate()

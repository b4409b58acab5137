"""`imapgate fetch`: a real Dovecot's mailbox is copied once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from backing import rows, supported
from command import Command
from desk import mail
from dovecot import HOST, Dovecot, Mailbox


@pytest.fixture
def support(acme: Command) -> Command:
    """Segment Acme with tracker Support, its e-mail creator, and activity #10000001."""
    return supported(acme)


def _words(server: Dovecot, mailbox: Mailbox, protocol: str = "imaps") -> list[str]:
    words = ["fetch", "--protocol", protocol, "--host", HOST, "--user", mailbox.user]
    words += ["--port", str(server.port(protocol))]
    words += ["--creator", "Support E-Mails"]
    if protocol.endswith("s"):
        ca = server.root / "authority.crt"
        words += ["--ca", str(_authority(server, ca))]
    return words


def _authority(server: Dovecot, file: Path) -> Path:
    file.write_text(server.authority, "ascii")
    return file


def _run(command: Command, mailbox: Mailbox, *words: str) -> tuple[int, str, str]:
    done = command.run(*words, password=mailbox.password)
    return done.exit_code, done.stdout, done.stderr


def _activities(command: Command) -> list[str]:
    found = rows(command.data / "imapgate.db", "SELECT name FROM activity ORDER BY number")
    return [str(name) for (name,) in found][1:]


@pytest.mark.parametrize("protocol", ["imap", "imaps", "pop3", "pop3s"])
def test_a_mailbox_is_filed_and_stays_as_it_is(
    support: Command, dovecot: Dovecot, mailbox: Mailbox, protocol: str
) -> None:
    """Each message with its number, and the sums; a second time nothing is fetched."""
    mailbox.deliver(mail("Broken", 11), mail("About #10000001", 12))
    words = _words(dovecot, mailbox, protocol)
    code, out, err = _run(support, mailbox, *words)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "filed         #10000002  Broken",
        "filed         #10000003  About #10000001",
        "Messages: 2 filed.",
    ]
    assert len(mailbox.messages()) == 2
    if protocol.startswith("imap"):  # Dovecot marks what POP3 reads.
        assert mailbox.flags() == ["", ""]
    assert len(_activities(support)) == 2
    mailbox.deliver(mail("Third", 13))
    assert _run(support, mailbox, *words)[1].splitlines() == [
        "filed         #10000004  Third",
        "Messages: 1 filed, 2 there already.",
    ]
    assert len(_activities(support)) == 3


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_starttls_is_spoken(
    support: Command, dovecot: Dovecot, mailbox: Mailbox, protocol: str
) -> None:
    """And the same mailbox is known, however it is reached."""
    mailbox.deliver(mail("Broken", 11))
    ca = str(_authority(dovecot, dovecot.root / "authority.crt"))
    words = _words(dovecot, mailbox, protocol)
    assert _run(support, mailbox, *words, "--security", "starttls", "--ca", ca)[0] == 0
    assert _run(support, mailbox, *words)[1] == "Messages: 1 there already.\n"


def test_json_tells_each_message(support: Command, dovecot: Dovecot, mailbox: Mailbox) -> None:
    """For programs; what is known is counted only."""
    mailbox.deliver(mail("Broken", 11))
    words = [*_words(dovecot, mailbox), "--json"]
    first = json.loads(_run(support, mailbox, *words)[1])
    assert first["sums"] == {"filed": 1}
    (one,) = first["messages"]
    assert (one["state"], one["number"], one["subject"], one["sender"]) == (
        "filed", 10000002, "Broken", "erika@example.com"
    )  # fmt: skip
    assert json.loads(_run(support, mailbox, *words)[1]) == {"messages": [], "sums": {"known": 1}}


def test_a_dry_run_shows_and_files_nothing(
    support: Command, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    mailbox.deliver(mail("Broken", 11), mail("Second", 12))
    words = _words(dovecot, mailbox)
    code, out, _ = _run(support, mailbox, *words, "--dry-run", "--max", "1")
    assert (code, out.splitlines()) == (
        0,
        ["to be fetched erika@example.com  Broken", "Messages: 1 to be fetched."],
    )
    assert _activities(support) == []
    assert mailbox.flags() == ["", ""]


def test_at_most_so_many_and_on_from_there(
    support: Command, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    mailbox.deliver(*(mail(f"M{n}", n + 20) for n in range(5)))
    words = [*_words(dovecot, mailbox), "--max", "3"]
    assert _run(support, mailbox, *words)[1].endswith("Messages: 3 filed.\n")
    assert _run(support, mailbox, *words)[1].endswith("Messages: 2 filed, 3 there already.\n")
    assert _activities(support) == [f"M{n}" for n in range(5)]


def test_another_folder_is_another_mailbox(
    support: Command, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    """Named as people write it; one that isn't there is told."""
    dovecot.new_folder(mailbox, "Old")
    mailbox.deliver(mail("Broken", 11))
    mailbox.deliver(mail("Old one", 12), folder="Old")
    words = _words(dovecot, mailbox)
    assert "Old one" in _run(support, mailbox, *words, "--folder", "Old")[1]
    assert "Broken" in _run(support, mailbox, *words)[1]
    code, out, err = _run(support, mailbox, *words, "--folder", "Nowhere")
    assert (code, out) == (1, "")
    assert err.startswith('There is no folder "Nowhere"')


def test_what_can_t_be_filed_is_told_and_the_rest_goes_on(
    support: Command, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    """Exit code 1; the failed one waits in the queue."""
    config = support.data / "imapgate.toml"
    config.write_text("[limits]\nmessage = 2000\n")
    mailbox.deliver(mail("Large", 11, body="x" * 3000), mail("Small", 12))
    code, out, _ = _run(support, mailbox, *_words(dovecot, mailbox))
    lines = out.splitlines()
    assert code == 1
    assert lines[-1] == "Messages: 1 filed, 1 failed."
    (failed,) = (line for line in lines if line.startswith("failed"))
    assert failed.startswith("failed        The message has 3,")
    assert failed.endswith("octets, more than the 2,000 that are taken.")
    assert _activities(support) == ["Small"]


def test_a_wrong_password_is_one_sentence(
    support: Command, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    """From a file, too; it is never on the command line."""
    words = _words(dovecot, mailbox)
    file = support.data / "password"
    file.write_text("not this one\n")
    code, out, err = _run(support, mailbox, *words, "--password-file", str(file))
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "not this one" not in err
    file.write_text(f"{mailbox.password}\n")
    assert _run(support, mailbox, *words, "--password-file", str(file))[0] == 0


def test_without_a_place_nothing_is_fetched(
    acme: Command, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    """Else all of it would stand in the queue as failed."""
    mailbox.deliver(mail("One", 1))
    words = [one for one in _words(dovecot, mailbox) if one not in ("--creator", "Support E-Mails")]
    code, out, err = _run(acme, mailbox, *words)
    assert (code, out) == (1, "")
    assert "the segment has no default e-mail creator. Say --creator" in err
    assert acme.json("incoming", "list") == []


def test_what_doesn_t_fit_together_is_refused(
    support: Command, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    """Before anything is connected to."""
    for extra, told in (
        (["--security", "starttls"], "STARTTLS goes with imap"),
        (["--creator", "nobody"], 'no creator "nobody"'),
        (["--host", "mail example"], "host"),
    ):
        code, out, err = _run(support, mailbox, *_words(dovecot, mailbox), *extra)
        assert (code, out) == (1, ""), extra
        assert told in err
    words = _words(dovecot, mailbox, "pop3")
    assert "folder" in _run(support, mailbox, *words, "--folder", "Old")[2]


WAITING = """
import time
from imapgate.cli.main import main
from imapgate.incoming import filing

def file_together(*rows, real=filing.file_together):
    done = real(*rows)
    print("waiting", flush=True)
    time.sleep(60)
    return done

filing.file_together = file_together
main()
"""
"""`imapgate`, which stands still once the first messages are filed."""


def test_ctrl_c_leaves_a_clean_state(support: Command, dovecot: Dovecot, mailbox: Mailbox) -> None:
    """What was fetched is in the queue, and the next run brings the rest: each message once."""
    names = [f"M{n}" for n in range(40)]
    mailbox.deliver(*(mail(name, n + 100) for n, name in enumerate(names)))
    words = _words(dovecot, mailbox)
    process = subprocess.Popen(
        [sys.executable, "-c", WAITING, "--data", str(support.data), *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
        env={**_environment(), "IMAPGATE_PASSWORD": mailbox.password},
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert err == "Stopped. What was fetched is in the queue; run it again to go on.\n"
    assert out == "Messages: none.\n"
    assert _activities(support) == names[:16]
    code, out, _ = _run(support, mailbox, *words)
    assert (code, out.splitlines()[-1]) == (0, "Messages: 24 filed, 16 there already.")
    assert _activities(support) == names
    assert mailbox.flags() == [""] * 40


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name[:9] != "IMAPGATE_"}

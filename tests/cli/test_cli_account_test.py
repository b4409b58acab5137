"""`imapgate account test`: step by step, at a real Dovecot."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from command import Command
from desk import mail
from dovecot import HOST, Dovecot, Mailbox
from mail_accounts import add_account, history, pins
from smtp_sink import Sink

from imapgate.cli.who import operator
from imapgate.incoming import queue
from imapgate.incoming.account import Account
from imapgate.incoming.queue import Fetched
from imapgate.incoming.rounds import origin_of
from imapgate.limits import Limits
from imapgate.servers.server import Secrets
from storage import Database

STEPS = ["name", "connect", "tls", "greeting", "login", "folder", "count", "newest"]


def _add(command: Command, server: Dovecot, mailbox: Mailbox, **wanted: Any) -> Account:
    """Account support on that mailbox; imaps unless said otherwise."""
    said = {
        "protocol": "imaps",
        "host": HOST,
        "ca": server.authority,
        "user": mailbox.user,
        "timeout": 10.0,
        **wanted,
    }
    said.setdefault("port", server.port(said["protocol"]))
    password = said.pop("password", mailbox.password)
    if said["protocol"] in ("imap", "pop3") and said.get("security") != "starttls":
        del said["ca"]
    return add_account(command, Secrets(password=password), **said)


def _test(command: Command, *words: str) -> tuple[int, list[dict[str, str]]]:
    done = command.run("account", "test", "support", "--json", *words)
    assert done.stdout, done.output
    return done.exit_code, json.loads(done.stdout)["steps"]


def _states(steps: list[dict[str, str]]) -> list[tuple[str, str]]:
    return [(one["step"], one["state"]) for one in steps]


@pytest.mark.parametrize(
    ("wanted", "order"),
    [
        ({"protocol": "imaps"}, STEPS),
        ({"protocol": "pop3s", "after_reading": "keep"}, STEPS),
        (
            {"protocol": "imap", "security": "starttls"},
            ["name", "connect", "greeting", "tls", *STEPS[4:]],
        ),
        (
            {"protocol": "pop3", "security": "starttls", "after_reading": "keep"},
            ["name", "connect", "greeting", "tls", *STEPS[4:]],
        ),
        ({"protocol": "imap"}, ["name", "connect", "greeting", *STEPS[4:]]),
    ],
    ids=["imaps", "pop3s", "imap-starttls", "pop3-starttls", "imap"],
)
def test_each_step_tells_what_was_found(
    acme: Command, dovecot: Dovecot, mailbox: Mailbox, wanted: dict[str, Any], order: list[str]
) -> None:
    """In the order in which they are done; nothing changes in the mailbox."""
    mailbox.deliver(mail("First", 1), mail("Newest", 2, body="Good evening.\r\nSecond line."))
    _add(acme, dovecot, mailbox, **wanted)
    code, steps = _test(acme)
    assert code == 0, steps
    assert _states(steps) == [(step, "ok") for step in order]
    texts = {one["step"]: one["text"] for one in steps}
    assert texts["count"] == "2 messages"
    assert texts["newest"] == (
        "from erika@example.com\nsubject: Newest\nGood evening.\nSecond line."
    )
    if "tls" in texts:
        assert "SHA-256" in texts["tls"]
    # Dovecot marks what POP3 reads.
    assert mailbox.flags() == (["", ""] if wanted["protocol"].startswith("imap") else ["", "S"])


def test_the_steps_are_printed_for_people(
    acme: Command, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    """One line each; of the newest message sender, subject and text."""
    mailbox.deliver(mail("Hello\x1b[2J", 1))
    _add(acme, dovecot, mailbox)
    lines = acme.ok("account", "test", "support").splitlines()
    assert [line.split()[:2] for line in lines[:7]] == [["ok", step] for step in STEPS[:7]]
    assert lines[7:] == [
        "ok         newest    from erika@example.com",
        "                     subject: Hello [2J",
        "                     Good morning.",
    ]


def test_an_empty_mailbox_is_well(acme: Command, dovecot: Dovecot, mailbox: Mailbox) -> None:
    _add(acme, dovecot, mailbox)
    code, steps = _test(acme)
    assert (code, steps[-1]["text"]) == (0, "the mailbox is empty")


def test_a_long_message_is_cut_and_a_large_one_not_read(
    acme: Command, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    body = "\r\n".join("y" * 500 for _ in range(50))
    mailbox.deliver(mail("Long", 1, body=body))
    _add(acme, dovecot, mailbox)
    lines = _test(acme)[1][-1]["text"].split("\n")
    assert len(lines) <= 12
    assert max(map(len, lines)) == 100
    mailbox.deliver(mail("Large", 2, body="x" * 1_100_000))
    told = _test(acme)[1][-1]["text"]
    assert told.endswith("octets, so it isn't shown")


@pytest.fixture
def gibberish() -> Iterator[int]:
    """The port of a server that speaks another protocol."""
    with socket.create_server((HOST, 0)) as listening:

        def serve() -> None:
            while True:
                with listening.accept()[0] as taken, suppress(OSError):
                    taken.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                    if taken.recv(1000) == b"end":
                        return

        thread = threading.Thread(target=serve)
        thread.start()
        port = listening.getsockname()[1]
        yield port
        with socket.create_connection((HOST, port)) as last:
            last.sendall(b"end")
            thread.join(10)


@pytest.fixture
def closed() -> Iterator[int]:
    """A port on which nobody listens, nor will."""
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        yield taken.getsockname()[1]


FAILING = [
    ("name", {"host": f"{'a' * 64}.example"}),
    ("connect", {"port": "closed"}),
    ("tls", {"ca": None}),
    ("greeting", {"protocol": "imap", "port": "gibberish"}),
    ("login", {"password": "wrong"}),
    ("login", {"protocol": "pop3s", "password": "wrong"}),
    ("folder", {"folder": "Nowhere"}),
]


@pytest.mark.parametrize(
    ("step", "wanted"), FAILING, ids=[f"{step}-{n}" for n, (step, _) in enumerate(FAILING)]
)
def test_a_step_that_fails_is_told_and_what_follows_isn_t_tried(
    acme: Command,
    dovecot: Dovecot,
    mailbox: Mailbox,
    gibberish: int,
    closed: int,
    step: str,
    wanted: dict[str, Any],
) -> None:
    """With what the server or the system said, and exit code 1; no password anywhere."""
    ports = {"closed": closed, "gibberish": gibberish}
    said = {name: ports.get(one, one) if name == "port" else one for name, one in wanted.items()}
    _add(acme, dovecot, mailbox, **said)
    code, steps = _test(acme)
    order = [one["step"] for one in steps]
    at = order.index(step)
    assert code == 1
    assert _states(steps) == [
        (one, "ok" if n < at else "failed" if n == at else "not tried")
        for n, one in enumerate(order)
    ]
    assert steps[at]["text"].endswith(".")
    assert steps[at]["technical"] or step == "greeting"
    shown = acme.run("account", "test", "support")
    assert shown.exit_code == 1
    assert f"failed     {step}" in shown.stdout
    assert f"not tried  {order[-1]}" in shown.stdout
    assert mailbox.password not in shown.output
    assert "wrong" not in shown.output.replace("wrong password", "")


def test_a_certificate_is_shown_and_pinned(
    acme: Command, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    """After a yes; from then on it is trusted as it is, and the history knows who did it."""
    account = _add(acme, dovecot, mailbox, ca=None)
    assert _test(acme)[0] == 1
    for answer in ("n\n", ""):
        no = acme.run("account", "test", "support", "--trust", input=answer)
        assert (no.exit_code, no.stderr.endswith("Nothing was pinned.\n")) == (1, True)
        assert pins(acme, account) is None
    words = ("account", "test", "support", "--trust", "--reason", "our own server")
    yes = acme.run(*words, input="y\n")
    assert yes.exit_code == 0, yes.output
    pinned = pins(acme, account)
    assert f"SHA-256 {pinned}" in yes.stderr
    assert "issued by" in yes.stderr
    newest = history(acme)[0]
    assert (newest.who, newest.reason) == (operator(), "our own server")
    assert newest.changes == {"pin": (None, pinned)}
    assert _test(acme)[0] == 0
    again = acme.run("account", "test", "support", "--trust")
    assert again.exit_code == 0
    assert "It is pinned already." in again.stderr


def test_starttls_certificates_can_be_pinned_too(
    acme: Command, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    account = _add(acme, dovecot, mailbox, protocol="imap", security="starttls", ca=None)
    assert acme.run("account", "test", "support", "--trust", input="y\n").exit_code == 0
    assert pins(acme, account) is not None


def test_without_tls_there_is_nothing_to_pin(
    acme: Command, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    _add(acme, dovecot, mailbox, protocol="imap")
    assert "Without TLS" in acme.refused("account", "test", "support", "--trust")


def test_verification_that_is_off_is_a_warning(
    acme: Command, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    _add(acme, dovecot, mailbox, ca=None, verify=False)
    code, steps = _test(acme)
    assert (code, steps[2]["state"]) == (0, "warning")
    assert "isn't verified" in steps[2]["technical"]


@pytest.mark.parametrize("protocol", ["imaps", "pop3s"])
def test_a_probe_is_sent_and_comes(
    acme: Command, dovecot: Dovecot, mailbox: Mailbox, tmp_path: Path, protocol: str
) -> None:
    """By an SMTP server that delivers into the mailbox, which is as it was afterwards."""
    mailbox.deliver(mail("One", 1))
    _add(acme, dovecot, mailbox, protocol=protocol, after_reading="keep")
    (tmp_path / "smtp").mkdir()
    with Sink(tmp_path / "smtp", deliver=mailbox.deliver) as sink:
        code, steps = _test(acme, "--send-probe", f"smtp://{HOST}:{sink.port}")
    assert code == 0, steps
    assert _states(steps[-2:]) == [("send", "ok"), ("arrive", "ok")]
    assert steps[-1]["text"].endswith("was taken away again")
    assert sink.to == [mailbox.user]
    assert len(mailbox.messages()) == 1


def test_a_mailer_may_send_the_probe(
    acme: Command, dovecot: Dovecot, mailbox: Mailbox, tmp_path: Path
) -> None:
    """With its own settings; one that keeps mail from leaving can't."""
    _add(acme, dovecot, mailbox)
    (tmp_path / "smtp").mkdir()
    by = ("account", "test", "support", "--send-probe", "relay")
    with Sink(tmp_path / "smtp", deliver=mailbox.deliver) as sink:
        at = ("--host", HOST, "--port", str(sink.port), "--security", "none")
        acme.ok("mailer", "add", "relay", *at, "--from", "crm@example.org")
        code, steps = _test(acme, "--send-probe", "relay")
        assert (code, steps[-1]["state"]) == (0, "ok"), steps
        assert sink.to == [mailbox.user]
        assert acme.run(*by, "--smtp-user", "u").exit_code == 2
        acme.ok("mailer", "edit", "relay", "--intercept", "file")
        assert "would not arrive" in acme.refused(*by)
        assert len(sink.messages) == 1
    assert acme.refused(*by[:-1], "other") == 'There is no mailer "other".'


def test_a_running_server_may_be_quicker_than_the_probe(
    acme: Command, dovecot: Dovecot, mailbox: Mailbox, tmp_path: Path
) -> None:
    """It has read the account, and the probe is in the queue."""
    account = _add(acme, dovecot, mailbox)

    def taken(content: bytes) -> None:
        with closing(Database.open(acme.data / "imapgate.db")) as db:
            queue.take(db, origin_of(account), [Fetched("1.1", content)], Limits())

    (tmp_path / "smtp").mkdir()
    with Sink(tmp_path / "smtp", deliver=taken) as sink:
        code, steps = _test(acme, "--send-probe", f"smtp://{HOST}:{sink.port}")
    assert (code, steps[-1]["state"]) == (0, "ok"), steps
    assert steps[-1]["text"] == "it came, and the server has taken it in (fetched)"


def test_a_probe_that_can_t_be_sent_is_told(
    acme: Command, dovecot: Dovecot, mailbox: Mailbox, tmp_path: Path
) -> None:
    _add(acme, dovecot, mailbox)
    (tmp_path / "smtp").mkdir()
    with Sink(tmp_path / "smtp", refused="550 no") as sink:
        code, steps = _test(acme, "--send-probe", f"smtp://{HOST}:{sink.port}")
    assert code == 1
    assert _states(steps[-2:]) == [("send", "failed"), ("arrive", "not tried")]
    assert steps[-2]["technical"] == "550 no"


def test_where_a_probe_goes_has_to_be_known(
    acme: Command, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    """And options of the probe go with one."""
    _add(acme, dovecot, mailbox, user="support")
    told = acme.refused("account", "test", "support", "--send-probe", "smtp://127.0.0.1")
    assert "--probe-to" in told
    told = acme.refused("account", "test", "support", "--send-probe", "http://127.0.0.1")
    assert "smtp://HOST:PORT" in told
    assert acme.run("account", "test", "support", "--probe-to", "a@b.example").exit_code == 2
    assert acme.refused("account", "test", "nobody") == 'There is no account "nobody".'

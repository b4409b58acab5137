"""A running server reads an account that the command line makes beside it, and hears of new mail
from the mail server."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from desk import mail
from dovecot import HOST, Dovecot, Mailbox
from running import Running

PATIENCE = 60.0


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_an_account_made_beside_the_server_is_read_at_once(
    tmp_path: Path, demo: Running, dovecot: Dovecot, mailbox: Mailbox
) -> None:
    """What waits is filed and seen by a mail client; so is what comes later, long before the next
    round is due. The server then ends cleanly though it waits for more."""
    password = tmp_path / "password"
    password.write_text(mailbox.password)
    mailbox.deliver(mail("Waiting", 1))
    demo.command(
        *("account", "add", "support", "--protocol", "imap", "--host", HOST),
        *("--port", str(dovecot.port("imap")), "--user", mailbox.user),
        *("--password-file", str(password), "--creator", "Support E-Mails", "--interval", "1h"),
    )
    until(lambda: [one["state"] for one in demo.json("incoming", "list")] == ["filed"])
    client = demo.imap()
    status, _ = client.select('"Trackers/Support"')
    assert status == "OK"
    assert client.search(None, "SUBJECT", "Waiting")[1] != [b""]
    until(lambda: mailbox.flags() == ["S"])
    mailbox.deliver(mail("Later", 2))
    until(lambda: len(demo.json("incoming", "list", "--state", "filed")) == 2)
    client.noop()
    assert client.search(None, "SUBJECT", "Later")[1] != [b""]
    client.logout()
    until(lambda: mailbox.flags() == ["S", "S"])
    assert "account support: 1 came, 1 filed" in demo.log.read_text()

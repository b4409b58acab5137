"""`imapgate fetch` beside a running server: its mail clients hear of what comes in."""

from __future__ import annotations

import pytest
from desk import mail
from dovecot import HOST, Dovecot, Mailbox
from running import Running


def test_what_is_fetched_shows_at_once(
    demo: Running, dovecot: Dovecot, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each message once, though the server files what waits in the queue, too."""
    monkeypatch.setenv("IMAPGATE_PASSWORD", mailbox.password)
    words = ["fetch", "--protocol", "imap", "--host", HOST, "--port", str(dovecot.port("imap"))]
    words += ["--user", mailbox.user, "--creator", "Support E-Mails"]
    mailbox.deliver(*(mail(f"Old {n}", n) for n in range(40)))
    client = demo.imap()
    before = int(client.select("Trackers/Support")[1][0])
    sums = demo.json(*words)["sums"]
    assert sums == {"filed": 40}
    client.noop()
    assert int(client.response("EXISTS")[1][-1]) == before + 40
    assert demo.json(*words)["sums"] == {"known": 40}
    client.logout()

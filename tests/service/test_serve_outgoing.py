"""A running server sends what transitions ask for, wherever they are taken."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from running import Running
from smtp_sink import HOST, Sink

from imapgate.activities import by_hand, people
from imapgate.mime.reading import read
from storage import Database, Tx

PATIENCE = 60.0
MAIL = 10000003
"""Number of the demo's first e-mail activity."""


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_what_a_transition_asks_for_is_sent(tmp_path: Path, demo: Running) -> None:
    """Taken by the command line, which leaves the sending to the server; and without it, as a reply
    to an approval takes one: then the server makes the mail as well."""
    take = ("activity", "follow-up", str(MAIL), "--as", "alice", "--transition")
    with Sink(tmp_path) as sink:
        demo.command(
            *("mailer", "add", "out", "--host", HOST, "--port", str(sink.port)),
            *("--security", "none", "--from", "crm@example.org"),
        )
        demo.command(*take, "Assign")
        said = demo.command(*take, "Send as mail")
        assert "The server sends it" in said
        until(lambda: len(sink.messages) == 1)

        def export(tx: Tx) -> None:
            alice = people.person(tx, "alice@Standard")
            transition = "Export as mail attachment"
            by_hand.follow_up(tx, alice.segment_id, MAIL, transition=transition, person=alice)

        with closing(Database.open(demo.data / "imapgate.db")) as db:
            db.write(export)
        until(lambda: len(sink.messages) == 2)
    subjects = [read(one).mail.subject for one in sink.messages]
    assert subjects[1] == f"Export of #{MAIL}: {subjects[0]}"
    until(lambda: [one["state"] for one in demo.json("outbox", "list")] == ["sent", "sent"])

"""A running server sends what the command line asks for beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from email import message_from_bytes
from email.policy import default
from pathlib import Path

from running import HOST, Running
from smtp_sink import Sink

from imapgate.activities import by_hand, people
from imapgate.mime.reading import read
from storage import Database, Tx

PATIENCE = 60.0


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_an_activity_is_sent_at_once_and_shows_what_was_sent(tmp_path: Path, demo: Running) -> None:
    """From the transition to the mail at the server; then the process ends cleanly."""
    with Sink(tmp_path) as sink:
        demo.command(
            *("mailer", "add", "relay", "--host", "127.0.0.1", "--port", str(sink.port)),
            *("--security", "none", "--from", "crm@example.org"),
        )
        added = demo.json(
            *("activity", "new", "An answer", "--creator", "E-Mails"),
            *("--detailed-description", "It works again.", "--to", "ann@example.net"),
        )
        number = str(added["number"])
        demo.command("activity", "follow-up", number, "--transition", "Assign")
        demo.command("activity", "follow-up", number, "--transition", "Send as mail")
        until(lambda: [one["state"] for one in demo.json("outbox", "list")] == ["sent"])
        (content,) = sink.messages
        assert sink.to == ["ann@example.net"]
    sent = message_from_bytes(content, policy=default)
    assert f"#{number}" in sent["Subject"]
    shown = demo.command("activity", "show", number)
    assert "To: ann@example.net, sent" in shown
    assert "It works again." in shown
    assert "is sent: Mailer relay: taken for 1." in demo.log.read_text()


def test_what_a_transition_asks_for_is_made_wherever_it_was_taken(
    tmp_path: Path, demo: Running
) -> None:
    """Not at the command line, which makes the mail itself, but as a reply to an approval takes
    one: the server makes and sends it."""
    number = 10000003
    with Sink(tmp_path) as sink:
        demo.command(
            *("mailer", "add", "out", "--host", HOST, "--port", str(sink.port)),
            *("--security", "none", "--from", "crm@example.org"),
        )

        def export(tx: Tx) -> None:
            alice = people.person(tx, "alice@Standard")
            for transition in ("Assign", "Export as mail attachment"):
                by_hand.follow_up(tx, alice.segment_id, number, transition=transition, person=alice)

        with closing(Database.open(demo.data / "imapgate.db")) as db:
            db.write(export)
        until(lambda: [one["state"] for one in demo.json("outbox", "list")] == ["sent"])
    (content,) = sink.messages
    assert read(content).mail.subject.startswith(f"Export of #{number}: ")

"""Real Thunderbird sends through the submission listener, and finds its mail filed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from demo_server import PASSWORD, Demo
from smtp_sink import Sink
from thunderbird import Thunderbird

pytestmark = pytest.mark.client("thunderbird", "Xvfb")

SUPPORT, CASE = "Trackers/Support", 10000001
SUBJECT = f"Grüße: an answer to #{CASE}"


def mailer(demo: Demo, port: int) -> None:
    words = ("--host", "127.0.0.1", "--port", str(port), "--security", "none")
    demo.command("mailer", "add", "main", *words, "--from", "crm@example.org")


def set_up(thunderbird: Thunderbird, demo: Demo, tls_port: int, tmp_path: Path) -> None:
    """By the file that `imapgate client-setup` writes: name, address and password are all that is
    asked for sending, too."""
    file = tmp_path / "program" / "isp" / "example.org.xml"
    file.unlink()
    where = ("--host", "0.0.0.0", "--tls-port", str(demo.tls_port), "--output", str(file))
    demo.command("client-setup", "thunderbird", "alice", *where, IMAPGATE_NAMES="localhost")
    found = thunderbird.find_account("Alice", "alice@example.org")
    assert [one[:2] for one in found] == [
        ["localhost", str(demo.tls_port)],
        ["localhost", str(tls_port)],
    ]
    thunderbird.add_account(PASSWORD)
    thunderbird.close_hub()


def test_thunderbird_sends_and_its_mail_is_filed(
    submission_port: int,
    sink: Sink,
    demo: Demo,
    new_thunderbird: Thunderbird,
    authority: Path,
    tmp_path: Path,
) -> None:
    """What the mailer's server refuses is shown, and the composer stays. What it takes goes out,
    stands in the case's group, and is linked to the case; the copy in Sent, dragged there later, is
    the same mail."""
    thunderbird = new_thunderbird
    thunderbird.trust(authority.read_text())
    with Sink(tmp_path / "refusing", refused="550 5.1.1 Nobody has that name here.") as refusing:
        mailer(demo, refusing.port)
        set_up(thunderbird, demo, submission_port, tmp_path)
        before = len(demo.messages(SUPPORT))
        thunderbird.write("Erika <erika@example.net>", SUBJECT, "It works now.\n\n.\nAlice")
        thunderbird.send()
        told = thunderbird.until("says", "commonDialog.xhtml", "Nobody has that name here.")
        assert "erika@example.net" in told
        thunderbird.cancel("commonDialog.xhtml")
        assert thunderbird.composes()
    demo.command("mailer", "edit", "main", "--port", str(sink.port))
    thunderbird.send()
    thunderbird.until("has_sent")
    (sent,) = sink.messages
    assert sink.to == ["erika@example.net"]
    assert refusing.messages == []
    filed = demo.arrived(SUPPORT, before + 1)
    assert filed[max(filed)] == sent
    message_id = sent.partition(b"Message-ID: <")[2].partition(b">")[0].decode("ascii")
    shown = demo.activity_of(message_id)
    assert [one["number"] for one in shown["links"]] == [CASE]
    assert shown["groups"] == ["Support"]
    assert thunderbird.open_folder("Sent") == [SUBJECT]
    thunderbird.open_folder(SUPPORT)
    thunderbird.drag("Sent", [SUBJECT], SUPPORT, "copy")
    thunderbird.picture("thunderbird-sent-and-filed")
    (copy,) = demo.messages("Sent").values()
    assert copy == sent
    assert len(demo.messages(SUPPORT)) == before + 1
    assert [one["name"] for one in demo.activities()].count(shown["name"]) == 1
    rows = json.loads(demo.command("outbox", "list", "--json"))
    assert sorted(one["state"] for one in rows) == ["failed", "sent"]

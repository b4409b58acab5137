"""Real Thunderbird: reading, marking, looking for, and what others drop meanwhile."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from demo_server import Demo, mail
from thunderbird import Thunderbird

pytestmark = pytest.mark.client("thunderbird", "Xvfb")

SUPPORT = "Trackers/Support"
REPORT = "Gadget does not boot (#10000001)"
ANSWER = "Re: Gadget does not boot"
INCIDENT = "[#10000001] Gadget does not boot"


def flags(demo: Demo, user: str, uid: int) -> bytes:
    client = demo.imap(user)
    client.select(f'"{SUPPORT}"', readonly=True)
    answer = client.uid("FETCH", str(uid), "(FLAGS)")[1][0]
    client.logout()
    assert isinstance(answer, bytes)
    return answer


def test_thunderbird_reads_marks_and_finds(
    thunderbird: Thunderbird, demo: Demo, tmp_path: Path
) -> None:
    """A mail with its attachment, its octets, read and tagged, and a search on the server."""
    assert {ANSWER, REPORT} < set(thunderbird.open_folder(SUPPORT))
    shown = thunderbird.read(SUPPORT, REPORT)
    assert shown["subject"].endswith(REPORT)
    assert "erika@example.net" in shown["from"]
    assert "Hello,\n\nthe gadget has not booted since this morning." in shown["text"]
    assert shown["attachments"] == ["boot-log.txt"]
    thunderbird.show_attachments()
    thunderbird.picture("thunderbird-read")
    thunderbird.save_attachment("boot-log.txt", str(tmp_path / "boot-log.txt"))
    assert (tmp_path / "boot-log.txt").read_text().startswith("10:01:07 power on\n10:01:08 self")
    raw = demo.messages(SUPPORT)
    source = thunderbird.source(SUPPORT, REPORT).encode("latin-1")
    own, _, rest = source.partition(b"From: ")
    assert all(line.startswith(b"X-Mozilla-") for line in own.splitlines())
    assert b"From: " + rest == raw[1]
    thunderbird.until("is_read", SUPPORT, REPORT)

    thunderbird.select([REPORT])
    with demo.dialogue("alice@Standard", tmp_path / "dialogue.txt") as dialogue:
        thunderbird.command("cmd_tag1")
        thunderbird.command("cmd_markAsFlagged")
        thunderbird.until("has_keyword", SUPPORT, REPORT, "$label1")
        thunderbird.picture("thunderbird-tag")
        found = thunderbird.search_on_server(SUPPORT, "hold the button")
        thunderbird.picture("thunderbird-search")
        thunderbird.close_search()
    assert set(found) == {ANSWER, INCIDENT}, "the answer, and the incident whose follow-up it is"
    assert "SEARCH" in dialogue()
    assert b"\\Seen" in flags(demo, "alice@Standard", 1)
    for shared in (b"$label1", b"\\Flagged"):
        assert shared in flags(demo, "alice@Standard", 1)
        assert shared in flags(demo, "bob@Standard", 1)
    assert b"\\Seen" not in flags(demo, "bob@Standard", 1), "what Alice has read is news to Bob"


def test_thunderbird_shows_what_somebody_else_does(
    thunderbird: Thunderbird, demo: Demo, figures: Counter[str]
) -> None:
    """By IDLE: nothing is clicked while Bob drops a mail, flags it and takes it out again."""
    thunderbird.open_folder(SUPPORT)
    time.sleep(4)  # Thunderbird goes into IDLE two seconds after its last command
    bob = demo.imap("bob@Standard")
    begun = time.monotonic()
    status, told = bob.append(f'"{SUPPORT}"', "", "", mail(31, "Dropped by Bob"))
    assert status == "OK", told
    uid = told[0].split()[2].rstrip(b"]").decode()
    thunderbird.until("shows", "Dropped by Bob", seconds=60)
    taken = int((time.monotonic() - begun) * 1000)
    figures["milliseconds from Bob's APPEND to the new row in Alice's Thunderbird"] += taken
    thunderbird.picture("thunderbird-new-mail")
    bob.select(f'"{SUPPORT}"')
    assert bob.uid("STORE", uid, "+FLAGS", r"(\Flagged)")[0] == "OK"
    thunderbird.until("is_flagged", SUPPORT, "Dropped by Bob", seconds=60)
    assert bob.uid("STORE", uid, "+FLAGS", r"(\Deleted)")[0] == "OK"
    assert bob.expunge()[0] == "OK"
    thunderbird.until("shows_not", "Dropped by Bob", seconds=60)
    bob.logout()

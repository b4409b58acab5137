"""neomutt with QRESYNC (RFC 7162): a folder that it knows costs it no list of flags."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from demo_server import Demo, mail
from dialogues import transferred
from test_system_clients import neomutt

SUPPORT = "Trackers/Support"
REMEMBERS = """
set imap_qresync = yes
set imap_condstore = yes
set mark_old = no
set header_cache = "{root}/headers"
set message_cachedir = "{root}/messages"
"""


@pytest.mark.client("neomutt")
@pytest.mark.usefixtures("need")
def test_neomutt_resynchronises_what_it_knows(demo: Demo, tmp_path: Path) -> None:
    """The second visit asks what has changed and vanished: nothing; the third hears of all that."""
    (tmp_path / "headers").mkdir()
    (tmp_path / "messages").mkdir()
    more = REMEMBERS.format(root=tmp_path)
    client = demo.imap()
    assert client.append(SUPPORT, "", "", mail(81, "Of old"))[0] == "OK"
    client.logout()

    def visit(name: str) -> tuple[str, str]:
        with demo.dialogue("alice@Standard", tmp_path / f"{name}.txt") as dialogue:
            screen = neomutt(demo, tmp_path, f"={SUPPORT}", "<next-entry><quit>", more)
        return screen, dialogue()

    _, first = visit("first")
    assert " S: * ENABLED QRESYNC" in first
    assert "UID 7 FLAGS" in first
    _, second = visit("second")
    assert transferred(second) == {}
    assert "FETCH" not in second, "HIGHESTMODSEQ tells that there is nothing"

    bob = demo.imap("bob@Standard")
    bob.select(f'"{SUPPORT}"')
    assert bob.uid("STORE", "1", "+FLAGS", r"(\Flagged)")[0] == "OK"
    assert bob.uid("STORE", "2", "+FLAGS", r"(\Deleted)")[0] == "OK"
    assert bob.expunge()[0] == "OK"
    bob.append(SUPPORT, "", "", mail(82, "Brand new"))
    bob.logout()
    screen, third = visit("third")
    assert re.search(r" C: \S+ UID FETCH 1:7 \(FLAGS\) \(CHANGEDSINCE \d+ VANISHED\)", third)
    assert "VANISHED (EARLIER) 2" in third
    assert "UID 1 " in third
    assert "Brand new" in screen
    assert "Gadget does not boot (#10000001)" in screen

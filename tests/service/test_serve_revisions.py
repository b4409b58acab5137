"""A running server shows activities as messages, and what the command line changes beside it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from running import Running, start

PATIENCE = 60.0


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_session_hears_of_a_new_revision(tmp_path: Path) -> None:
    """Its old message is expunged and the new one there; then the process ends cleanly."""
    demo = start(tmp_path / "demo", "demo", IMAPGATE_LIMITS_REVISION_TIME="0")
    try:
        _hears(demo)
    finally:
        code, log = demo.stop()
    assert code == 0, log
    assert "Traceback" not in log, log


def _hears(demo: Running) -> None:
    number = demo.json("activity", "new", "A noise", "--creator", "GadgetASupport")["number"]
    client = demo.imap()

    def found(text: str) -> list[bytes]:
        client.noop()
        return list(client.uid("SEARCH", "SUBJECT", f"#{number}", "TEXT", text)[1][0].split())

    assert client.select('"Trackers/Support"')[0] == "OK"
    until(lambda: len(found("noise")) == 1)
    (before,) = found("noise")
    client.response("EXPUNGE")
    demo.command("activity", "follow-up", str(number), "--title", "It whistles")
    until(lambda: len(found("whistles")) == 1)
    (after,) = found("noise")
    assert int(after) > int(before)
    assert client.response("EXPUNGE")[1] != [None]
    client.logout()

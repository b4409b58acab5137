"""What a running server keeps in its log, by `imapgate log`."""

from __future__ import annotations

import imaplib
import stat
from pathlib import Path

import pytest
from running import HOST, start

from imapgate.cli.who import operator

SECRET = "Zq7password"


def test_who_signs_in_who_fails_and_what_the_server_does_is_kept(tmp_path: Path) -> None:
    """With source, user and maker; it outlives the server; no password, and it is its owner's
    alone."""
    data = tmp_path / "data"
    running = start(data, "demo")
    try:
        running.imap("alice@Standard").logout()
        with imaplib.IMAP4(HOST, running.port) as eve, pytest.raises(imaplib.IMAP4.error):
            eve.login("Eve@Standard", SECRET)
    finally:
        code, _ = running.stop()
    assert code == 0
    found = running.json("log")
    assert {one["by"] for one in found} == {"server"} != {operator()}
    signed = running.json("log", "--source", "imap-auth")
    assert [(one["event"], one["level"]) for one in signed] == [
        ("sign_in", "info"),
        ("sign_in_failed", "warning"),
    ]
    assert [one["address"] for one in signed] == [HOST, HOST]
    assert running.json("log", "--user", "eve@standard") == signed[1:]
    assert running.json("log", "--level", "warning", "--user", "eve") == signed[1:]
    events = [one.get("event") for one in running.json("log", "--source", "server")]
    assert [events[0], *events[-2:]] == ["listening", "stopping", "stopped"]
    kept = list((data / "log").iterdir())
    assert SECRET not in "".join(one.read_text() for one in kept)
    assert {stat.S_IMODE(one.stat().st_mode) for one in kept} == {0o600}

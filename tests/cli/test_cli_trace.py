"""`imapgate trace` without a server, and for nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import Command

from imapgate.cli import trace
from imapgate.folders import traces
from storage import Database


def test_without_a_server_it_says_so_and_asks_for_nothing_any_more(
    acme: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A server that starts later writes no trace that nobody follows."""
    monkeypatch.setattr(trace, "ANSWERED_WITHIN", 0.0)
    told = acme.refused("trace", "anna", "--output", str(tmp_path / "out.txt"))
    assert told.startswith("No server has begun the trace: is it running (`")
    assert not (tmp_path / "out.txt").exists()
    database = Database.open(acme.data / "imapgate.db")
    try:
        assert database.read(traces.wanted) == []
    finally:
        database.close()


def test_nobody_s_dialogue_can_t_be_traced(acme: Command) -> None:
    assert 'There is no user "nobody@Acme"' in acme.refused("trace", "nobody")
    assert acme.run("trace", "anna", "--minutes", "0").exit_code == 2

"""What the service does to the process before it serves."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.testing import MemoryReactorClock

from imapgate import service
from imapgate.settings import Settings
from storage import Database


class Reactor(MemoryReactorClock):  # type: ignore[misc]  # untyped
    """Runs for no time, and remembers what it found."""

    frozen = 0

    def suggestThreadPoolSize(self, size: int) -> None:  # noqa: N802
        """No threads here."""

    def callFromThread(self, work: Callable[[], None]) -> None:  # noqa: N802
        work()

    def run(self) -> None:
        self.frozen = gc.get_freeze_count()


def test_collections_pass_over_what_was_loaded_before(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full one stops every thread: 40 ms for the modules alone."""
    reactor, interval = Reactor(), sys.getswitchinterval()
    monkeypatch.setattr(service, "_reactor", lambda: reactor)
    monkeypatch.setattr(service.log, "begin", lambda form: None)
    told: list[Any] = []
    try:
        service.serve(Settings(tmp_path), db, told.append)
    finally:
        gc.unfreeze()
        sys.setswitchinterval(interval)
    assert told
    assert reactor.frozen > 10_000

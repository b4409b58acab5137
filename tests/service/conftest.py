"""A demo server for each test that needs one, ended by SIGTERM."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Running, start


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Running]:
    """Its own database; it must end with code 0 and without a traceback."""
    running = start(tmp_path / "demo", "demo")
    try:
        yield running
    finally:
        code, log = running.stop()
    assert code == 0, log
    assert "Traceback" not in log, log
    assert "never awaited" not in log, log

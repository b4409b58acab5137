"""Starts a demo server for each test that talks to one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from demo_server import Demo, free_port, wait_for


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    """A demo server on free ports with its own database; ended by SIGTERM, which must exit 0."""
    found = Demo(free_port(), free_port(), tmp_path / "demo")
    ports = ("--port", str(found.port), "--tls-port", str(found.tls_port))
    with (tmp_path / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "imapgate", "--data", str(found.data), "demo", *ports],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONWARNINGS": "default"},
        )
        try:
            wait_for(found.port, process)
            yield found
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(timeout=30)
    text = (tmp_path / "server.log").read_text()
    assert code == 0, text
    assert "Traceback" not in text, text


@pytest.fixture
def need(request: pytest.FixtureRequest) -> None:
    """Skip unless the programs that the test's `programs` marker names are installed."""
    marker = request.node.get_closest_marker("client")
    for program in marker.args if marker else ():
        if shutil.which(program) is None:
            pytest.skip(f"needs {program} (a Debian package)")

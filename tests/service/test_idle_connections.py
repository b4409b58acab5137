"""What an idle connection costs the server (bench/idle.py measures it at 1,000)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parent.parent.parent / "bench" / "idle.py"
MOST = 20_000
"""Octets of a plain connection."""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/PID/status (Linux)")
@pytest.mark.parametrize(("state", "connections"), [("plain-connected", 400), ("plain-idle", 100)])
def test_a_plain_connection_costs_under_20_kb(state: str, connections: int) -> None:
    """Just connected, and in IDLE on a folder of ten messages; fewer of these, since each checks a
    password."""
    words = ["--connections", str(connections), "--states", state, "--json"]
    done = subprocess.run(
        [sys.executable, str(BENCH), *words], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    (figure,) = json.loads(done.stdout)["figures"]
    assert figure["state"] == state
    assert figure["each"] < MOST, figure

"""Under IMAPGATE_NO_SKIPS a skip is a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SKIPPING = """
import pytest

def test_skips():
    pytest.skip("no such program")

def test_passes():
    pass

@pytest.mark.xfail(reason="known", strict=True)
def test_known():
    assert False
"""


@pytest.mark.parametrize(("value", "code"), [("1", 1), ("0", 0), ("", 0)])
def test_a_skip_is_a_failure_only_where_asked(tmp_path: Path, value: str, code: int) -> None:
    """The reason is told; what is expected to fail counts as before."""
    (tmp_path / "test_it.py").write_text(SKIPPING)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-ra", "-p", "skips", "-p", "no:cacheprovider", "."],
        cwd=tmp_path,
        env={**os.environ, "IMAPGATE_NO_SKIPS": value, "PYTHONPATH": str(TESTS)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == code, done.stdout
    assert "no such program" in done.stdout
    assert ("1 failed" in done.stdout) == bool(code)
    assert "1 xfailed" in done.stdout


def test_the_suite_itself_loads_the_plugin(request: pytest.FixtureRequest) -> None:
    """conftest.py names it."""
    assert request.config.pluginmanager.has_plugin("skips")

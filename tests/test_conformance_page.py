"""docs/conformance.md names every capability that the server tells, beside tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

from imapgate.session.capabilities import FIRST
from imapgate.session.commands import EXTENSIONS

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "conformance.md"
APART = ("STARTTLS", "LOGINDISABLED", "AUTH=PLAIN", "APPENDLIMIT", "COMPRESS=DEFLATE")
"""Told as a connection's state or a limit demands."""


def _rows() -> list[list[str]]:
    """The cells of each row of the page's tables, their headings left out."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| `")]
    assert all(len(row) == 4 for row in rows), [row for row in rows if len(row) != 4]
    return rows


def test_every_capability_has_its_row_and_every_row_a_capability() -> None:
    named = [name for row in _rows() for name in re.findall(r"`([^`]+)`", row[0])]
    assert sorted(named) == sorted({*FIRST, *EXTENSIONS.capabilities, *APART})


def test_every_row_names_an_rfc_and_tests_that_are_there() -> None:
    for extension, rfc, tests, _gaps in _rows():
        assert re.fullmatch(r"\d{4}(?:, \d{4})*", rfc), extension
        files = re.findall(r"`([^`]+)`", tests)
        assert files, extension
        missing = [file for file in files if not (ROOT / "tests" / file).is_file()]
        assert not missing, (extension, missing)

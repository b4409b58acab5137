"""docs/limits.md and imapgate/limits.py say the same."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from imapgate.limits import Limits
from imapgate.settings import environment_name

PAGE = Path(__file__).parent.parent / "docs" / "limits.md"
ROW = re.compile(
    r"^\| `(\w+)` \| `(\w+)` \| ([\d.]+)(?: s)?(?: \((\d+) (KiB|MiB|min)\))? \| \S.*\|$"
)
UNITS = {"KiB": 1024, "MiB": 1024 * 1024, "min": 60}


def _rows() -> list[re.Match[str]]:
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if "`IMAPGATE" in line]
    matches = [ROW.match(line) for line in lines]
    assert all(matches), [line for line, match in zip(lines, matches, strict=True) if not match]
    return [match for match in matches if match]


def test_the_page_lists_every_limit_in_order() -> None:
    """A new limit needs its row, a removed one loses it."""
    assert [row[1] for row in _rows()] == [one.name for one in fields(Limits)]


def test_the_page_names_each_default_and_environment_name() -> None:
    """What the page calls the default is the default."""
    for row in _rows():
        assert row[2] == environment_name(row[1], "limits")
        default = getattr(Limits(), row[1])
        assert float(row[3]) == default, row[1]
        if row[4]:
            assert int(row[4]) * UNITS[row[5]] == default, row[1]

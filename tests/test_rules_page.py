"""docs/rules.md has every rule that a comment in the code names by its number."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "rules.md"
NAMED = re.compile(r"(?:\brules?|docs/rules\.md)\s+(\d+(?:(?:, | and | to |-)\d+)*)", re.IGNORECASE)


def _numbers() -> list[int]:
    return [int(one) for one in re.findall(r"(?m)^(\d+)\. ", PAGE.read_text(encoding="utf-8"))]


def test_the_rules_are_numbered_without_a_gap() -> None:
    """So that a number that stands in a comment keeps its meaning: new ones come at the end."""
    assert _numbers() == list(range(1, len(_numbers()) + 1))
    assert len(_numbers()) >= 22


def test_every_rule_that_the_code_names_is_there() -> None:
    known = {str(one) for one in _numbers()}
    named = {
        (file.relative_to(ROOT).as_posix(), number)
        for directory in ("imapgate", "storage", "certs", "tests", "bench")
        for file in (ROOT / directory).rglob("*.py")
        for match in NAMED.finditer(file.read_text(encoding="utf-8"))
        for number in re.findall(r"\d+", match[1])
    }
    assert len(named) > 50
    assert sorted(one for one in named if one[1] not in known) == []

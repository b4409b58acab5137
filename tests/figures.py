"""What tests counted, added up over all of them and told at the end of the run.

def test_x(figures): figures["kill cycles survived"] += 1
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

_PROPERTY = "figures"


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Iterator[Counter[str]]:
    """What this test counts."""
    counted: Counter[str] = Counter()
    yield counted
    record_property(_PROPERTY, dict(counted))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for each figure. Worker processes send their reports to the one that prints."""
    total: Counter[str] = Counter()
    for report in terminalreporter.getreports(""):
        # Written when the fixture ends: only the last of a test's reports has it.
        if report.when != "teardown":
            continue
        total.update(
            {
                name: value
                for key, counted in report.user_properties
                if key == _PROPERTY
                for name, value in counted.items()
            }
        )
    if total:
        terminalreporter.section("figures")
        for name, value in sorted(total.items()):
            terminalreporter.line(f"{value:>10,} {name}")

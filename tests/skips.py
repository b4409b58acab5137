"""`IMAPGATE_NO_SKIPS=1` turns every skip into a failure: CI has all programs that tests need."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A skipped phase is reported as failed, with the skip's reason."""
    report = yield
    if report.skipped and not hasattr(report, "wasxfail") and _refused():
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, which is refused here: {report.longrepr}"
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a whole module that skips itself."""
    report = yield
    if report.skipped and _refused():
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, which is refused here: {report.longrepr}"
    return report


def _refused() -> bool:
    return os.environ.get("IMAPGATE_NO_SKIPS", "") not in ("", "0")

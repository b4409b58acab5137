"""A data directory of its own for each test of the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import Command


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command line on a directory where nothing is yet."""
    return Command(tmp_path / "data")


@pytest.fixture
def acme(command: Command) -> Command:
    """After `init`: segment Acme with administrator anna."""
    command.ok("init", "--segment", "Acme", "--admin", "anna", "--email", "anna@acme.example")
    return command

"""A data directory of its own for each test of the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command import Command

import certs
from imapgate.cli import demo_content, doctor_places
from imapgate.cli.demo import MADE_BY
from imapgate.cli.making import make


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """The command line on a directory where nothing is yet."""
    return Command(tmp_path / "data")


@pytest.fixture
def acme(command: Command) -> Command:
    """After `init`: segment Acme with administrator anna."""
    command.ok("init", "--segment", "Acme", "--admin", "anna", "--email", "anna@acme.example")
    return command


@pytest.fixture(scope="session")
def demo_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy, with the demo's content."""
    path = tmp_path_factory.mktemp("demo") / "imapgate.db"
    make(path, MADE_BY, demo_content.fill)
    return path


@pytest.fixture
def demo(command: Command, demo_database: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """The demo's data directory, with certificates."""
    monkeypatch.setattr(doctor_places, "FREE", 1)
    command.data.mkdir(mode=0o700)
    shutil.copy(demo_database, command.data / "imapgate.db")
    (command.data / "imapgate.db").chmod(0o600)
    certs.local(command.data / "certs")
    return command


@pytest.fixture(scope="session")
def office_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy, for `office`."""
    made = Command(tmp_path_factory.mktemp("office") / "data")
    made.ok("init", "--segment", "Acme", "--admin", "anna", "--email", "anna@acme.example")
    for name in ("Support", "Sales"):
        made.ok("group", "add", "tracker", name)
        made.ok("creator", "add", f"{name} E-Mails", "--type", "E-Mail", "--group", name)
    made.ok("group", "add", "tracker", "Empty")
    made.ok("creator", "add", "Bugs", "--type", "Bug", "--group", "Support")
    return made.data / "imapgate.db"


@pytest.fixture
def office(command: Command, office_database: Path) -> Command:
    """Segment Acme with administrator anna; trackers Support and Sales, which take mail, and Empty,
    which doesn't; creator Bugs makes cases in Support."""
    command.data.mkdir(mode=0o700)
    shutil.copy(office_database, command.data / "imapgate.db")
    (command.data / "imapgate.db").chmod(0o600)
    return command

"""What the service does to the process before it serves."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from twisted.internet.testing import MemoryReactorClock

from imapgate import service
from imapgate.cli.main import imapgate
from imapgate.settings import Settings
from storage import Database


class Reactor(MemoryReactorClock):  # type: ignore[misc]  # untyped
    """Runs for no time, and remembers what it found."""

    frozen = 0

    def suggestThreadPoolSize(self, size: int) -> None:  # noqa: N802
        """No threads here."""

    def callFromThread(self, work: Callable[[], None]) -> None:  # noqa: N802
        work()

    def run(self) -> None:
        self.frozen = gc.get_freeze_count()


def test_collections_pass_over_what_was_loaded_before(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full one stops every thread: 40 ms for the modules alone."""
    reactor, interval = Reactor(), sys.getswitchinterval()
    monkeypatch.setattr(service, "_reactor", lambda: reactor)
    monkeypatch.setattr(service.log, "begin", lambda form, directory: None)
    told: list[Any] = []
    try:
        service.serve(Settings(tmp_path), db, told.append)
    finally:
        gc.unfreeze()
        sys.setswitchinterval(interval)
    assert told
    assert reactor.frozen > 10_000


def test_a_system_without_sighup_is_served_too(
    db: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows: Ctrl+C ends the server, changed certificates are seen by themselves."""
    reactor, interval = Reactor(), sys.getswitchinterval()
    monkeypatch.setattr(service, "_reactor", lambda: reactor)
    monkeypatch.setattr(service.log, "begin", lambda form, directory: None)
    monkeypatch.delattr(signal, "SIGHUP", raising=False)
    before = signal.getsignal(signal.SIGINT)
    told: list[Any] = []
    try:
        service.serve(Settings(tmp_path), db, told.append)
    finally:
        gc.unfreeze()
        sys.setswitchinterval(interval)
    assert told
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("words", "environ", "form"),
    [
        ([], {}, "text"),
        (["--log", "json"], {}, "json"),
        ([], {"IMAPGATE_LOG": "json"}, "json"),
        (["--log", "text"], {"IMAPGATE_LOG": "json"}, "text"),
    ],
)
def test_the_command_line_chooses_the_form_of_the_log(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    environ: dict[str, str],
    form: str,
) -> None:
    """And wins over the environment."""
    Database.create(tmp_path / "imapgate.db", "tests").close()
    chosen: list[str] = []
    monkeypatch.setattr(service, "serve", lambda settings, *_: chosen.append(settings.log))
    done = CliRunner().invoke(imapgate, ["--data", str(tmp_path), "serve", *words], env=environ)
    assert done.exit_code == 0, (done.output, done.exception)
    assert chosen == [form]

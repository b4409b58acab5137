"""`imapgate trace` beside a running server: it follows, says where the file is, and ends."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import Running, environment, start, words

PATIENCE = 60.0
"""Seconds until which what must happen has happened."""


class Tracing:
    """The command in a process of its own; its lines as they come."""

    def __init__(self, data: Path, *rest: str) -> None:
        self.process = subprocess.Popen(
            words(data, "trace", *rest),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )
        self.lines: list[str] = []

    def until(self, end: str) -> str:
        """The next line that ends so; the pipe's end is a failure."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))
            if self.lines[-1].endswith(end):
                return self.lines[-1]
        raise AssertionError((end, self.lines))

    def close(self) -> tuple[int, str]:
        """(exit code, the rest of what it printed, with errors)."""
        try:
            out, errors = self.process.communicate(timeout=PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
        return self.process.returncode, out + errors


def _until_there(directory: Path, start_of_name: str) -> None:
    end = time.monotonic() + PATIENCE
    while not any(one.name.startswith(start_of_name) for one in directory.iterdir()):
        assert time.monotonic() < end, "no trace was begun"
        time.sleep(0.1)


def _interrupt(tracing: Tracing) -> tuple[int, str]:
    tracing.process.send_signal(signal.SIGINT)
    return tracing.close()


@pytest.fixture
def tracing(demo: Running) -> Iterator[Tracing]:
    made = Tracing(demo.data, "alice@Standard")
    yield made
    made.process.kill()
    made.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a test can't send Ctrl+C there")
def test_the_dialogue_is_followed_until_ctrl_c(demo: Running, tracing: Tracing) -> None:
    """The file is told, is the owner's alone, and holds what was on the screen."""
    tracing.until("-- the trace begins")
    client, other = demo.imap(), demo.imap("bob@Standard")
    client.select("Trackers/Support")
    other.select("Trackers/Archive")
    line = tracing.until(" SELECT Trackers/Support")
    assert " S1 C: " in line
    client.append("Trackers/Support", "", "", b"Subject: Zq7\r\n\r\nZq7\r\n")
    tracing.until("in Support.")
    code, rest = _interrupt(tracing)
    assert code == 0, rest
    assert "-- the trace ends: it was ended" in rest
    file = Path(rest.strip().splitlines()[-1].removeprefix("The trace is in ").rstrip("."))
    assert file.parent == demo.data / "trace"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text()
    assert text.splitlines()[: len(tracing.lines)] == tracing.lines
    for hidden in ("Zq7", "demo", "Archive"):
        assert hidden not in text
    for one in (client, other):
        one.logout()


def test_its_output_goes_where_one_says_and_it_ends_when_the_server_does(
    tmp_path: Path,
) -> None:
    """One file, no second one in the data directory."""
    running = start(tmp_path / "demo", "demo")
    tracing = Tracing(running.data, "alice", "--output", str(tmp_path / "out.txt"))
    quiet = Tracing(running.data, "bob", "--json")
    try:
        tracing.until("-- the trace begins")
        client = running.imap()
        client.noop()
        tracing.until(" NOOP")
        _until_there(running.data / "trace", "bob-")
        code, log = running.stop()
        assert code == 0, log
        assert "Traceback" not in log
        client.shutdown()
        code, rest = tracing.close()
        quiet_code, printed = quiet.close()
        assert quiet_code == 0, printed
    finally:
        for one in (tracing, quiet):
            one.process.kill()
            one.close()
        running.stop()
    assert code == 0, rest
    assert "-- the trace ends: the server stops" in rest
    assert f"The trace is in {tmp_path / 'out.txt'}." in rest
    assert "NOOP" in (tmp_path / "out.txt").read_text()
    assert "* BYE The server stops." in (tmp_path / "out.txt").read_text()
    assert stat.S_IMODE((tmp_path / "out.txt").stat().st_mode) == 0o600
    (other,) = (running.data / "trace").iterdir()
    assert json.loads(printed) == {"file": str(other), "lines": 2}
    assert len(other.read_text().splitlines()) == 2

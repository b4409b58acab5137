"""The log's own thread: in order, whole, bounded, and nobody waits for it."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
import threading
import time

import pytest

from imapgate import log_stream
from imapgate.log import OneLine
from imapgate.log_stream import LogStream

PATIENCE = 40.0
BUFFERED = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
"""As a server is started; without Python's own buffer, nothing is held back at its end."""


class Stuck(io.StringIO):
    """A terminal that somebody has stopped."""

    def __init__(self) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.go_on = threading.Event()

    def write(self, text: str) -> int:
        self.reached.set()
        assert self.go_on.wait(PATIENCE)
        return super().write(text)


def _logger(stream: io.StringIO) -> tuple[logging.Logger, LogStream]:
    out = LogStream(stream)
    out.setFormatter(OneLine())
    logger = logging.Logger("imapgate.test")
    logger.addHandler(out)
    return logger, out


def test_lines_go_out_in_their_order_and_the_last_ones_too() -> None:
    stream = io.StringIO()
    logger, out = _logger(stream)
    for n in range(500):
        logger.info("line %d", n)
    out.close()
    out.close()
    assert [int(line.rpartition(" ")[2]) for line in stream.getvalue().splitlines()] == [
        *range(500)
    ]


def test_nobody_waits_for_a_stopped_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is too much is left out, and counted in its place."""
    monkeypatch.setattr(log_stream, "MOST_WAITING", 5)
    stream = Stuck()
    logger, out = _logger(stream)
    logger.info("first")
    assert stream.reached.wait(PATIENCE)
    for n in range(20):
        logger.info("line %d", n)
    stream.go_on.set()
    end = time.monotonic() + PATIENCE
    while not out._lines.empty():
        assert time.monotonic() < end
        time.sleep(0.01)
    logger.info("after")
    out.close()
    said = [line.partition("imapgate.")[2] for line in stream.getvalue().splitlines()]
    assert said == [
        "test first",
        *(f"test line {n}" for n in range(5)),
        "test after",
        "log_stream 15 lines were left out of the log: it was written too slowly",
    ]


PROGRAM = """
import logging, sys
from imapgate import log
log.begin()
sys.stdin.readline()
for n in range(3000):
    logging.getLogger("x").warning("line %d %s", n, "y" * 100)
print("done", flush=True)
"""


def test_a_reader_that_doesn_t_read_holds_up_neither_the_process_nor_its_end() -> None:
    """300 kB into a pipe that takes 64."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=BUFFERED,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    try:
        process.stdin.write("go\n")
        process.stdin.flush()
        assert process.stdout.readline() == "done\n"
        assert process.wait(PATIENCE) == 0
        assert "line 0 y" in process.stderr.readline()
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            pipe.close()


def test_a_reader_that_is_gone_ends_nothing() -> None:
    """The process goes on, and ends as it would."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=BUFFERED,
    )
    assert process.stderr
    process.stderr.close()
    process.stderr = None
    told, _ = process.communicate("go\n", timeout=PATIENCE)
    assert (process.returncode, told) == (0, "done\n")

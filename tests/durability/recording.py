"""Servers and commands under a tracer (strace), which writes down what they write and flush."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from events import CALLS, FILES, Event, read
from servers import HERE, environment

LONGEST = 8 * 1024 * 1024
"""Octets of one write that the tracer shows."""


@contextmanager
def recorded(
    data: Path,
    record: Path,
    lasting: Callable[[str], bool] = FILES.__contains__,
    **wanted: Any,
) -> Iterator[tuple[int, list[Event]]]:
    """A server on data, traced: its port, and a list that holds the events afterwards.

    lasting: which files of data have to survive. Skips the test where no process can be traced.
    """
    order = record.with_suffix(".order")
    order.write_text(json.dumps({"serve": str(data), "wanted": wanted}))
    events: list[Event] = []
    program = [sys.executable, str(HERE / "zygote.py"), str(order)]
    with record.with_suffix(".log").open("w") as log:
        process = subprocess.Popen(
            [*tracer(record, CALLS), *program],
            stdout=subprocess.PIPE,
            stderr=log,
            env=environment(),
        )
    assert process.stdout
    try:
        said = process.stdout.readline()
        found = re.search(rb"port (\d+) ", said)
        assert found, (said, record.with_suffix(".log").read_text())
        yield int(found[1]), events
        os.kill(_traced(process.pid), signal.SIGTERM)
        assert process.wait(timeout=60) == 0, record.with_suffix(".log").read_text()
    finally:
        if process.poll() is None:
            os.kill(_traced(process.pid), signal.SIGKILL)
            process.wait(timeout=60)
        process.stdout.close()
    events.extend(read(record, data, lasting))
    record.unlink()


def recorded_command(
    data: Path, record: Path, lasting: Callable[[str], bool], *words: str
) -> list[Event]:
    """What `imapgate` did to the lasting files of its data directory. The command must succeed."""
    program = [sys.executable, "-m", "imapgate", "--data", str(data), *words]
    done = subprocess.run(
        [*tracer(record, CALLS), *program], capture_output=True, text=True, env=environment()
    )
    assert done.returncode == 0, done.stderr
    return read(record, data, lasting)


def tracer(record: Path, traced: str) -> list[str]:
    """The words before a command line whose calls are to be recorded. Skips the test where no
    process can be traced."""
    if not _can_trace():
        pytest.skip("strace is not installed, or may not trace")
    flags = ["-f", "--seccomp-bpf", "-qq", "-y", "-xx", "-s", str(LONGEST)]
    return ["strace", *flags, "-e", "signal=none", "-e", f"trace={traced}", "-o", str(record)]


@cache
def _can_trace() -> bool:
    if shutil.which("strace") is None:
        return False
    tried = ["strace", "-f", "--seccomp-bpf", "-o", os.devnull, sys.executable, "-c", ""]
    return subprocess.run(tried, capture_output=True).returncode == 0


def _traced(tracer: int) -> int:
    """The server, whose parent is the tracer."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        children = Path(f"/proc/{tracer}/task/{tracer}/children").read_text().split()
        if children:
            return int(children[0])
        time.sleep(0.01)
    raise AssertionError("nothing is traced")

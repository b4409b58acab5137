"""What a server writes and flushes, in the order in which it does so, as strace saw it.

A power cut keeps what a completed flush promised; of later writes it may keep any part. From the
record every such disk can be made.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from servers import HERE, environment

CALLS = (
    "openat,pwrite64,write,writev,pwritev,ftruncate,fallocate,fsync,fdatasync,sync_file_range,"
    "unlink,unlinkat,rename,renameat,renameat2,sendto,sendmsg,recvfrom"
)
FILES = ("imapgate.db", "imapgate.db-wal", "imapgate.db-journal")
"""What has to survive; `-shm` is made anew from the log."""
LONGEST = 8 * 1024 * 1024
"""Octets of one write that the tracer shows."""
_LINE = re.compile(r"(\d+) +(.*)")
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+)")
_ESCAPED = re.compile(r"(?:\\x[0-9a-f]{2})+")
_FD = re.compile(r"(?:\d+|AT_FDCWD)<([^>]*)>")
_DATA = re.compile(r'"([^"]*)"(\.{3})?')


@dataclass(frozen=True, slots=True)
class Write:
    """entered, left: when, as positions in the record."""

    entered: int
    left: int
    file: str
    at: int
    octets: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """The file got this size."""

    entered: int
    left: int
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Named:
    """A file got its name, or lost it."""

    entered: int
    left: int
    file: str
    there: bool


@dataclass(frozen=True, slots=True)
class Flush:
    """file: empty: the directory."""

    entered: int
    left: int
    file: str


@dataclass(frozen=True, slots=True)
class Sent:
    entered: int
    left: int
    octets: bytes


@dataclass(frozen=True, slots=True)
class Received:
    entered: int
    left: int
    octets: bytes


Event: TypeAlias = Write | Cut | Named | Flush | Sent | Received


@contextmanager
def recorded(data: Path, record: Path, **wanted: Any) -> Iterator[tuple[int, list[Event]]]:
    """A server on data, traced: its port, and a list that holds the events afterwards.

    Skips the test where no process can be traced.
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
    events.extend(read(record, data))


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


def calls(record: Path) -> Iterator[tuple[int, int, str]]:
    """(when entered, when left, text) of each call, in the order in which they ended."""
    begun: dict[str, tuple[int, str]] = {}
    with record.open() as lines:
        for position, line in enumerate(lines):
            parts = _LINE.fullmatch(line.rstrip("\n"))
            assert parts, line[:200]
            thread, text = parts[1], parts[2]
            entered = position
            if text.endswith("<unfinished ...>"):
                begun[thread] = position, text.removesuffix("<unfinished ...>").rstrip()
                continue
            if text.startswith("<... "):
                entered, start = begun.pop(thread)
                text = start + re.sub(r"^<\.\.\. \w+ resumed>", "", text)
            yield entered, position, text


def read(record: Path, data: Path) -> list[Event]:
    """What concerns the database's files and the sessions, in the order of its beginning."""
    found = [_event(text, entered, left, str(data)) for entered, left, text in calls(record)]
    return sorted((one for one in found if one is not None), key=lambda one: one.entered)


def plain(text: str) -> str:
    """A call with its octets as text."""
    return _ESCAPED.sub(lambda found: _plain(found[0]), text)


def _event(text: str, entered: int, left: int, directory: str) -> Event | None:
    """None for what doesn't concern the files or the sessions."""
    call = _CALL.match(text)
    if call is None or int(call[3]) < 0:
        return None
    name, arguments, result = call[1], call[2], int(call[3])
    if name in ("sendto", "sendmsg"):
        return Sent(entered, left, _octets(arguments)[:result])
    if name == "recvfrom":
        return Received(entered, left, _octets(arguments)[:result])
    paths = [_plain(one) for one in _FD.findall(arguments)]
    if name in ("openat", "unlink", "unlinkat") or name.startswith("rename"):
        named = [_plain(one) for one, _ in _DATA.findall(arguments)]
        return _naming(name, arguments, named, entered, left, directory)
    if not paths:
        return None
    if name in ("fsync", "fdatasync") and paths[0] == directory:
        return Flush(entered, left, "")
    file = paths[0].removeprefix(directory + "/")
    if file not in FILES:
        return None
    if name in ("fsync", "fdatasync"):
        return Flush(entered, left, file)
    numbers = [int(one) for one in re.findall(r", (\d+)", arguments)]
    if name == "pwrite64":
        octets = _octets(arguments)
        assert len(octets) == result, "a write that the tracer has cut short"
        return Write(entered, left, file, numbers[-1], octets)
    if name == "ftruncate":
        return Cut(entered, left, file, numbers[-1])
    raise AssertionError(f"{name} of {file}: the record can't tell what a power cut would leave")


def _naming(
    name: str, arguments: str, named: list[str], entered: int, left: int, directory: str
) -> Event | None:
    files = [one.removeprefix(directory + "/") for one in named]
    if not set(files) & set(FILES):
        return None
    if name == "openat":
        return Named(entered, left, files[0], True) if "O_CREAT" in arguments else None
    assert name.startswith("unlink"), f"{name} of {files}"
    return Named(entered, left, files[0], False)


def _octets(arguments: str) -> bytes:
    found = _DATA.search(arguments)
    assert found, arguments[:200]
    assert not found[2], "a string that the tracer has cut short"
    return bytes.fromhex(found[1].replace("\\x", ""))


def _plain(text: str) -> str:
    return os.fsdecode(bytes.fromhex(text.replace("\\x", ""))) if "\\x" in text else text


def _traced(tracer: int) -> int:
    """The server, whose parent is the tracer."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        children = Path(f"/proc/{tracer}/task/{tracer}/children").read_text().split()
        if children:
            return int(children[0])
        time.sleep(0.01)
    raise AssertionError("nothing is traced")

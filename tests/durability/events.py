"""A tracer's record, read: what was written, flushed, named, sent and received, in order."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

CALLS = (
    "openat,pwrite64,write,writev,pwritev,ftruncate,fallocate,copy_file_range,sendfile,fsync,"
    "fdatasync,sync_file_range,unlink,unlinkat,rename,renameat,renameat2,link,linkat,sendto,"
    "sendmsg,recvfrom"
)
"""What has to be traced."""
FILES = ("imapgate.db", "imapgate.db-wal", "imapgate.db-journal")
"""A database; `-shm` is made anew from the log."""
_LINE = re.compile(r"(\d+) +(.*)")
_CALL = re.compile(r"(\w+)\((.*)\) += (-?\d+)")
_ESCAPED = re.compile(r"(?:\\x[0-9a-f]{2})+")
_FD = re.compile(r"(?:\d+|AT_FDCWD)<([^>]*)>")
_DATA = re.compile(r'"([^"]*)"(\.{3})?')


@dataclass(frozen=True, slots=True)
class Write:
    """entered, left: when, as positions in the record. file: from the data directory on."""

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
    """What stood under `source` stands under `file` as well (a link); source None: it was made
    there."""

    entered: int
    left: int
    file: str
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Unnamed:
    """The name is gone; with `target`: what stood there has that name instead."""

    entered: int
    left: int
    file: str
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Flush:
    """file: of a directory with a `/` at the end, the data directory itself `/`."""

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


Event: TypeAlias = Write | Cut | Named | Unnamed | Flush | Sent | Received


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


def plain(text: str) -> str:
    """A call with its octets as text."""
    return _ESCAPED.sub(lambda found: _plain(found[0]), text)


def read(record: Path, data: Path, lasting: Callable[[str], bool]) -> list[Event]:
    """What concerns the sessions, and those files of the data directory that are lasting, in the
    order of its beginning."""
    reader = _Reader(str(data), lasting)
    found = [reader.event(*call) for call in calls(record)]
    return sorted((one for one in found if one is not None), key=lambda one: one.entered)


class _Reader:
    def __init__(self, directory: str, lasting: Callable[[str], bool]) -> None:
        self._directory = directory
        self._lasting = lasting
        self._ends: dict[str, int] = {}
        """Where the next octets of a file go that is written from its beginning on."""
        self._directories = {""}
        """Those in which something lasting stood."""

    def event(self, entered: int, left: int, text: str) -> Event | None:
        """None for what doesn't concern anybody."""
        call = _CALL.match(text)
        if call is None or int(call[3]) < 0:
            return None
        name, arguments, result = call[1], call[2], int(call[3])
        if name in ("sendto", "sendmsg"):
            return Sent(entered, left, _octets(arguments)[:result])
        if name == "recvfrom":
            return Received(entered, left, _octets(arguments)[:result])
        if name == "openat" or name.startswith(("unlink", "rename", "link")):
            return self._naming(name, arguments, entered, left)
        opened = [_plain(one) for one in _FD.findall(arguments)]
        if not opened:
            return None
        if name in ("fsync", "fdatasync"):
            return self._flush(opened[0], entered, left)
        file = self._file(opened[0])
        if file is None:
            return None
        numbers = [int(one) for one in re.findall(r", (\d+)", arguments)]
        if name == "ftruncate":
            return Cut(entered, left, file, numbers[-1])
        assert name in ("pwrite64", "write"), f"{name} of {file}: what would a power cut leave?"
        octets = _octets(arguments)
        assert len(octets) >= result
        at = numbers[-1] if name == "pwrite64" else self._ends.get(file, 0)
        if name == "write":
            self._ends[file] = at + result
        return Write(entered, left, file, at, octets[:result])

    def _file(self, path: str) -> str | None:
        """From the data directory on; None for what isn't looked at."""
        if not path.startswith(self._directory + "/"):
            return None
        file = path.removeprefix(self._directory + "/")
        if not self._lasting(file):
            return None
        self._directories.add(parent(file))
        return file

    def _flush(self, path: str, entered: int, left: int) -> Flush | None:
        directory = path.removeprefix(self._directory).removeprefix("/")
        if path.startswith(self._directory) and directory in self._directories:
            return Flush(entered, left, directory + "/")
        file = self._file(path)
        return None if file is None else Flush(entered, left, file)

    def _naming(self, name: str, arguments: str, entered: int, left: int) -> Event | None:
        paths = [_plain(one) for one, _ in _DATA.findall(arguments)]
        within = [_plain(one) for one in _FD.findall(arguments)]
        if len(within) == len(paths):
            # Relative to a directory that is open.
            paths = [os.path.join(*both) for both in zip(within, paths, strict=True)]
        named = [self._file(path) for path in paths]
        if not any(named):
            return None
        assert all(named), f"{name} {paths}: half of it isn't looked at"
        file, target = named[0], named[-1]
        assert file
        assert target
        if name == "openat":
            return Named(entered, left, file) if "O_CREAT" in arguments else None
        if name.startswith("unlink"):
            return Unnamed(entered, left, file)
        if name.startswith("rename"):
            return Unnamed(entered, left, file, target)
        return Named(entered, left, target, file)


def parent(file: str) -> str:
    """The directory's name; empty: the data directory."""
    return file.rpartition("/")[0]


def _octets(arguments: str) -> bytes:
    found = _DATA.search(arguments)
    assert found, arguments[:200]
    assert not found[2], "a string that the tracer has cut short"
    return bytes.fromhex(found[1].replace("\\x", ""))


def _plain(text: str) -> str:
    return os.fsdecode(bytes.fromhex(text.replace("\\x", ""))) if "\\x" in text else text

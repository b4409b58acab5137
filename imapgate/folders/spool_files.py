"""Files of the spool: written in pieces and flushed, read without holding a large one."""

from __future__ import annotations

import contextlib
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imapgate.folders.spooled import Damaged
from imapgate.mime.index import Content
from storage.files import sync_directory

PIECE = 256 * 1024
"""Octets that are copied at a time."""
IN_MEMORY = 1024 * 1024
"""Octets; a longer message is read through a memory map."""


def make_directory(directory: Path) -> None:
    """Of mode 0700, if it isn't there. Raises OSError."""
    if not directory.is_dir():
        directory.mkdir(mode=0o700)
        directory.chmod(0o700)
        sync_directory(directory.parent)


def pieces(content: Content) -> Iterator[memoryview]:
    """Each is good until the next one is asked for."""
    with memoryview(content) as view:
        for start in range(0, len(view), PIECE):
            with view[start : start + PIECE] as piece:
                yield piece


def write(path: Path, content: Content) -> None:
    """Whole and flushed, mode 0600, in place of what a crash left there. Raises OSError."""
    path.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        for piece in pieces(content):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def reading(path: Path, octets: int) -> Iterator[Content]:
    """A file's octets, while they are read. Raises Damaged where it isn't as long as it was."""
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size != octets:
            raise Damaged("its messages aren't what they were")
        if octets <= IN_MEMORY:
            yield file.read()
            return
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        try:
            yield mapped
        finally:
            # Where somebody still holds a view, the map goes with the last of them.
            with contextlib.suppress(BufferError):
                mapped.close()

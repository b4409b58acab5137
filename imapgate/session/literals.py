"""Literals on their way in: small ones in memory, large ones in a temporary file, all counted."""

from __future__ import annotations

import contextlib
import mmap
import tempfile
from typing import IO

from imapgate.connections.budget import Budget
from imapgate.wire.commands import Content


class Arriving:
    """One literal: `add` its octets, `complete` it, and `free` it in any case."""

    def __init__(self, size: int, in_memory: int, budget: Budget) -> None:
        """size octets must have been taken from the budget; `free` gives them back."""
        self._size = size
        self._budget: Budget | None = budget
        self._pieces: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._map: mmap.mmap | None = None
        if size > in_memory:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  # lives until `free`

    def add(self, octets: bytes) -> None:
        if self._file is None:
            self._pieces.append(octets)
        else:
            self._file.write(octets)

    def complete(self) -> Content:
        """All octets: bytes, or a read-only memory map that lives until `free`."""
        if self._file is None:
            content = b"".join(self._pieces)
            self._pieces = [content]
            return content
        self._file.flush()
        self._map = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        return self._map

    def free(self) -> None:
        """Idempotent."""
        self._pieces = []
        if self._map is not None:
            # Where somebody still holds a view, the map goes with the last of them.
            with contextlib.suppress(BufferError):
                self._map.close()
            self._map = None
        if self._file is not None:
            # What couldn't be written stands in its buffer still, and closing it tries once more.
            with contextlib.suppress(OSError):
                self._file.close()
            self._file = None
        if self._budget is not None:
            self._budget.give_back(self._size)
            self._budget = None

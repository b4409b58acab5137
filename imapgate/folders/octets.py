"""A message on its way in or out: in memory while it is small, then in a temporary file."""

from __future__ import annotations

import mmap
import tempfile
from types import TracebackType
from typing import IO, Self

from imapgate.mime.index import Content

IN_MEMORY = 1024 * 1024


class Octets:
    """Takes pieces by `add` and gives them as one by `content`. Of more than `most` octets only
    the count is kept (`size`). To be used as a context manager, which takes the file away."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self._pieces: list[bytes] = []
        self._file: IO[bytes] | None = None

    def add(self, piece: bytes) -> None:
        """Raises OSError where the temporary file can't be written."""
        self.size += len(piece)
        if self.size > self.most:
            self._drop()
            return
        if self._file is None and self.size > IN_MEMORY:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115  # lives until `__exit__`
            self._file.writelines(self._pieces)
            self._pieces = []
        if self._file is None:
            self._pieces.append(piece)
        else:
            self._file.write(piece)

    def content(self) -> Content:
        """What was added, which must not be more than `most`; a map lives on without this object.
        Raises OSError."""
        assert self.size <= self.most
        if self._file is None:
            return b"".join(self._pieces)
        self._file.flush()
        return mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)

    def _drop(self) -> None:
        file, self._file, self._pieces = self._file, None, []
        if file is not None:
            file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._drop()

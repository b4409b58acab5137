"""Files that commands write."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from imapgate.activities.names import Mistake

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def new_file(file: Path, pieces: Iterable[bytes]) -> None:
    """For its owner's eyes alone, and never over another. Raises Mistake; then nothing is left of
    it. It is made once the first piece is there, which may be refused."""
    coming = iter(pieces)
    first = next(coming, b"")
    try:
        made = os.open(file, _NEW, 0o600)
    except OSError as error:
        raise Mistake(f"{file} can't be made: {error.strerror}.") from error
    try:
        with open(made, "wb") as out:
            out.write(first)
            out.writelines(coming)
    except BaseException as error:
        file.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise Mistake(f"{file} can't be written: {error.strerror}.") from error
        raise

"""What is found in a file: messages, and what can't be read as one."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import IO

from imapgate.mime.index import Content

IN_MEMORY = 1024 * 1024
"""Octets; a larger message is held in a temporary file's map."""
BLOCK = 256 * 1024
"""Octets that are read at a time."""


@dataclass(frozen=True, slots=True)
class Found:
    """A message. place: where it stands, for people (`old.mbox, message 12`). internal_at: when it
    came, in seconds since 1970, None: the file doesn't tell; internal_zone: minutes east. flags: of
    a Maildir's letters (F flagged, R answered, ...). passed: octets of the file up to its end.
    original: what stands in the file where the message was made of it (.msg), else None."""

    place: str
    content: Content
    internal_at: int | None = None
    internal_zone: int = 0
    flags: str = ""
    passed: int = 0
    original: bytes | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What is no message, or none that may be taken. text: a clause (`is larger than 50 MiB`)."""

    place: str
    text: str
    passed: int = 0


Finding = Found | Unreadable


def pieces(stream: IO[bytes], octets: int) -> Iterator[bytes]:
    """At most so many octets from where the stream stands."""
    while octets > 0:
        piece = stream.read(min(octets, BLOCK))
        if not piece:
            return
        octets -= len(piece)
        yield piece


def held(parts: Iterable[bytes]) -> Content:
    """All of them as one: in memory up to IN_MEMORY, else in a temporary file's map. Raises
    OSError."""
    some: list[bytes] = []
    size = 0
    rest = iter(parts)
    for part in rest:
        some.append(part)
        size += len(part)
        if size > IN_MEMORY:
            break
    else:
        return b"".join(some)
    with tempfile.TemporaryFile() as file:
        file.writelines(chain(some, rest))
        file.flush()
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def too_large(most: int) -> str:
    """The clause for what has more octets than may be taken."""
    return f"is larger than {told(most)}"


def told(octets: int) -> str:
    """Octets for people."""
    for unit, name in ((1024**3, "GiB"), (1024**2, "MiB"), (1024, "KiB")):
        if octets >= unit:
            return f"{octets / unit:.4g} {name}"
    return f"{octets} octets"

"""Commands on a selected mailbox but FETCH and SEARCH (RFC 3501 6.4, UIDPLUS RFC 4315, MOVE RFC
6851, UNSELECT RFC 3691)."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.wire.commands.command import Command
from imapgate.wire.numbers import NumberSet


@dataclass(frozen=True, slots=True)
class Check(Command):
    pass


@dataclass(frozen=True, slots=True)
class Close(Command):
    pass


@dataclass(frozen=True, slots=True)
class Unselect(Command):
    pass


@dataclass(frozen=True, slots=True)
class Expunge(Command):
    """uids: set for UID EXPUNGE (RFC 4315), else None."""

    uids: NumberSet | None = None


@dataclass(frozen=True, slots=True)
class Copy(Command):
    numbers: NumberSet
    name: str
    by_uid: bool


@dataclass(frozen=True, slots=True)
class Move(Command):
    numbers: NumberSet
    name: str
    by_uid: bool


@dataclass(frozen=True, slots=True)
class Store(Command):
    """mode: b"", b"+" or b"-". unchanged_since: of UNCHANGEDSINCE (RFC 7162 3.1.3), from 0."""

    numbers: NumberSet
    by_uid: bool
    mode: bytes
    silent: bool
    flags: tuple[bytes, ...]
    unchanged_since: int | None = None

"""Commands of METADATA (RFC 5464 4.2, 4.3)."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.wire.commands.command import Command


@dataclass(frozen=True, slots=True)
class GetMetadata(Command):
    """name: "" for the server. entries: lower-case, `/private...` or `/shared...`. depth: levels
    below each that are meant too, None: all. most: octets of a value that is to be told, None:
    any."""

    name: str
    entries: tuple[str, ...]
    depth: int | None = 0
    most: int | None = None


@dataclass(frozen=True, slots=True)
class SetMetadata(Command):
    """values: lower-case entry and its octets, None: none from now on. Of an entry that is given
    twice the last counts."""

    name: str
    values: tuple[tuple[str, bytes | None], ...]

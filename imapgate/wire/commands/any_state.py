"""Commands of any state (RFC 3501 6.1, ID RFC 2971, ENABLE RFC 5161)."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.wire.commands.command import Command


@dataclass(frozen=True, slots=True)
class Capability(Command):
    pass


@dataclass(frozen=True, slots=True)
class Noop(Command):
    pass


@dataclass(frozen=True, slots=True)
class Logout(Command):
    pass


@dataclass(frozen=True, slots=True)
class Id(Command):
    """RFC 2971; fields None for `ID NIL`, values None for NIL."""

    fields: tuple[tuple[bytes, bytes | None], ...] | None


@dataclass(frozen=True, slots=True)
class Compress(Command):
    """RFC 4978; mechanism: in capitals."""

    mechanism: bytes


@dataclass(frozen=True, slots=True)
class Enable(Command):
    capabilities: tuple[bytes, ...]

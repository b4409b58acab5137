"""Commands of QUOTA (RFC 9208 4.1)."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.wire.commands.command import Command


@dataclass(frozen=True, slots=True)
class GetQuota(Command):
    root: bytes


@dataclass(frozen=True, slots=True)
class GetQuotaRoot(Command):
    name: str


@dataclass(frozen=True, slots=True)
class SetQuota(Command):
    """resources: (upper-case name, limit), as given."""

    root: bytes
    resources: tuple[tuple[bytes, int], ...]

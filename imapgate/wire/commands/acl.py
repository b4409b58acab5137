"""Commands of ACL (RFC 4314)."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.wire.commands.command import Command


@dataclass(frozen=True, slots=True)
class MyRights(Command):
    name: str


@dataclass(frozen=True, slots=True)
class GetAcl(Command):
    """RFC 4314, as are the next three."""

    name: str


@dataclass(frozen=True, slots=True)
class ListRights(Command):
    name: str
    identifier: bytes


@dataclass(frozen=True, slots=True)
class SetAcl(Command):
    name: str
    identifier: bytes
    rights: bytes


@dataclass(frozen=True, slots=True)
class DeleteAcl(Command):
    name: str
    identifier: bytes

"""Commands of ACL (RFC 4314)."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.wire.commands.command import Command


@dataclass(frozen=True, slots=True)
class MyRights(Command):
    name: str


@dataclass(frozen=True, slots=True)
class GetAcl(Command):
    name: str


@dataclass(frozen=True, slots=True)
class ListRights(Command):
    """identifier: never blank alone."""

    name: str
    identifier: str


@dataclass(frozen=True, slots=True)
class SetAcl(Command):
    """sign: "+", "-" or "" (the rights replace what was there). rights: of acl_grammar.RIGHTS, as
    written."""

    name: str
    identifier: str
    sign: str
    rights: str


@dataclass(frozen=True, slots=True)
class DeleteAcl(Command):
    name: str
    identifier: str

"""Commands on mailboxes by name (RFC 3501 6.3) but ACL's and APPEND."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.wire.commands.command import Command


@dataclass(frozen=True, slots=True)
class Select(Command):
    name: str


@dataclass(frozen=True, slots=True)
class Examine(Command):
    name: str


@dataclass(frozen=True, slots=True)
class Create(Command):
    """uses: special uses as written, each once (RFC 6154)."""

    name: str
    uses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delete(Command):
    name: str


@dataclass(frozen=True, slots=True)
class Rename(Command):
    name: str
    new_name: str


@dataclass(frozen=True, slots=True)
class Subscribe(Command):
    name: str


@dataclass(frozen=True, slots=True)
class Unsubscribe(Command):
    name: str


@dataclass(frozen=True, slots=True)
class List(Command):
    """patterns: one, or those in parentheses. extended: in one of RFC 5258's three ways, so that an
    empty pattern has no meaning of its own. selection, returned: upper-case names of
    list_grammar.SELECTIONS and RETURNS. status: items of RETURN (STATUS (...)), each once."""

    reference: str
    patterns: tuple[str, ...]
    extended: bool = False
    selection: frozenset[bytes] = frozenset()
    returned: frozenset[bytes] = frozenset()
    status: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Lsub(Command):
    reference: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Status(Command):
    """items: of status_grammar.ITEMS, in order, each once."""

    name: str
    items: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Namespace(Command):
    pass


@dataclass(frozen=True, slots=True)
class Idle(Command):
    pass

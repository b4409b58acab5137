"""Commands on mailboxes by name (RFC 3501 6.3) but ACL's and APPEND."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.wire.commands.command import Command
from imapgate.wire.numbers import NumberSet


@dataclass(frozen=True, slots=True)
class Resync:
    """QRESYNC's arguments (RFC 7162 3.2.5). known_uids: None for all. matches: numbers and UIDs
    that belonged together, as ranges, ascending and as many of the one as of the other."""

    uidvalidity: int
    modseq: int
    known_uids: NumberSet | None = None
    matches: tuple[NumberSet, NumberSet] | None = None


@dataclass(frozen=True, slots=True)
class Select(Command):
    """condstore, resync: select parameters (RFC 7162 3.1.8, 3.2.5)."""

    name: str
    condstore: bool = False
    resync: Resync | None = None


@dataclass(frozen=True, slots=True)
class Examine(Command):
    """As SELECT."""

    name: str
    condstore: bool = False
    resync: Resync | None = None


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

"""SEARCH and its keys (RFC 3501 6.4.4)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from imapgate.wire.commands.command import Command
from imapgate.wire.numbers import NumberSet


@dataclass(frozen=True, slots=True)
class SearchKey:
    """Base of SEARCH keys (RFC 3501 6.4.4)."""


@dataclass(frozen=True, slots=True)
class Everything(SearchKey):
    """ALL."""


@dataclass(frozen=True, slots=True)
class HasFlag(SearchKey):
    """flag: `\\Seen`, ..., `\\Recent` or a keyword; ANSWERED, UNSEEN, KEYWORD x ... all come as
    this. (NEW is And(HasFlag \\Recent, not HasFlag \\Seen), OLD is not HasFlag \\Recent.)"""

    flag: bytes
    present: bool


@dataclass(frozen=True, slots=True)
class HasText(SearchKey):
    """where: b"TEXT", b"BODY", or a header field's name in upper case (FROM, CC, SUBJECT, ... come
    as this; HEADER x "" asks whether the field is there; a field that is itself named Text or Body
    comes in lower case, apart from the two keys). text: decoded from the charset."""

    where: bytes
    text: str


@dataclass(frozen=True, slots=True)
class HasDate(SearchKey):
    """comparison: b"BEFORE", b"ON", b"SINCE"; sent: the Date header, else INTERNALDATE."""

    comparison: bytes
    day: datetime.date
    sent: bool


@dataclass(frozen=True, slots=True)
class HasSize(SearchKey):
    """LARGER (larger True) or SMALLER."""

    octets: int
    larger: bool


@dataclass(frozen=True, slots=True)
class InNumbers(SearchKey):
    numbers: NumberSet
    by_uid: bool


@dataclass(frozen=True, slots=True)
class Not(SearchKey):
    key: SearchKey


@dataclass(frozen=True, slots=True)
class Or(SearchKey):
    left: SearchKey
    right: SearchKey


@dataclass(frozen=True, slots=True)
class And(SearchKey):
    keys: tuple[SearchKey, ...]


@dataclass(frozen=True, slots=True)
class Search(Command):
    key: SearchKey
    by_uid: bool

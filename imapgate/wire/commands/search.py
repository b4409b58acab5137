"""SEARCH, its keys (RFC 3501 6.4.4; WITHIN RFC 5032, SAVEDATE RFC 8514) and its result options
(ESEARCH RFC 4731, SEARCHRES RFC 5182, PARTIAL RFC 9394)."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass

from imapgate.wire.commands.command import Command
from imapgate.wire.numbers import NumberSet, PartialRange


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
class HasSaveDate(SearchKey):
    """SAVEDBEFORE, SAVEDON, SAVEDSINCE (RFC 8514 4.3); comparison: as in HasDate."""

    comparison: bytes
    day: datetime.date


@dataclass(frozen=True, slots=True)
class HasAge(SearchKey):
    """OLDER (older True) or YOUNGER than so many seconds, INTERNALDATE against the server's clock;
    that very age is both (RFC 5032 2)."""

    seconds: int
    older: bool


@dataclass(frozen=True, slots=True)
class HasObjectId(SearchKey):
    """EMAILID, or with thread THREADID (RFC 8474 6)."""

    object_id: str
    thread: bool


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
class HasModseq(SearchKey):
    """MODSEQ n: at least this mod-sequence (RFC 7162 3.1.5). A flag's name and type that come with
    it are left out: mod-sequences aren't kept flag by flag."""

    least: int


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


def keys_in(key: SearchKey) -> Iterator[SearchKey]:
    """Those that a key is put together of by AND, OR and NOT; itself if it is none of them."""
    match key:
        case And(keys):
            for one in keys:
                yield from keys_in(one)
        case Or(left, right):
            yield from keys_in(left)
            yield from keys_in(right)
        case Not(inner):
            yield from keys_in(inner)
        case _:
            yield key


@dataclass(frozen=True, slots=True)
class Returns:
    """What RETURN asks for. options: any of b"MIN", b"MAX", b"ALL", b"COUNT" and b"SAVE";
    `RETURN ()` comes as b"ALL" (RFC 4731 3.1). partial: never with b"ALL" (RFC 9394 3.1)."""

    options: frozenset[bytes]
    partial: PartialRange | None = None

    @property
    def saves(self) -> bool:
        return b"SAVE" in self.options


@dataclass(frozen=True, slots=True)
class Search(Command):
    """returns: None without RETURN: a plain `* SEARCH` in IMAP4rev1. charset: one is named."""

    key: SearchKey
    by_uid: bool
    returns: Returns | None = None
    charset: bool = False

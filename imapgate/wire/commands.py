"""Typed values of what a client says: one class per command (RFC 3501 6 and the extensions named).

Mailbox names are str, decoded from modified UTF-7, INBOX in any case given as "INBOX". A message of
an APPEND stays as it came: bytes, or a memory map of a temporary file.
"""

from __future__ import annotations

import datetime
import mmap
from dataclasses import dataclass

from imapgate.wire.numbers import NumberSet

Content = bytes | mmap.mmap
"""The octets of a literal."""


@dataclass(frozen=True, slots=True)
class Command:
    """Base of all commands; the tag travels beside it."""


# -- any state ---------------------------------------------------------------------------------


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
class Enable(Command):
    capabilities: tuple[bytes, ...]


# -- not authenticated -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StartTls(Command):
    pass


@dataclass(frozen=True, slots=True)
class Authenticate(Command):
    """initial: decoded initial response (SASL-IR, RFC 4959), None if there was none."""

    mechanism: bytes
    initial: bytes | None


@dataclass(frozen=True, slots=True)
class Login(Command):
    user: bytes
    password: bytes


# -- authenticated -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Select(Command):
    name: str


@dataclass(frozen=True, slots=True)
class Examine(Command):
    name: str


@dataclass(frozen=True, slots=True)
class Create(Command):
    name: str


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
    reference: str
    pattern: str
    special_use_only: bool = False
    """`LIST (SPECIAL-USE) ...` (RFC 6154)."""


@dataclass(frozen=True, slots=True)
class Lsub(Command):
    reference: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Status(Command):
    """items: upper-case names (MESSAGES, RECENT, UIDNEXT, UIDVALIDITY, UNSEEN, APPENDLIMIT), in
    order."""

    name: str
    items: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Namespace(Command):
    pass


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


@dataclass(frozen=True, slots=True)
class AppendMessage:
    """flags: as written, system flags with their backslash. date: None if absent, or
    no moment that there is."""

    flags: tuple[bytes, ...]
    date: datetime.datetime | None
    content: Content


@dataclass(frozen=True, slots=True)
class Append(Command):
    """One message, or several (MULTIAPPEND, RFC 3502)."""

    name: str
    messages: tuple[AppendMessage, ...]


@dataclass(frozen=True, slots=True)
class Idle(Command):
    pass


# -- selected ----------------------------------------------------------------------------------


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
    """mode: b"", b"+" or b"-"."""

    numbers: NumberSet
    by_uid: bool
    mode: bytes
    silent: bool
    flags: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """What stands in `BODY[...]`: part numbers, then "", HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT,
    TEXT or MIME; fields as written for the two FIELDS forms."""

    path: tuple[int, ...] = ()
    text: bytes = b""
    fields: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Item:
    """A FETCH item without arguments: name is FLAGS, UID, INTERNALDATE, RFC822.SIZE, ENVELOPE, BODY
    (the structure without extension data) or BODYSTRUCTURE. Macros come expanded."""

    name: bytes


@dataclass(frozen=True, slots=True)
class BodyItem:
    """BODY[...], BODY.PEEK[...], RFC822, RFC822.HEADER or RFC822.TEXT.

    label: the name to answer under, ready made without the partial's origin, e.g. b"BODY[1.TEXT]"
    or b"RFC822". partial: (origin, octets)."""

    section: Section
    peek: bool
    label: bytes
    partial: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Fetch(Command):
    numbers: NumberSet
    by_uid: bool
    items: tuple[Item | BodyItem, ...]


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

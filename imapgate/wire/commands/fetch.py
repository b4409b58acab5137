"""FETCH and its items (RFC 3501 6.4.5)."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.wire.commands.command import Command
from imapgate.wire.numbers import NumberSet, PartialRange


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
    (the structure without extension data), BODYSTRUCTURE, SAVEDATE, EMAILID, THREADID, PREVIEW or
    MODSEQ. Macros come expanded."""

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
class BinaryItem:
    """BINARY[...], BINARY.PEEK[...] or BINARY.SIZE[...] (RFC 3516): a part with its transfer
    encoding undone. path: part numbers, none for the whole message. label, partial: as of a
    BodyItem; partial counts decoded octets, and a size has none."""

    path: tuple[int, ...]
    peek: bool
    label: bytes
    partial: tuple[int, int] | None = None
    size: bool = False


FetchItem = Item | BodyItem | BinaryItem


@dataclass(frozen=True, slots=True)
class Fetch(Command):
    """changed_since: only what has a higher mod-sequence; MODSEQ is among the items then (RFC 7162
    3.1.4.1). vanished: of UID FETCH: what was expunged since is told, too (3.2.6). partial: only
    these of the messages named (RFC 9394 3.3)."""

    numbers: NumberSet
    by_uid: bool
    items: tuple[FetchItem, ...]
    partial: PartialRange | None = None
    changed_since: int | None = None
    vanished: bool = False

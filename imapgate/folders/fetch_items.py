"""FETCH's items without arguments: which columns each needs and how it is answered (RFC 3501
7.4.2, SAVEDATE RFC 8514, OBJECTID RFC 8474, PREVIEW RFC 8970)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from imapgate.folders import structure
from imapgate.wire.responses import internal_date, quoted_or_literal
from storage import reading as rows


class Message(Protocol):
    """One message of a batch, as an item sees it. row: what `columns` of all items were asked for,
    behind the UID; None: nothing is known of the message any more (RFC 2180 4.1.3). flags: its
    whole FLAGS item, if that was asked for. own_modseq: of the person's own flags, 0 if they were
    never set; known where FLAGS or MODSEQ was asked for."""

    @property
    def uid(self) -> int: ...
    @property
    def flags(self) -> bytes: ...
    @property
    def own_modseq(self) -> int: ...
    @property
    def row(self) -> rows.Row | None: ...


Places = Mapping[str, int]
"""Where each column stands in a row."""
Render = Callable[[Message], bytes]


@dataclass(frozen=True, slots=True)
class Kind:
    """columns: of entry and message_ready. render: from where they stand, what answers the item,
    its name included."""

    columns: tuple[str, ...]
    render: Callable[[Places], Render]


_NO_EMAIL = b"M0"
"""Of a message that is no longer known: an EMAILID can't be NIL (RFC 8474 7), and no message is
called so."""


def _flags(_at: Places) -> Render:
    return lambda one: one.flags


def _uid(_at: Places) -> Render:
    return lambda one: b"UID %d" % one.uid


def _size(at: Places) -> Render:
    place = at["size"]
    return lambda one: b"RFC822.SIZE %d" % (0 if one.row is None else one.row[place])


def _internaldate(at: Places) -> Render:
    when, zone = at["internal_at"], at["internal_zone"]

    def render(one: Message) -> bytes:
        row = one.row
        return b"INTERNALDATE " + internal_date(
            *((0, 0) if row is None else (row[when], row[zone]))
        )

    return render


def _savedate(at: Places) -> Render:
    """By UTC; NIL where it is no longer known (RFC 8514 4.2)."""
    place = at["saved_at"]

    def render(one: Message) -> bytes:
        when = None if one.row is None else one.row[place]
        return b"SAVEDATE " + (b"NIL" if when is None else internal_date(when, 0))

    return render


def _emailid(at: Places) -> Render:
    place = at["email_id"]
    return lambda one: b"EMAILID (%b)" % (_NO_EMAIL if one.row is None else one.row[place].encode())


def _threadid(at: Places) -> Render:
    """NIL only while an older database is being upgraded, and where it is no longer known."""
    place = at["thread_id"]

    def render(one: Message) -> bytes:
        found = None if one.row is None else one.row[place]
        return b"THREADID NIL" if found is None else b"THREADID (%b)" % found.encode()

    return render


def _preview(at: Places) -> Render:
    """NIL as with THREADID: it may be there another time."""
    place = at["preview"]

    def render(one: Message) -> bytes:
        found = None if one.row is None else one.row[place]
        return b"PREVIEW " + quoted_or_literal(None if found is None else found.encode())

    return render


def _modseq(at: Places) -> Render:
    """RFC 7162 3.1.4.2. What has gone has the lowest: its end is still to be told."""
    place = at["modseq"]

    def render(one: Message) -> bytes:
        shared = 1 if one.row is None else one.row[place]
        return b"MODSEQ (%d)" % max(shared, one.own_modseq)

    return render


def _ready(name: bytes, unknown: bytes) -> Kind:
    """What stands ready under the name of the item."""
    column, label = name.decode("ascii").lower(), name + b" "

    def render(at: Places) -> Render:
        place = at[column]
        return lambda one: label + (unknown if one.row is None else one.row[place])

    return Kind((column,), render)


KINDS: Mapping[bytes, Kind] = {
    b"FLAGS": Kind(("flags", "keywords"), _flags),
    b"UID": Kind((), _uid),
    b"MODSEQ": Kind(("modseq",), _modseq),
    b"RFC822.SIZE": Kind(("size",), _size),
    b"INTERNALDATE": Kind(("internal_at", "internal_zone"), _internaldate),
    b"SAVEDATE": Kind(("saved_at",), _savedate),
    b"EMAILID": Kind(("email_id",), _emailid),
    b"THREADID": Kind(("thread_id",), _threadid),
    b"PREVIEW": Kind(("preview",), _preview),
    b"ENVELOPE": _ready(b"ENVELOPE", structure.NO_ENVELOPE),
    b"BODY": _ready(b"BODY", structure.NO_STRUCTURE),
    b"BODYSTRUCTURE": _ready(b"BODYSTRUCTURE", structure.NO_STRUCTURE),
}
"""By the item's name in `wire.commands.Item`."""


def columns(names: Sequence[bytes]) -> list[str]:
    """What the items need, once each."""
    return list(dict.fromkeys(column for name in names for column in KINDS[name].columns))

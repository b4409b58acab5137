"""LIST and STATUS of folders as they are written, whether a command asked or NOTIFY tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from imapgate.folders import names, object_ids
from imapgate.folders.tree import Folder, Wanted
from imapgate.folders.tree import Status as Counts
from imapgate.limits import Limits
from imapgate.wire.responses import parenthesised, quoted_or_literal, untagged

SEPARATOR = quoted_or_literal(names.SEPARATOR.encode("ascii"))
NOSELECT = b"\\Noselect"
NONEXISTENT = b"\\NonExistent"
NO_ACCESS = b"\\NoAccess"
SUBSCRIBED = b"\\Subscribed"


def attributes(folder: Folder, subscribed: bool = False) -> tuple[bytes, ...]:
    """Of a folder that is there; the first is the one about its children. subscribed: whether it is
    told that it is."""
    told = [b"\\HasChildren" if folder.has_children else b"\\HasNoChildren"]
    if folder.special_use:
        told.append(folder.special_use.encode("ascii"))
    if subscribed:
        told.append(SUBSCRIBED)
    return tuple(told)


def list_line(
    kind: bytes, attributes: Sequence[bytes], name: bytes, extended: bytes = b""
) -> bytes:
    """`* LIST`, `* LSUB`. name: as this session writes it. extended: RFC 5258's data."""
    parts = (kind, parenthesised(attributes), SEPARATOR, name, extended)
    return untagged(*(part for part in parts if part))


def old_name(name: bytes) -> bytes:
    """What a folder was called before it was renamed, or asked for as (RFC 9051 6.3.9.7)."""
    return b'("OLDNAME" (%b))' % name


@dataclass(frozen=True, slots=True)
class Standing:
    """What an item is answered from. modseq: of the selected folder as far as the client has been
    told, so that it misses nothing by it."""

    folder: Folder
    counts: Counts
    limits: Limits
    modseq: int


@dataclass(frozen=True, slots=True)
class Item:
    """say: the item's value. wanted: what has to be counted for it."""

    say: Callable[[Standing], bytes]
    wanted: Wanted = Wanted.NOTHING


ITEMS: Mapping[bytes, Item] = {
    b"MESSAGES": Item(lambda of: b"%d" % of.counts.messages),
    b"RECENT": Item(lambda of: b"%d" % of.counts.recent, Wanted.RECENT),
    b"UIDNEXT": Item(lambda of: b"%d" % of.counts.uidnext),
    b"UIDVALIDITY": Item(lambda of: b"%d" % of.counts.uidvalidity),
    b"UNSEEN": Item(lambda of: b"%d" % of.counts.unseen, Wanted.OWN),
    b"APPENDLIMIT": Item(lambda of: b"%d" % of.limits.message),
    b"SIZE": Item(lambda of: b"%d" % of.counts.octets),
    b"MAILBOXID": Item(
        lambda of: b"(%b)" % object_ids.mailbox(of.folder.uidvalidity).encode("ascii")
    ),
    b"DELETED": Item(lambda of: b"%d" % of.counts.deleted, Wanted.OWN),
    b"DELETED-STORAGE": Item(
        lambda of: b"%d" % -(-of.counts.deleted_octets // 1024),
        Wanted.OWN | Wanted.DELETED_OCTETS,
    ),
    b"HIGHESTMODSEQ": Item(lambda of: b"%d" % of.modseq),
}
"""By the names of wire.status_grammar.ITEMS; an extension adds a row here and a name there."""


def status_line(name: bytes, items: Sequence[bytes], of: Standing) -> bytes:
    """`* STATUS`. name: as this session writes it."""
    said = parenthesised(b"%b %b" % (item, ITEMS[item].say(of)) for item in items)
    return untagged(b"STATUS", name, said)

"""An activity's media as parts of its message: read where they stand in the messages that brought
them, as they are written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from imapgate.folders.binary import HEADER, Stored
from imapgate.folders.rendering.cutting import name
from imapgate.folders.sections import Sections
from imapgate.limits import MIB, Limits
from imapgate.mime import writing
from imapgate.mime.index import index
from imapgate.mime.parameters import parameter
from imapgate.mime.transfer import undone
from storage import Tx, messages, ready
from storage.activities import MediaRow

MOST_OCTETS = 20 * MIB
"""Of all parts together, or Limits.message where that is less: each revision is a message of its
own, which everybody's mail client fetches."""
_HEAD = 2_048
"""Octets that a part has beside its own, at most."""
_MESSAGE = "message/rfc822"


@dataclass(frozen=True, slots=True)
class Medium:
    """size: decoded octets. why: it is no part of the message, for people; None: it is one, or the
    group only wants names."""

    name: str
    size: int
    why: str | None


def attached(
    tx: Tx, media: Sequence[MediaRow], room: int
) -> tuple[list[Medium], list[writing.Attached | writing.AttachedMail]]:
    """(what is told of each; those that become parts, to be read as long as tx is open). room:
    octets that they may have in the message; 0: they are only named. Raises Damaged."""
    if not room:
        return named(media), []
    told, parts = [], []
    for one in media:
        cost = len(range(0, one.size, 57)) * 78 + _HEAD
        part = _part(tx, one) if cost <= room else None
        if part is not None:
            room -= cost
            parts.append(part)
            told.append(Medium(_name(one), one.size, None))
        else:
            why = "too large to be attached" if cost > room else "no longer there"
            told.append(Medium(_name(one), one.size, why))
    return told, parts


def named(media: Sequence[MediaRow], why: str | None = None) -> list[Medium]:
    """What is told of each where they aren't attached, and why."""
    return [Medium(_name(one), one.size, why) for one in media]


def room(limits: Limits) -> int:
    """Octets that all media may have in a message."""
    return max(0, min(MOST_OCTETS, limits.message - MIB))


def _name(one: MediaRow) -> str:
    return name(one.name) or "(no name)"


def _part(tx: Tx, one: MediaRow) -> writing.Attached | writing.AttachedMail | None:
    """None: it isn't there any more. An attached mail goes along as it is where every server lets
    it through, else as a file."""
    kept = ready.sections(tx, one.stored_message_id)
    path = _path(one.section)
    if kept is None or path is None or not messages.is_here(tx, one.stored_message_id):
        return None
    place = Sections.read(kept).place(path)
    if place is None:
        return None
    octets = Stored(one.stored_message_id, tx)
    end = min(place.body_start, place.header_start + HEADER)
    described = index(octets[place.header_start : end] if path else b"")
    pieces: partial[Iterator[bytes]] = partial(
        undone, octets, described.encoding, place.body_start, place.end
    )
    if one.content_type == _MESSAGE and writing.encoding_of(pieces()) == "7bit":
        return writing.AttachedMail(one.name, "7bit", pieces)
    charset = parameter(described.params, b"CHARSET")
    # A text that is shown below the activity's own would pass for it.
    inline = one.inline and one.content_type.startswith("image/")
    return writing.Attached(
        one.name,
        one.content_type,
        pieces,
        inline,
        one.content_id,
        None if charset is None else charset.decode("latin-1"),
    )


def _path(section: str) -> tuple[int, ...] | None:
    try:
        return tuple(int(one) for one in section.split(".")) if section else ()
    except ValueError:
        return None

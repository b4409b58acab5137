"""Wrapper mails that a COPY or MOVE drops on a group: their raw bytes are read again, before the
writer."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Iterator, Sequence
from functools import partial

from imapgate.activities.wrapper import looks_like_wrapper
from imapgate.folders import ready
from imapgate.folders.refusals import Refused
from imapgate.limits import Limits
from imapgate.mime.index import Content
from imapgate.mime.mail import Mail
from storage import Database, Tx, messages, standing

DIGESTS = 100
"""Messages whose digests are held at a time."""


def mails(tx: Tx, stored_message_ids: Sequence[int]) -> Iterator[tuple[int, Mail]]:
    """What each message says, in the order given, DIGESTS at a time."""
    for start in range(0, len(stored_message_ids), DIGESTS):
        some = stored_message_ids[start : start + DIGESTS]
        texts = standing.digests(tx, some)
        for stored_message_id in some:
            yield stored_message_id, Mail.from_json(texts[stored_message_id])


def read(
    db: Database, folder_id: int, uids: Sequence[int], limits: Limits
) -> dict[int, ready.Prepared]:
    """stored_message_id -> the message with what is attached to it, for those that look like
    wrappers.

    Short read transactions, one for each message. Raises Refused if they come to more octets than
    one APPEND may, or if one is damaged in the database.
    """
    found = db.read(lambda tx: _sizes(tx, folder_id, uids))
    if sum(found.values()) > limits.append_total:
        raise Refused("LIMIT", "these wrapper messages are too large to be filed at once")
    for one in found:
        if db.read(partial(_is_damaged, stored_message_id=one)):
            raise Refused("CORRUPTION", "a message is damaged in the database; see imapgate doctor")
    return {one: ready.prepare(content(db, one, size, limits)) for one, size in found.items()}


def _is_damaged(tx: Tx, stored_message_id: int) -> bool:
    here = messages.is_here(tx, stored_message_id)
    return here and not messages.is_intact(tx, stored_message_id)


def _sizes(tx: Tx, folder_id: int, uids: Sequence[int]) -> dict[int, int]:
    sizes = {one.stored_message_id: one.size for one in standing.load(tx, folder_id, uids)}
    return {
        stored_message_id: sizes[stored_message_id]
        for stored_message_id, mail in mails(tx, list(sizes))
        if looks_like_wrapper(mail.subject, bool(mail.messages))
    }


def content(db: Database, stored_message_id: int, size: int, limits: Limits) -> Content:
    """A stored message's bytes, larger ones in a temporary file; each piece is read by itself.
    Raises Refused if it vanishes meanwhile (erased)."""
    if size <= limits.literal_in_memory:
        return _piece(db, stored_message_id, 0, size)
    with tempfile.TemporaryFile() as file:
        for start in range(0, size, messages.CHUNK):
            end = min(size, start + messages.CHUNK)
            file.write(_piece(db, stored_message_id, start, end))
        file.flush()
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)


def _piece(db: Database, stored_message_id: int, start: int, end: int) -> bytes:
    piece = db.read(lambda tx: messages.read_range(tx, stored_message_id, start, end))
    if len(piece) != end - start:
        raise Refused("EXPUNGEISSUED", "some of these messages are gone")
    return piece

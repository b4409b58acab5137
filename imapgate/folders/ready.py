"""Makes, once per message, the bytes that FETCH serves and the values that filing, SEARCH, SORT and
THREAD need; stores them."""

from __future__ import annotations

import hashlib
import mmap
import tempfile
import unicodedata
from dataclasses import dataclass, replace

from imapgate.activities.identity import identity
from imapgate.activities.wrapper import looks_like_wrapper
from imapgate.folders import incidents, object_ids, order, sections, structure
from imapgate.mime.envelope import envelope
from imapgate.mime.index import PARTS, Content, Part
from imapgate.mime.mail import Mail
from imapgate.mime.reading import Reading, decoded, part_at, read
from storage import Tx, messages, people
from storage import ready as rows

VERSION = 2
"""Of the ready-made bytes; raised when their making changes."""

HEADER_KEPT = 64 * 1024
"""Octets; a longer header is read from the message's own bytes."""
IN_MEMORY = 1024 * 1024
"""Octets; a longer attached message is unpacked into a temporary file."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message read and ready to be stored. header_text, body_text: `searchable`. attached: the
    prepared messages inside it, only of what looks like a wrapper
    (activities.wrapper.looks_like_wrapper), or if they were asked for. is_cut: the last of these
    can't be told apart any more (mime.index.PARTS)."""

    content: Content
    sha256: bytes
    identity: bytes
    mail: Mail
    envelope: bytes
    body: bytes
    bodystructure: bytes
    header: bytes | None
    sections: bytes
    header_text: str
    body_text: str
    order: rows.OrderRow
    attached: tuple[Prepared, ...]
    is_cut: bool = False


def prepare(content: Content, with_attached: bool = False) -> Prepared:
    """Outside of any transaction; never raises for what a message contains: where an error of ours
    keeps it from being read, it is all body, and its bytes are stored and served none the less
    (rules 3, 5). Raises OSError where a large attached message can't be unpacked: that may work
    later, and what is made now is kept for ever. with_attached: also where it doesn't look like a
    wrapper."""
    try:
        return _prepare(content, with_attached)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 (reported with its traceback)
        incidents.report(error, "reading a message")
        nothing = read(b"")
        return _rendered(content, nothing, replace(nothing.root, body_end=len(content)))


def store(tx: Tx, segment_id: int, prepared: Prepared) -> int:
    """The message's row id; the same bytes of a segment are stored once. `attached` are not stored
    here."""
    stored_message_id, is_new = messages.add(
        tx,
        segment_id,
        prepared.content,
        prepared.sha256,
        prepared.identity,
        prepared.mail.sent_on,
        object_ids_of(tx, segment_id, prepared),
    )
    if is_new:
        rows.add(tx, stored_message_id, beside(prepared))
    return stored_message_id


def object_ids_of(tx: Tx, segment_id: int, prepared: Prepared) -> messages.ObjectIds:
    """What a message is called that is first stored in a segment."""
    return object_ids.of_message(people.object_key(tx, segment_id), prepared.mail, prepared.sha256)


def beside(prepared: Prepared) -> rows.Beside:
    """What is stored beside its bytes."""
    return rows.Beside(
        rows.ReadyRow(
            version=VERSION,
            envelope=prepared.envelope,
            body=prepared.body,
            bodystructure=prepared.bodystructure,
            header=prepared.header,
            sections=prepared.sections,
        ),
        prepared.mail.to_json(),
        prepared.header_text,
        prepared.body_text,
        prepared.order,
    )


def searchable(text: str) -> str:
    """The form in which texts are compared by SEARCH: composed and without regard to case."""
    return unicodedata.normalize("NFC", text.casefold())


def _prepare(content: Content, with_attached: bool, is_attached: bool = False) -> Prepared:
    reading = read(content)
    root, mail = reading.root, reading.mail
    attached: tuple[Prepared, ...] = ()
    is_cut = False
    # What is attached to a wrapper is filed as it is, were it a wrapper itself.
    if not is_attached and (with_attached or looks_like_wrapper(mail.subject, bool(mail.messages))):
        parts = (part_at(root, section) for section in mail.messages)
        attached = tuple(
            _prepare(_unpacked(content, part), False, is_attached=True)
            for part in parts
            if part is not None
        )
        is_cut = _parts(root) >= PARTS
    return replace(_rendered(content, reading, root, attached), is_cut=is_cut)


def _parts(part: Part) -> int:
    return 1 + sum(_parts(one) for one in part.children)


def _rendered(
    content: Content, reading: Reading, root: Part, attached: tuple[Prepared, ...] = ()
) -> Prepared:
    addresses = envelope(content, root)
    return Prepared(
        content=content,
        sha256=_sha256(content),
        identity=identity(content, root.body_start),
        mail=reading.mail,
        envelope=structure.render_envelope(addresses),
        body=structure.render_body(content, root, extended=False),
        bodystructure=structure.render_body(content, root, extended=True),
        header=content[: root.body_start] if root.body_start <= HEADER_KEPT else None,
        sections=sections.write(content, root),
        header_text=searchable(reading.header_text),
        body_text=searchable(reading.body_text),
        order=order.row(addresses, reading.mail),
        attached=attached,
    )


def _sha256(content: Content) -> bytes:
    digest = hashlib.sha256()
    with memoryview(content) as view:
        for start in range(0, len(view), IN_MEMORY):
            with view[start : start + IN_MEMORY] as piece:
                digest.update(piece)
    return digest.digest()


def _unpacked(content: Content, part: Part) -> Content:
    """An attached message's own bytes."""
    if part.body_end - part.body_start <= IN_MEMORY:
        return b"".join(decoded(content, part))
    with tempfile.TemporaryFile() as file:
        for piece in decoded(content, part):
            file.write(piece)
        file.flush()
        if file.tell() == 0:
            return b""
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

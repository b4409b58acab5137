"""Makes, once per message, the bytes that FETCH serves and the values that filing and SEARCH need; stores them."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.mime.index import Content
from imapgate.mime.mail import Mail
from storage import Tx

VERSION = 1
"""Of the ready-made bytes; raised when their making changes."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A message read and ready to be stored. attached: the prepared messages inside it, only of what looks like a
    wrapper (activities.wrapper.looks_like_wrapper)."""

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
    attached: tuple[Prepared, ...]


def prepare(content: Content) -> Prepared:
    """Outside of any transaction; never raises for what a message contains."""
    raise NotImplementedError


def store(tx: Tx, segment_id: int, prepared: Prepared) -> int:
    """The message's row id; the same bytes of a segment are stored once. `attached` are not stored here."""
    raise NotImplementedError

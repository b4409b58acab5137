"""The envelope of a message (RFC 3501 7.4.2) as values."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.mime.index import Content, Part


@dataclass(frozen=True, slots=True)
class Address:
    """RFC 3501 address; a group starts with (None, None, name, None) and ends with four Nones. Raw
    bytes, encoded words left as they are."""

    name: bytes | None
    route: bytes | None
    mailbox: bytes | None
    host: bytes | None


@dataclass(frozen=True, slots=True)
class Envelope:
    """None: no such header. sender and reply_to are already defaulted to from_."""

    date: bytes | None
    subject: bytes | None
    from_: tuple[Address, ...]
    sender: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    in_reply_to: bytes | None
    message_id: bytes | None


def envelope(content: Content, part: Part) -> Envelope:
    """Of the root part or of a message/rfc822's child."""
    raise NotImplementedError

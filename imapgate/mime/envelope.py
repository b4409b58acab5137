"""The envelope of a message (RFC 3501 7.4.2) as values."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.mime import header
from imapgate.mime.addresses import ADDRESSES_LIMIT, address_list
from imapgate.mime.addresses import Address as Address
from imapgate.mime.index import Content, Part, field

ADDRESS_OCTETS = 128 * 1024
"""Of one address header that are looked at."""


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
    from_ = addresses(content, part, b"From")
    return Envelope(
        date=field(content, part, b"Date"),
        subject=field(content, part, b"Subject"),
        from_=from_,
        sender=addresses(content, part, b"Sender") or from_,
        reply_to=addresses(content, part, b"Reply-To") or from_,
        to=addresses(content, part, b"To"),
        cc=addresses(content, part, b"Cc"),
        bcc=addresses(content, part, b"Bcc"),
        in_reply_to=field(content, part, b"In-Reply-To"),
        message_id=field(content, part, b"Message-ID"),
    )


def addresses(content: Content, part: Part, name: bytes) -> tuple[Address, ...]:
    """Of all headers of that name, as if they were one list; at most 1,000."""
    found: list[Address] = []
    for value in header.values(content, part.fields, name, ADDRESS_OCTETS):
        if len(found) >= ADDRESSES_LIMIT:
            break
        found.extend(address_list(value, ADDRESSES_LIMIT - len(found)))
    return tuple(found)

"""What a message says to people and to the filing rules; small, and storable as JSON."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address of a header: display name (decoded, may be empty) and address as written."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is neither the body text nor an attached message. section: IMAP part number; size:
    decoded octets; content_type in lower case; name decoded, made up from the type where missing."""

    section: str
    name: str
    content_type: str
    size: int
    content_id: str | None
    inline: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """All text is decoded, NUL-free and bounded (DESIGN rule 5); nothing here is ever served as the message."""

    subject: str
    from_: tuple[Mailbox, ...]
    to: tuple[Mailbox, ...]
    cc: tuple[Mailbox, ...]
    bcc: tuple[Mailbox, ...]
    sent_at: int | None
    """The Date header as seconds since 1970 UTC."""
    sent_on: str | None
    """The Date header's calendar day as written, `YYYY-MM-DD`."""
    message_id: str | None
    """Without angle brackets, as are the next two."""
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    importance: str
    """low, normal or high (Importance, Priority, X-Priority, X-MSMail-Priority)."""
    text: str
    """The body as plain text (HTML turned into text), at most 1 MB."""
    headers: str
    """The top header, unfolded and decoded, for the note; at most 64 KiB."""
    attachments: tuple[Attachment, ...]
    messages: tuple[str, ...]
    """Sections of attached messages: message/rfc822 parts, and octet-streams whose name ends in .eml."""

    def to_json(self) -> str:
        raise NotImplementedError

    @classmethod
    def from_json(cls, text: str) -> Mail:
        raise NotImplementedError

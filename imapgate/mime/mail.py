"""What a message says to people and to the filing rules; small, and storable as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mailbox:
    """One address of a header: display name (decoded, may be empty) and address as written."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is neither the body text nor an attached message. section: IMAP part number;
    size: decoded octets; content_type in lower case; name decoded, made up from the type where
    missing."""

    section: str
    name: str
    content_type: str
    size: int
    content_id: str | None
    inline: bool


@dataclass(frozen=True, slots=True)
class Mail:
    """All text is decoded, NUL-free and bounded (docs/rules.md 5); nothing here is ever served as
    the message."""

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
    """Sections of attached messages: message/rfc822 parts, and octet-streams whose name ends in
    .eml."""
    message_parts: tuple[Attachment, ...] = ()
    """The same as attachments, in the same order: what they are called and how large they are."""

    def to_json(self) -> str:
        """A JSON object; `from_json` gives back an equal value."""
        return json.dumps(
            {
                "subject": self.subject,
                "from": [(box.name, box.address) for box in self.from_],
                "to": [(box.name, box.address) for box in self.to],
                "cc": [(box.name, box.address) for box in self.cc],
                "bcc": [(box.name, box.address) for box in self.bcc],
                "sent_at": self.sent_at,
                "sent_on": self.sent_on,
                "message_id": self.message_id,
                "in_reply_to": self.in_reply_to,
                "references": self.references,
                "importance": self.importance,
                "text": self.text,
                "headers": self.headers,
                "attachments": [
                    (a.section, a.name, a.content_type, a.size, a.content_id, a.inline)
                    for a in self.attachments
                ],
                "messages": self.messages,
                "message_parts": [
                    (a.section, a.name, a.content_type, a.size, a.content_id, a.inline)
                    for a in self.message_parts
                ],
            },
            ensure_ascii=False,
            separators=(",", ":"),
        )

    @classmethod
    def from_json(cls, text: str) -> Mail:
        """The value that `to_json` wrote. Raises ValueError or KeyError for anything else."""
        value = json.loads(text)
        return cls(
            subject=value["subject"],
            from_=tuple(Mailbox(*pair) for pair in value["from"]),
            to=tuple(Mailbox(*pair) for pair in value["to"]),
            cc=tuple(Mailbox(*pair) for pair in value["cc"]),
            bcc=tuple(Mailbox(*pair) for pair in value["bcc"]),
            sent_at=value["sent_at"],
            sent_on=value["sent_on"],
            message_id=value["message_id"],
            in_reply_to=tuple(value["in_reply_to"]),
            references=tuple(value["references"]),
            importance=value["importance"],
            text=value["text"],
            headers=value["headers"],
            attachments=tuple(Attachment(*item) for item in value["attachments"]),
            messages=tuple(value["messages"]),
            message_parts=tuple(Attachment(*item) for item in value["message_parts"]),
        )

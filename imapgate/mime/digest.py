"""Makes the digest of a message: what it says to people and to the filing rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from imapgate.mime import header, names, words
from imapgate.mime.charsets import to_text
from imapgate.mime.dates import sent
from imapgate.mime.envelope import addresses
from imapgate.mime.html import charset_of, to_plain
from imapgate.mime.index import Content, Part
from imapgate.mime.mail import Attachment, Mail, Mailbox
from imapgate.mime.parameters import parameter
from imapgate.mime.transfer import decoded, decoded_size

TEXT_OCTETS = 1_000_000
"""Of the text in UTF-8."""
RAW_TEXT_OCTETS = 2 * 1024 * 1024
"""Of one text part that are decoded."""
RAW_TEXTS_OCTETS = 8 * 1024 * 1024
"""Of all text parts together that are decoded for one purpose."""
HEADERS_OCTETS = 64 * 1024
SUBJECT = 2_000
ADDRESS = 320
NAME = 500
REFERENCES = 200
IN_REPLY_TO = 20
MESSAGE_ID = 998

_IN_ANGLES = re.compile(r"<([^<>]*)>")
_BLANK = re.compile(r"\s+")
_IMPORTANCE = {
    "high": "high",
    "urgent": "high",
    "1": "high",
    "2": "high",
    "low": "low",
    "non-urgent": "low",
    "4": "low",
    "5": "low",
}


@dataclass(slots=True)
class Body:
    """The parts of a message by what they are to its reader."""

    texts: list[Part] = field(default_factory=list)
    attachments: list[Part] = field(default_factory=list)
    messages: list[Part] = field(default_factory=list)


def digest(content: Content, root: Part) -> Mail:
    """Of the root part. Never raises for what a message contains."""
    body = body_of(content, root)
    date = sent(_value(content, root, b"Date"))
    ids = message_ids(_value(content, root, b"Message-ID"))
    return Mail(
        subject=_value(content, root, b"Subject", SUBJECT),
        from_=_mailboxes(content, root, b"From"),
        to=_mailboxes(content, root, b"To"),
        cc=_mailboxes(content, root, b"Cc"),
        bcc=_mailboxes(content, root, b"Bcc"),
        sent_at=date[0] if date else None,
        sent_on=date[1] if date else None,
        message_id=ids[0] if ids else None,
        in_reply_to=tuple(message_ids(_all_values(content, root, b"In-Reply-To"))[:IN_REPLY_TO]),
        references=tuple(message_ids(_all_values(content, root, b"References"))[-REFERENCES:]),
        importance=_importance(content, root),
        text=body_text(content, body.texts),
        headers=header_note(content, root),
        attachments=tuple(_attachment(content, part) for part in body.attachments),
        messages=tuple(part.section or "1" for part in body.messages),
        message_parts=tuple(_attachment(content, part) for part in body.messages),
    )


def body_of(content: Content, part: Part) -> Body:
    """The body's text parts (of alternatives the best that isn't blank), attachments, and attached
    messages, which are not gone into."""
    body = Body()
    _sort(content, part, body, True)
    return body


def part_text(content: Content, part: Part) -> str:
    """A text part as it is, line ends as LF; HTML with its tags. Of the first 2 MiB."""
    raw, size = [], 0
    for piece in decoded(content, part):
        raw.append(piece)
        size += len(piece)
        if size >= RAW_TEXT_OCTETS:
            break
    octets = b"".join(raw)[:RAW_TEXT_OCTETS]
    named = parameter(part.params, b"CHARSET")
    charset = named.decode("latin-1") if named else None
    if charset is None and part.subtype == b"HTML":
        charset = charset_of(octets)
    return to_text(octets, charset).replace("\r\n", "\n").replace("\r", "\n")


def plain_text(content: Content, part: Part) -> str:
    """A text part for people: HTML turned into text."""
    text = part_text(content, part)
    return to_plain(text) if part.subtype == b"HTML" else text


def body_text(content: Content, parts: Iterable[Part]) -> str:
    """The texts one after the other, a blank line between; bounded."""
    texts: list[str] = []
    size = raw = 0
    for part in parts:
        raw += min(part.body_end - part.body_start, RAW_TEXT_OCTETS)
        if raw > RAW_TEXTS_OCTETS:
            break
        text = plain_text(content, part).strip("\n").rstrip()
        if text:
            texts.append(text)
            size += len(text)
        if size > TEXT_OCTETS:
            break
    return cut("\n\n".join(texts), TEXT_OCTETS)


def header_note(content: Content, part: Part) -> str:
    """`Name: value` lines, decoded; bounded."""
    lines: list[str] = []
    size = 0
    for known in part.fields:
        name = known.name.decode("latin-1")
        line = f"{name}: {words.text(header.value(content, known), HEADERS_OCTETS)}"
        lines.append(line)
        size += len(line) + 1
        if size > HEADERS_OCTETS:
            break
    return cut("\n".join(lines), HEADERS_OCTETS)


def cut(text: str, octets: int) -> str:
    """At most so many octets in UTF-8."""
    if len(text) * 4 <= octets:
        return text
    encoded = text.encode("utf-8")
    return text if len(encoded) <= octets else encoded[:octets].decode("utf-8", "ignore")


def message_ids(value: str) -> list[str]:
    """Message-IDs without angle brackets, in order, repeated ones too (THREAD follows each step);
    words with an `@` where there are no brackets (RFC 5322 3.6.4 and its obsolete phrases)."""
    found = [_BLANK.sub("", inner) for inner in _IN_ANGLES.findall(value)]
    if not found:
        tokens = value.replace(",", " ").replace("<", " ").replace(">", " ").split()
        found = [token for token in tokens if "@" in token] or tokens[:1]
    return [item[:MESSAGE_ID] for item in found if item]


def _sort(content: Content, part: Part, body: Body, may_be_text: bool) -> None:
    if part.type == b"MULTIPART":
        _sort_multipart(content, part, body, may_be_text)
    elif names.is_message(content, part):
        body.messages.append(part)
    elif may_be_text and _is_text(part, not body.texts):
        body.texts.append(part)
    else:
        body.attachments.append(part)


def _sort_multipart(content: Content, part: Part, body: Body, may_be_text: bool) -> None:
    if part.subtype == b"ALTERNATIVE" and may_be_text:
        found = []
        for child in part.children:
            one = Body()
            _sort(content, child, one, True)
            found.append(one)
        chosen = _best(content, found)
        for child, one in zip(part.children, found, strict=True):
            body.messages.extend(one.messages)
            if one is chosen:
                body.texts.extend(one.texts)
            if child.type != b"TEXT" or child.subtype == b"CALENDAR" or child.disposition:
                body.attachments.extend(one.attachments)
        return
    # The first part of these is the body, whatever the others are.
    first_alone = part.subtype in (b"RELATED", b"SIGNED")
    for place, child in enumerate(part.children):
        _sort(content, child, body, may_be_text and (place == 0 or not first_alone))


def _best(content: Content, alternatives: list[Body]) -> Body | None:
    """The first with plain text in it, else the last with any text in it."""
    for one in alternatives:
        plain = [part for part in one.texts if part.subtype == b"PLAIN"]
        if plain and len(plain) == len(one.texts) and not _blank(content, plain):
            return one
    for one in reversed(alternatives):
        if one.texts and not _blank(content, one.texts):
            return one
    return None


def _blank(content: Content, parts: list[Part]) -> bool:
    return all(not part_text(content, part).strip() for part in parts)


def _is_text(part: Part, first: bool) -> bool:
    if part.type != b"TEXT" or part.subtype not in (b"PLAIN", b"HTML"):
        return False
    if part.disposition is not None and part.disposition[0] == b"ATTACHMENT":
        return False
    # A text with a file name behind the body is a file that its sender's client also shows.
    return first or names.file_name(part) is None


def _attachment(content: Content, part: Part) -> Attachment:
    disposition = part.disposition[0] if part.disposition else None
    content_id = (part.content_id or b"").strip(b"<> \t")
    return Attachment(
        section=part.section or "1",
        name=names.attachment_name(part),
        content_type=names.content_type(part),
        size=decoded_size(content, part),
        content_id=words.text(content_id, MESSAGE_ID) or None,
        inline=disposition == b"INLINE" or (disposition is None and bool(content_id)),
    )


def _value(content: Content, part: Part, name: bytes, limit: int = header.VALUE_LIMIT) -> str:
    found = header.values(content, part.fields, name)
    return words.text(found[0], limit) if found else ""


def _all_values(content: Content, part: Part, name: bytes) -> str:
    return " ".join(
        words.text(value, header.VALUE_LIMIT)
        for value in header.values(content, part.fields, name)[:REFERENCES]
    )


def _mailboxes(content: Content, part: Part, name: bytes) -> tuple[Mailbox, ...]:
    found = []
    for known in addresses(content, part, name):
        if known.mailbox is None or known.host is None:
            continue  # a group's begin or end
        mailbox = words.text(known.mailbox, ADDRESS)
        host = words.text(known.host, ADDRESS)
        address = f"{mailbox}@{host}" if mailbox and host else mailbox
        display = words.text(known.name or b"", NAME)
        if address or display:
            found.append(Mailbox(display, address[:ADDRESS]))
    return tuple(found)


def _importance(content: Content, part: Part) -> str:
    for name in (b"Importance", b"Priority", b"X-Priority", b"X-MSMail-Priority"):
        written = _value(content, part, name, 40).lower().split(maxsplit=1)
        found = _IMPORTANCE.get(written[0].rstrip("(;,")) if written else None
        if found:
            return found
    return "normal"

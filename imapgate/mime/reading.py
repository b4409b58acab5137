"""Everything about a message in one call."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imapgate.mime import header, names, words
from imapgate.mime.digest import RAW_TEXT_OCTETS, RAW_TEXTS_OCTETS, cut, digest, part_text
from imapgate.mime.html import without_tags
from imapgate.mime.index import Content, Part, index
from imapgate.mime.mail import Mail
from imapgate.mime.transfer import decoded as decoded

HEADER_TEXT_OCTETS = 256 * 1024
BODY_TEXT_OCTETS = 1_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    root: Part
    mail: Mail
    header_text: str
    """The top header for searching, a line `Name: value` for each field, unfolded and decoded; at
    most 256 KiB."""
    body_text: str
    """The text of all text parts and nested messages, for searching; at most 1 MB."""


def read(content: Content) -> Reading:
    """Never raises for what a message contains."""
    root = index(content)
    return Reading(
        root=root,
        mail=digest(content, root),
        header_text=_joined(_header_lines(content, root), HEADER_TEXT_OCTETS),
        body_text=_joined(_texts(content, root), BODY_TEXT_OCTETS),
    )


def part_at(root: Part, section: str) -> Part | None:
    """The part of that number ("1.2"), as in BODY[1.2]; "" is the root (RFC 3501 6.4.5)."""
    part = root
    if not section:
        return part
    for place, number in enumerate(section.split(".")):
        if not number.isascii() or not number.isdigit():
            return None
        if place and part.children and part.type == b"MESSAGE":
            part = part.children[0]
        elif place and not part.children:
            # Only a message has numbers of its own; a leaf ends them.
            return None
        wanted = int(number[:6])
        if part.type == b"MULTIPART":
            if not 1 <= wanted <= len(part.children):
                return None
            part = part.children[wanted - 1]
        elif wanted != 1:
            return None
    return part


def _header_lines(content: Content, part: Part) -> Iterator[str]:
    for known in part.fields:
        value = words.text(header.value(content, known), HEADER_TEXT_OCTETS)
        yield f"{known.name.decode('ascii', 'replace')}: {value}"


def _header_values(content: Content, part: Part) -> Iterator[str]:
    for known in part.fields:
        yield words.text(header.value(content, known), HEADER_TEXT_OCTETS)


def _texts(content: Content, root: Part) -> Iterator[str]:
    """Texts, names of attachments, and the headers of attached messages."""
    raw = 0
    for part, attached in _walk(root):
        if attached:
            yield from _header_values(content, part)
        if part.type == b"TEXT":
            raw += min(part.body_end - part.body_start, RAW_TEXT_OCTETS)
            if raw <= RAW_TEXTS_OCTETS:
                text = part_text(content, part)
                yield without_tags(text) if part.subtype == b"HTML" else text.strip()
        if not part.children:
            yield names.file_name(part) or ""


def _walk(part: Part, attached: bool = False) -> Iterator[tuple[Part, bool]]:
    """Every part, and whether it is the message inside a message/rfc822."""
    yield part, attached
    for child in part.children:
        yield from _walk(child, part.type == b"MESSAGE")


def _joined(texts: Iterator[str], octets: int) -> str:
    found: list[str] = []
    size = 0
    for text in texts:
        if text:
            found.append(text)
            size += len(text) + 1
        if size > octets:
            break
    return cut("\n".join(found), octets)

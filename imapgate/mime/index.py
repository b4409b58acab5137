"""The structure of a message in one pass: every part's place in the bytes (RFC 2045, 2046).

No message is refused for its form (DESIGN rule 5): what can't be parsed is a text/plain part. At most
1,000 parts and 50 levels; beyond that a part is taken as a leaf.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass

Content = bytes | mmap.mmap


@dataclass(frozen=True, slots=True)
class Field:
    """A header field: name as written; [start, end) is the whole field with its line ends, value_start the
    octet after the colon."""

    name: bytes
    start: int
    value_start: int
    end: int


@dataclass(frozen=True, slots=True)
class Part:
    """A body part. Offsets are into the whole message: header [header_start, body_start) with the blank line,
    body [body_start, body_end). type and subtype upper case; params and disposition params as raw
    (name upper case, value) pairs, RFC 2231 not yet decoded, undone quoting only.
    lines: text and message parts (LF count of the body). children: parts of a multipart; for message/rfc822
    one child, the message itself (section = that of the part; its children count as in RFC 3501 6.4.5)."""

    section: str
    type: bytes
    subtype: bytes
    params: tuple[tuple[bytes, bytes], ...]
    content_id: bytes | None
    description: bytes | None
    encoding: bytes
    md5: bytes | None
    disposition: tuple[bytes, tuple[tuple[bytes, bytes], ...]] | None
    language: tuple[bytes, ...]
    location: bytes | None
    header_start: int
    body_start: int
    body_end: int
    lines: int
    fields: tuple[Field, ...]
    children: tuple[Part, ...]


def index(content: Content) -> Part:
    """The message as its root part: section "", header_start 0, body_end len(content)."""
    raise NotImplementedError


def field(content: Content, part: Part, name: bytes) -> bytes | None:
    """The first such header's raw value, unfolded (line ends taken out), outer blanks taken off; None if absent."""
    raise NotImplementedError

"""The structure of a message in one pass: every part's place in the bytes (RFC 2045, 2046).

No message is refused for its form (docs/rules.md 5): what can't be parsed is a text/plain part. At
most 1,000 parts and 50 levels; beyond that a part is taken as a leaf.
"""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.mime import header
from imapgate.mime.header import Content as Content
from imapgate.mime.header import Field as Field
from imapgate.mime.parameters import (
    Parameters,
    first_token,
    parameter,
    token_and_parameters,
    type_and_parameters,
)

PARTS = 1_000
LEVELS = 50
FIELDS = 20_000
"""Header fields of a whole message that are indexed."""
BOUNDARY_LENGTH = 1_000
LINES_LIKE_BOUNDARIES = 250_000
"""Lines that begin like a boundary and are looked at, in a whole message."""

_PIECE = 1024 * 1024
MESSAGES = ((b"MESSAGE", b"RFC822"), (b"MESSAGE", b"GLOBAL"))
"""Types of a part that is a message; the second may have UTF-8 in its header (RFC 6532 3.7)."""
_ENCODED = frozenset((b"BASE64", b"QUOTED-PRINTABLE"))
_US_ASCII: Parameters = ((b"CHARSET", b"us-ascii"),)


@dataclass(frozen=True, slots=True)
class Part:
    """A body part. Offsets are into the whole message: header [header_start, body_start) with the
    blank line, body [body_start, body_end). type and subtype upper case; params and disposition
    params as raw (name upper case, value) pairs, RFC 2231 not yet decoded, undone quoting only.
    lines: text and message parts (LF count of the body). children: parts of a multipart; for
    message/rfc822 and message/global one child, the message itself (section = that of the part, "1"
    for a root; its children count as in RFC 3501 6.4.5). A multipart has a child, and so have they:
    one in base64 or beyond the bounds is APPLICATION/OCTET-STREAM, a multipart without parts is
    TEXT/PLAIN."""

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
    return _Indexing(content).part("", "", 0, len(content), 1, False)


def field(
    content: Content, part: Part, name: bytes, limit: int = header.VALUE_LIMIT
) -> bytes | None:
    """The first such header's raw value, unfolded (line ends and NULs taken out), outer blanks
    taken off; of its first `limit` octets; None if absent."""
    wanted, length = name.lower(), len(name)
    for known in part.fields:
        if len(known.name) == length and known.name.lower() == wanted:
            return header.value(content, known, limit)
    return None


class _Indexing:
    """One walk through a message, with what is left of its bounds."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._parts_left = PARTS
        self._fields_left = FIELDS
        self._lines_left = LINES_LIKE_BOUNDARIES

    def part(
        self, section: str, prefix: str, start: int, end: int, level: int, in_digest: bool
    ) -> Part:
        """The part at [start, end). prefix: what its children's numbers begin with."""
        content = self._content
        self._parts_left -= 1
        most = min(header.FIELDS_PER_HEADER, self._fields_left)
        fields, body_start = header.header_fields(content, start, end, most)
        self._fields_left -= len(fields)
        described = {
            known.name.lower(): known
            for known in reversed(fields)
            if known.name[:8].lower() == b"content-"
        }

        def raw(name: bytes) -> bytes | None:
            known = described.get(name)
            return None if known is None else header.value(content, known)

        encoding = first_token(raw(b"content-transfer-encoding") or b"") or b"7BIT"
        type_, subtype, params, children = self._typed(
            raw(b"content-type"), encoding, prefix, body_start, end, level, in_digest
        )
        disposition = raw(b"content-disposition")
        return Part(
            section=section,
            type=type_,
            subtype=subtype,
            params=params,
            content_id=raw(b"content-id"),
            description=raw(b"content-description"),
            encoding=encoding,
            md5=raw(b"content-md5"),
            disposition=token_and_parameters(disposition) if disposition else None,
            language=_languages(raw(b"content-language")),
            location=raw(b"content-location"),
            header_start=start,
            body_start=body_start,
            body_end=end,
            lines=self._lines(body_start, end) if type_ in (b"TEXT", b"MESSAGE") else 0,
            fields=fields,
            children=children,
        )

    def _typed(
        self,
        value: bytes | None,
        encoding: bytes,
        prefix: str,
        start: int,
        end: int,
        level: int,
        in_digest: bool,
    ) -> tuple[bytes, bytes, Parameters, tuple[Part, ...]]:
        """Type, subtype, parameters and children of the part whose body is [start, end)."""
        found = type_and_parameters(value) if value else None
        if found is None:
            if not in_digest:
                return b"TEXT", b"PLAIN", _US_ASCII, ()
            found = (b"MESSAGE", b"RFC822", ())
        type_, subtype, params = found
        if type_ == b"MULTIPART":
            children = self._multipart(params, subtype == b"DIGEST", prefix, start, end, level)
            if children:
                return type_, subtype, params, children
            return b"TEXT", b"PLAIN", _US_ASCII, ()
        if (type_, subtype) in MESSAGES:
            if encoding in _ENCODED or level >= LEVELS or self._parts_left <= 0:
                return b"APPLICATION", b"OCTET-STREAM", params, ()
            inside = prefix or "1"
            child = self.part(inside, inside, start, end, level + 1, False)
            return type_, subtype, params, (child,)
        return type_, subtype, params, ()

    def _multipart(
        self, params: Parameters, digest: bool, prefix: str, start: int, end: int, level: int
    ) -> tuple[Part, ...]:
        boundary = (parameter(params, b"BOUNDARY") or b"").rstrip(b" \t")
        if not 0 < len(boundary) <= BOUNDARY_LENGTH or level >= LEVELS:
            return ()
        children: list[Part] = []
        begin, closed = self._delimiter(boundary, start, end)[1:]
        while begin is not None and not closed and self._parts_left > 0:
            if self._parts_left == 1:
                # The bound is reached: what is left is one part, and its octets stay readable.
                part_end, following, closed = end, None, True
            else:
                part_end, following, closed = self._delimiter(boundary, begin, end)
            section = f"{prefix}.{len(children) + 1}" if prefix else str(len(children) + 1)
            children.append(self.part(section, section, begin, part_end, level + 1, digest))
            begin = following
        return tuple(children)

    def _delimiter(self, boundary: bytes, start: int, end: int) -> tuple[int, int | None, bool]:
        """The next line `--boundary` in [start, end): where the part before it ends, where the next
        begins (None: no such line), and whether it is the closing one (RFC 2046 5.1.1)."""
        content = self._content
        mark = b"--" + boundary
        position = start
        while self._lines_left > 0:
            if position == start and content[start : start + len(mark)] == mark:
                line = start
            else:
                line = self._find(b"\n" + mark, max(start, position - 1), end) + 1
                if line == 0:
                    break
            self._lines_left -= 1
            after = line + len(mark)
            closing = content[after : after + 2] == b"--"
            if closing:
                after += 2
            line_feed = content.find(b"\n", after, min(end, after + 1_000))
            line_end = line_feed + 1 if line_feed >= 0 else min(end, after + 1_000)
            # Without a line end it counts only as the very last thing of the part.
            whole = line_feed >= 0 or line_end == end
            if whole and not content[after:line_end].strip(b" \t\r\n"):
                return self._before_line_end(start, line), line_end, closing
            position = line_end
        return end, None, False

    def _before_line_end(self, start: int, line: int) -> int:
        """A part's last line end belongs to the boundary behind it."""
        stop = line
        if stop > start and self._content[stop - 1 : stop] == b"\n":
            stop -= 1
            if stop > start and self._content[stop - 1 : stop] == b"\r":
                stop -= 1
        return stop

    def _find(self, wanted: bytes, start: int, end: int) -> int:
        """`find` in pieces, so that no single call holds the interpreter for long."""
        while start < end:
            stop = min(end, start + _PIECE)
            found = self._content.find(wanted, start, stop)
            if found >= 0 or stop == end:
                return found
            start = stop - len(wanted) + 1
        return -1

    def _lines(self, start: int, end: int) -> int:
        return sum(
            self._content[place : min(end, place + _PIECE)].count(b"\n")
            for place in range(start, end, _PIECE)
        )


def _languages(value: bytes | None) -> tuple[bytes, ...]:
    if not value:
        return ()
    tags = (first_token(piece) for piece in value[:1_000].split(b","))
    return tuple(tag for tag in tags if tag)

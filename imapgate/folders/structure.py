"""ENVELOPE, BODY and BODYSTRUCTURE as IMAP bytes (RFC 3501 7.4.2, 9)."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.mime.envelope import Address, Envelope, envelope
from imapgate.mime.index import MESSAGES, Content, Part
from imapgate.wire.responses import nstring, parenthesised

LONGEST = 1024 * 1024
"""Octets of a rendered structure; a longer one (thousands of parameters) is given without what may
be NIL, so that a batch of FETCH stays small."""

NO_ENVELOPE = b"(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"
NO_STRUCTURE = b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" 0 0)'
"""For a message of which nothing is known any more (RFC 2180 4.1.3)."""


def render_envelope(found: Envelope) -> bytes:
    """`(date subject from sender reply-to to cc bcc in-reply-to message-id)`."""
    return parenthesised(
        (
            nstring(found.date),
            nstring(found.subject),
            _addresses(found.from_),
            _addresses(found.sender),
            _addresses(found.reply_to),
            _addresses(found.to),
            _addresses(found.cc),
            _addresses(found.bcc),
            nstring(found.in_reply_to),
            nstring(found.message_id),
        )
    )


def render_body(content: Content, root: Part, extended: bool) -> bytes:
    """The structure of the message whose root part this is; extended: BODYSTRUCTURE, with md5,
    disposition, language and location."""
    rendered = _Rendering(content, extended, spare=False).part(root)
    if len(rendered) > LONGEST:
        return _Rendering(content, extended, spare=True).part(root)
    return rendered


class _Rendering:
    """spare: parameters and what else may be NIL is left out."""

    def __init__(self, content: Content, extended: bool, spare: bool) -> None:
        self._content = content
        self._extended = extended
        self._spare = spare

    def part(self, part: Part) -> bytes:
        if part.type == b"MULTIPART" and part.children:
            fields = [b"".join(map(self.part, part.children)), nstring(part.subtype)]
            if self._extended:
                fields.append(self._parameters(part.params))
                fields += self._extension(part)
            return parenthesised(fields)
        # A multipart without parts has no place in the grammar: 1*body.
        type_, subtype = (
            (b"TEXT", b"PLAIN") if part.type == b"MULTIPART" else (part.type, part.subtype)
        )
        fields = [
            nstring(type_),
            nstring(subtype),
            self._parameters(part.params),
            self._optional(part.content_id),
            self._optional(part.description),
            nstring(part.encoding),
            b"%d" % (part.body_end - part.body_start),
        ]
        if (type_, subtype) in MESSAGES and part.children:
            (message,) = part.children
            inner = (
                NO_ENVELOPE if self._spare else render_envelope(envelope(self._content, message))
            )
            fields += [inner, self.part(message), b"%d" % part.lines]
        elif type_ == b"TEXT":
            fields.append(b"%d" % part.lines)
        if self._extended:
            fields.append(self._optional(part.md5))
            fields += self._extension(part)
        return parenthesised(fields)

    def _extension(self, part: Part) -> list[bytes]:
        """Disposition, language, location."""
        if self._spare:
            return [b"NIL", b"NIL", b"NIL"]
        disposition = b"NIL"
        if part.disposition is not None:
            kind, params = part.disposition
            disposition = parenthesised((nstring(kind), self._parameters(params)))
        languages = parenthesised(map(nstring, part.language)) if part.language else b"NIL"
        return [disposition, languages, nstring(part.location)]

    def _parameters(self, params: Sequence[tuple[bytes, bytes]]) -> bytes:
        if not params or self._spare:
            return b"NIL"
        return parenthesised(nstring(text) for pair in params for text in pair)

    def _optional(self, value: bytes | None) -> bytes:
        return b"NIL" if self._spare else nstring(value)


def _addresses(addresses: tuple[Address, ...]) -> bytes:
    """A parenthesised list without blanks between the addresses, or NIL."""
    if not addresses:
        return b"NIL"
    return b"(%b)" % b"".join(
        parenthesised(map(nstring, (one.name, one.route, one.mailbox, one.host)))
        for one in addresses
    )

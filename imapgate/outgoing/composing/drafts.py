"""Mails that go out with their own bytes: drafts, which are the user's own word for word."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from imapgate.activities.names import key
from imapgate.mime import writing
from imapgate.mime.index import Content, index
from imapgate.mime.mail import Mail
from imapgate.outgoing.composing.own import is_own

_TRAVELLED = re.compile(r"^(?:received|return-path):", re.IGNORECASE | re.MULTILINE)
_PIECE = 1024 * 1024
_UNSEEN = frozenset((b"bcc", b"resent-bcc"))


def author(mail: Mail, own_addresses: Collection[str]) -> str | None:
    """The address that the mail is from, if it is the user's own word: one address, which is among
    these (keys), with a Date and a Message-ID by which answers find it, made by a mail client and
    never sent: a mail that came over the net says of itself whatever somebody wanted. None: it
    isn't."""
    if len(mail.from_) != 1 or mail.sent_at is None or mail.message_id is None:
        return None
    if is_own(mail) or _TRAVELLED.search(mail.headers):
        return None
    address = mail.from_[0].address
    if key(address) not in own_addresses or writing.usable_id(mail.message_id) is None:
        return None
    return address


def without_bcc(content: Content) -> Iterator[bytes] | None:
    """The bytes as they are but for the fields Bcc, which are nobody's business (RFC 5322 3.6.3).
    None: they would not arrive as they are: other than ASCII in the header, a NUL, a line end of
    one octet, a line that is too long."""
    root = index(content)
    if not content[: root.body_start].isascii() or _encoding(content) == "binary":
        return None
    unseen = [(one.start, one.end) for one in root.fields if one.name.lower() in _UNSEEN]
    return _without(content, unseen)


def _encoding(content: Content) -> str:
    return writing.encoding_of(_pieces(content, 0, len(content)))


def _without(content: Content, places: list[tuple[int, int]]) -> Iterator[bytes]:
    start = 0
    for first, end in places:
        yield from _pieces(content, start, first)
        start = end
    yield from _pieces(content, start, len(content))


def _pieces(content: Content, start: int, end: int) -> Iterator[bytes]:
    for place in range(start, end, _PIECE):
        yield content[place : min(end, place + _PIECE)]

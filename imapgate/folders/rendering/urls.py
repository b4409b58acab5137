"""Web addresses in texts that anybody may have written: which become links, and where they lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

LONGEST = 1_000
"""Characters of an address that becomes a link."""
_LONGEST_READ = 2 * LONGEST
"""Characters of one with what follows it: more of them are no address."""
_FOUND = re.compile(r"\bhttps?://[^\s<>\"`\\^{|}]+", re.IGNORECASE)
_BEHIND = ".,;:!?'*_~«»“”„‘’…"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_KEPT = "-._~:/?#[]@!$&'()*+,;=%"
"""What stands in an address as it is (RFC 3986 2.2, 2.3)."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Of a text. href: where it leads, ASCII; None: it is no link."""

    text: str
    href: str | None = None


def pieces(text: str) -> Iterator[Piece]:
    """The text, whole and in its order; what it shows of a link is where the link leads."""
    end = 0
    for found in _FOUND.finditer(text):
        if found.end() - found.start() > _LONGEST_READ:
            continue
        address = _without_what_follows(found[0])
        href = _href(address)
        if href is None:
            continue
        if found.start() > end:
            yield Piece(text[end : found.start()])
        yield Piece(address, href)
        end = found.start() + len(address)
    if end < len(text):
        yield Piece(text[end:])


def _without_what_follows(address: str) -> str:
    """A sentence's punctuation isn't the address's, nor is a bracket that was opened before it."""
    while address:
        last = address[-1]
        opening = _PAIRS.get(last)
        if last in _BEHIND or (opening and address.count(last) > address.count(opening)):
            address = address[:-1]
        else:
            break
    return address


def _href(address: str) -> str | None:
    """None where it is too long, names no server, has a user's name before the server's (which
    hides where it leads) or letters that aren't shown."""
    if len(address) > LONGEST or not address.isprintable():
        return None
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    if not host or "@" in parts.netloc:
        return None
    return quote(address, safe=_KEPT)

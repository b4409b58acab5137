"""What is too long for a message is cut, by octets: that is what a message has room for."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.activities.names import storable
from imapgate.mime.writing import one_line

NAME = 350
"""Octets of a name, a title or a subject, in UTF-8."""
_ELLIPSIS = "..."


@dataclass(frozen=True, slots=True)
class Cut:
    """left_out: characters that aren't there any more."""

    text: str
    left_out: int = 0


class Room:
    """What all texts of a message share."""

    def __init__(self, octets: int) -> None:
        self._left = octets

    def cut(self, text: str, most: int, beyond: int = 0) -> Cut:
        """The text without blanks at its ends, at most so many octets of it, and no more than is
        left; at the end of a line or a word where there is one near. beyond: characters that follow
        it."""
        whole = storable(text).strip("\r\n").rstrip()
        kept = _first_octets(whole, min(most, self._left))
        if beyond or len(kept) < len(whole):
            kept = _at_a_break(kept)
        self._left -= len(kept.encode())
        return Cut(kept, len(whole) - len(kept) + beyond)


def name(text: str, most: int = NAME) -> str:
    """In one line, without what isn't shown; at most so many octets."""
    kept = one_line(storable(text), most)
    if len(kept.encode()) <= most:
        return kept
    return _first_octets(kept, most - len(_ELLIPSIS)).rstrip() + _ELLIPSIS


def _first_octets(text: str, most: int) -> str:
    return text.encode()[: max(0, most)].decode("utf-8", "ignore")


def _at_a_break(text: str) -> str:
    for blank in ("\n", " "):
        end = text.rfind(blank)
        if end > len(text) * 3 // 4:
            return text[:end].rstrip()
    return text

"""The collation i;unicode-casemap (RFC 5051), which SORT and THREAD compare texts by (RFC 5256
7)."""

from __future__ import annotations

import unicodedata


def casemap(text: str) -> str:
    """Texts are equal, or follow each other, as these forms of them are and do by code points:
    each character in title case, then all of them decomposed, compatibility ones too."""
    if text.isascii():
        return text.upper()
    return unicodedata.normalize("NFKD", "".join(map(_title, text)))


def _title(character: str) -> str:
    """The simple mapping: of characters that would become several, it has none."""
    mapped = character.title()
    return mapped if len(mapped) == 1 else character

"""Names for the files that mails are written to: safe on every system, and unlike each other."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 80
"""Characters that are taken of a subject: with number and ending, at most 255 octets (UTF-8)."""
_OCTETS = 180
_UNSAFE = re.compile(r'[<>:"/\\|?*\s]+')


def named(number: int | None, subject: str, ending: str) -> str:
    """`10000001 The printer is on fire.eml`; number: the activity's, None: it has none. Something
    stands before the subject in any case, since some names are taken (`CON` on Windows)."""
    told = f"{number or 'message'} {safe(subject)}".rstrip()
    return f"{told}{ending}"


def another(name: str, n: int) -> str:
    """The name where it is taken, n times: `... (2).eml`."""
    stem, dot, ending = name.rpartition(".")
    return f"{stem} ({n}){dot}{ending}"


def key(name: str) -> str:
    """Two names with the same key may be one on some systems."""
    return unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold())


def safe(text: str) -> str:
    """Without what Windows, macOS or a shell takes amiss: signs of theirs, what isn't shown, dots
    and blanks at the ends."""
    shown = "".join(
        " " if unicodedata.category(one)[0] in "CZ" else one
        for one in unicodedata.normalize("NFC", text)
    )
    kept = " ".join(_UNSAFE.sub(" ", shown).split())[:LONGEST]
    return kept.encode()[:_OCTETS].decode("utf-8", "ignore").strip(". -")

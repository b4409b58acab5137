"""Names that people give: what may be one, and when two are the same."""

from __future__ import annotations

import unicodedata

LONGEST = 200
"""Characters of a name."""


class Mistake(Exception):
    """Something that a person asked for can't be done; the text is one plain sentence for that
    person."""


def key(name: str) -> str:
    """What makes two names the same: NFC, case folded, outer blanks off. Whatever a client or a
    terminal gives may be asked for: halves of surrogate pairs become `?`."""
    kept = unicodedata.normalize("NFC", storable(name))
    return unicodedata.normalize("NFC", kept.casefold()).strip()


def storable(text: str) -> str:
    """The text as every database takes it: NULs dropped, halves of surrogate pairs as `?`."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def checked(name: str, what: str) -> str:
    """The name as it is kept: NFC, without outer blanks. what: for the sentence (`group name`).

    Raises Mistake for what is empty, longer than LONGEST or holds control characters.
    """
    kept = unicodedata.normalize("NFC", name).strip()
    if not kept:
        raise Mistake(f"The {what} is empty.")
    if len(kept) > LONGEST:
        raise Mistake(f"The {what} is longer than {LONGEST} characters.")
    if any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in kept):
        raise Mistake(f"The {what} holds control characters.")
    return kept


def checked_email(address: str) -> str:
    """An e-mail address as it is kept. Raises Mistake for what has no `@` with something on both
    sides."""
    kept = checked(address, "e-mail address")
    local, at, domain = kept.rpartition("@")
    if not (local and at and domain) or any(one.isspace() for one in kept):
        raise Mistake(f'"{kept}" is no e-mail address.')
    return kept


def quoted(name: str) -> str:
    """A name in a sentence: in quotes, without control characters, at most 60 characters of it."""
    shown = "".join(" " if unicodedata.category(one)[0] == "C" else one for one in name)
    return f'"{shown if len(shown) <= 60 else shown[:57] + "..."}"'

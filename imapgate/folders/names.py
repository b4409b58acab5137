"""Folder names: stored form, key, patterns of LIST."""

from __future__ import annotations

SEPARATOR = "/"


def key(name: str) -> str:
    """NFC and case folded; INBOX (as first level) likewise."""
    raise NotImplementedError


def check(name: str, longest: int) -> str | None:
    """Why a name that a user made can't be a personal folder (reserved, control characters, empty level, outer
    blanks, too long), as a short clause for a person; None if it can."""
    raise NotImplementedError


def for_group(heading: str, group_name: str, taken: set[str]) -> str:
    """The folder's whole name for a group (rule 13): without `/`, control characters or outer blanks, made distinct
    from the keys in taken."""
    raise NotImplementedError


def matches(name: str, reference: str, pattern: str) -> bool:
    """LIST wildcards: `*` anything, `%` anything but the separator (RFC 3501 6.3.8); linear time."""
    raise NotImplementedError

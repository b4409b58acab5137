"""Folder names: stored form, key, patterns of LIST."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

SEPARATOR = "/"
INBOX = "INBOX"
RECOVERED = "Recovered Messages"
INCOMING = "Incoming"
FAILED = f"{INCOMING}/Failed"
ACTIVITIES = "Activities"
HEADINGS = {"tracker": "Trackers", "category": "Categories", "milestone": "Milestones"}
"""The heading of each kind of group."""
RESERVED = (*HEADINGS.values(), ACTIVITIES, INCOMING)
"""First levels that no personal folder may have (rule 13)."""
LONGEST_GROUP = 200
"""Characters of a group folder's own level."""

_UNSEEN = ("Cc", "Cs", "Zl", "Zp")
"""Unicode categories of control characters, lone surrogates and line ends."""


def key(name: str) -> str:
    """NFC and case folded; INBOX (as first level) likewise."""
    if name.isascii():  # Most are, and a LIST asks for thousands.
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def normal(name: str) -> str:
    """As it is stored: NFC, without one trailing separator, INBOX as first level in capitals."""
    kept = unicodedata.normalize("NFC", name).removesuffix(SEPARATOR)
    first, slash, rest = kept.partition(SEPARATOR)
    return INBOX + slash + rest if key(first) == _INBOX_KEY else kept


def parent(name: str) -> str | None:
    """The name one level up, None at the top."""
    above, slash, _ = name.rpartition(SEPARATOR)
    return above if slash else None


def check(name: str, longest: int) -> str | None:
    """Why a name that a user made can't be a personal folder, as a short clause for a person.

    Reserved, control characters, empty level, outer blanks, too long (longest: characters of the
    whole name); None if it can. name: as `normal` gives it.
    """
    levels = name.split(SEPARATOR)
    first = key(levels[0])
    if len(name) > longest:
        return f"the name is longer than {longest} characters"
    if not all(levels):
        return "a level of the name is empty"
    if any(unicodedata.category(one) in _UNSEEN for one in name):
        return "the name holds control characters"
    if any(level != level.strip() for level in levels):
        return "the name begins or ends with a blank"
    if first in _RESERVED_KEYS:
        return f'the name "{levels[0]}" is reserved'
    if first == RECOVERED_KEY and len(levels) > 1:
        return f"{RECOVERED} has no subfolders"
    return None


def for_group(heading: str, group_name: str, taken: set[str]) -> str:
    """The folder's whole name for a group (rule 13).

    Without `/`, control characters or outer blanks, made distinct from the keys in taken.
    """
    level = shown(group_name).strip()[:LONGEST_GROUP].strip() or "Group"
    name = f"{heading}{SEPARATOR}{level}"
    n = 1
    while key(name) in taken:
        n += 1
        name = f"{heading}{SEPARATOR}{level} ({n})"
    return name


def shown(name: str) -> str:
    """As one level of a folder's name: NFC, `/` as `-`, no control characters."""
    kept = unicodedata.normalize("NFC", name)
    if not kept.isprintable():
        kept = "".join(one for one in kept if unicodedata.category(one) not in _UNSEEN)
    return kept.replace(SEPARATOR, "-")


def order(name_key: str) -> tuple[bool, str]:
    """To sort keys as LIST tells them: INBOX and what is below it first, parents first."""
    inbox = name_key == _INBOX_KEY or name_key.startswith(_IN_INBOX)
    # The separator comes before all that a level may hold.
    return not inbox, name_key.replace(SEPARATOR, "\0")


def matches(name: str, reference: str, *patterns: str) -> bool:
    """LIST wildcards: `*` anything, `%` anything but the separator (RFC 3501 6.3.8); whether one of
    the patterns behind the reference matches.

    Case is ignored, as folders' names are found without it. All places in the patterns that can be
    reached are bits of one number, so the time grows with the name only, whatever the patterns.
    """
    wanted = _wanted(reference, patterns)
    wild = wanted.star | wanted.percent
    places = wanted.starts
    places |= (places & wild) << 1
    for one in key(name):
        staying = wanted.star if one == SEPARATOR else wild
        places = (places & staying) | (places & wanted.literal.get(one, 0)) << 1
        places |= (places & wild) << 1
        if not places:
            return False
        if places & wanted.open:
            return True
    return bool(places & wanted.ends)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Patterns' places as bits, one pattern's behind the other's: of each character, of `*`, of
    `%`, where each begins and where it has ended, and of each `*` at an end: from there on all
    matches."""

    literal: Mapping[str, int]
    star: int
    percent: int
    starts: int
    ends: int
    open: int


@lru_cache(maxsize=16)
def _wanted(reference: str, patterns: tuple[str, ...]) -> _Wanted:
    """Read once for all the folders of a LIST."""
    literal: dict[str, int] = {}
    star = percent = starts = ends = 0
    at = 0
    for pattern in patterns:
        starts |= 1 << at
        for one in _without_doubled_wildcards(key(reference + pattern)):
            if one == "*":
                star |= 1 << at
            elif one == "%":
                percent |= 1 << at
            else:
                literal[one] = literal.get(one, 0) | 1 << at
            at += 1
        ends |= 1 << at
        at += 1
    return _Wanted(literal, star, percent, starts, ends, star & ends >> 1)


def _without_doubled_wildcards(pattern: str) -> str:
    kept: list[str] = []
    for one in pattern:
        if one in "*%" and kept and kept[-1] in "*%":
            kept[-1] = "*" if "*" in (one, kept[-1]) else "%"
        else:
            kept.append(one)
    return "".join(kept)


_INBOX_KEY = key(INBOX)
_IN_INBOX = _INBOX_KEY + SEPARATOR
RECOVERED_KEY = key(RECOVERED)
INCOMING_KEY = key(INCOMING)
FAILED_KEY = key(FAILED)
ACTIVITIES_KEY = key(ACTIVITIES)
_RESERVED_KEYS = frozenset(key(name) for name in RESERVED)

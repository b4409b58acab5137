"""The grammar of a wrapper's subject: `> @<e-mail creator>  #<activity number or creator>
<subject>`.

There may be several of both. Two blanks separate the parts. Since the creators' names are known,
one is enough wherever a known name ends there; of several the longest counts. Either `@` or `#` may
be missing.

Blanks are blanks of any kind, a no-break space too. `>`, `@`, `#` and digits are those of ASCII,
not their full-width likes. Marks that nobody sees (soft hyphens, directions of writing) count
nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from imapgate.activities.names import key

LONGEST_SUBJECT = 1000
"""Characters of a subject in which names and numbers are looked for."""
MOST_NAMES = 50
"""Names and numbers of one subject."""

_START = re.compile(r"\s*>\s*(?=[@#])")
_NUMBER = re.compile(r"([0-9]+)(?:[:,;.]?(?=\s|$)|[,;](?=#))")
_MOST_DIGITS = 18
_TWO_BLANKS = re.compile(r"\s{2,}|$")
_PART_END = re.compile(r"\s{2,}|\s(?=[@#])|$")
_WORD = re.compile(r"\S+")
_UNSEEN = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


@dataclass(frozen=True, slots=True)
class Unknown:
    """What was written where a known name or a number is needed; digits alone are a number that no
    activity can have."""

    text: str

    @property
    def is_number(self) -> bool:
        return self.text.isascii() and self.text.isdigit()


@dataclass(frozen=True, slots=True)
class _Names:
    """words: of the name that has most of them; what is longer is none, and isn't looked at."""

    known: frozenset[str]
    words: int


@dataclass(frozen=True, slots=True)
class WrapperSubject:
    """creators: what stands behind `@`, known names (as keys). targets: what stands behind `#`,
    numbers and known names (as keys). Each once, in order; at most MOST_NAMES together. is_cut:
    there are more. rest: the subject that follows."""

    creators: tuple[str | Unknown, ...]
    targets: tuple[int | str | Unknown, ...]
    rest: str
    is_cut: bool = False


def begins_like_wrapper(subject: str) -> bool:
    """`>`, then `@` or `#`."""
    return _START.match(_seen(subject)) is not None


def name_key(name: str) -> str:
    """How a creator's name is known here: its key, runs of blanks being one."""
    return " ".join(key(_seen(name)).split())


def parse(subject: str, known: Iterable[str]) -> WrapperSubject | None:
    """known: the segment's creators by `name_key`. None if no name or number is behind `>`.

    What is unknown and stands behind a known one begins the subject if two blanks part them, as
    does an unknown `@` behind a `#`; else it is told, since a second name may be mistyped, too.
    """
    subject = _seen(subject)
    start = _START.match(subject)
    if start is None:
        return None
    keys = frozenset(known)
    names = _Names(keys, max((one.count(" ") + 1 for one in keys), default=0))
    creators: dict[str | Unknown, None] = {}
    targets: dict[int | str | Unknown, None] = {}
    at, apart = start.end(), False
    while (sign := subject[at : at + 1]) in ("@", "#"):
        searched = subject[at + 1 :]
        found, end = _name(searched, names) if sign == "@" else _name_or_number(searched, names)
        if found is None:
            break
        is_name = isinstance(found, Unknown) and not found.is_number
        before = creators if sign == "@" else targets
        if is_name and ((before and apart) or (sign == "@" and targets)):
            break
        if len(creators) + len(targets) == MOST_NAMES:
            return WrapperSubject(tuple(creators), tuple(targets), subject[at:].strip(), True)
        if sign == "#":
            targets[found] = None
        elif not isinstance(found, int):
            creators[found] = None
        behind = searched[end:].lstrip()
        apart = len(searched) - end - len(behind) > 1
        at = len(subject) - len(behind)
    if not creators and not targets:
        return None
    return WrapperSubject(tuple(creators), tuple(targets), subject[at:].strip())


def _seen(text: str) -> str:
    return _UNSEEN.sub("", text)


def _name_or_number(text: str, names: _Names) -> tuple[int | str | Unknown | None, int]:
    name, end = _name(text, names)
    number = _NUMBER.match(text)
    if number is None:
        return name, end
    can_be = number[1][0] != "0" and len(number[1]) <= _MOST_DIGITS
    # A creator may be called "2024 Bugs": the longer of the two is what is meant.
    if isinstance(name, str) and (end > number.end() or not can_be):
        return name, end
    return int(number[1]) if can_be else Unknown(number[1]), number.end()


def _name(text: str, names: _Names) -> tuple[str | Unknown | None, int]:
    """(name, where it ends); the name is None where nothing is written."""
    if not text or text[0].isspace():
        return None, 0
    searched = text[:LONGEST_SUBJECT]
    part = _TWO_BLANKS.search(searched)
    part_end = len(searched) if part is None else part.start()
    within: tuple[str, int] | None = None
    # A name with two blanks in it, or one that the header's folding tore apart, is found only
    # behind the part.
    beyond: tuple[str, int] | None = None
    written: list[str] = []
    for word in islice(_WORD.finditer(searched), names.words):
        written.append(name_key(word[0]))
        found = " ".join(written)
        if found in names.known and word.end() <= part_end:
            within = (found, word.end())
        elif found in names.known:
            beyond = (found, word.end())
    known = within or beyond
    if known is not None:
        return known
    stop = _PART_END.search(searched)
    end = len(searched) if stop is None else stop.start()
    return Unknown(text[:end]), end

"""The grammar of a wrapper's subject: `> @<e-mail creator>  #<activity number or creator>
<subject>`.

Two blanks separate the parts. Since the creators' names are known, one is enough wherever a known
name ends there; of several the longest counts. Either `@` or `#` may be missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from imapgate.activities.names import key

LONGEST_SUBJECT = 1000
"""Characters of a subject in which names and numbers are looked for."""

_START = re.compile(r"\s*>\s*(?=[@#])")
_NUMBER = re.compile(r"([0-9]+)[:,;.]?(?=\s|$)")
_MOST_DIGITS = 18
_PART_END = re.compile(r"\s{2,}|\s(?=#)|$")


@dataclass(frozen=True, slots=True)
class Unknown:
    """What was written where a known name or a number is needed; digits alone are a number that no
    activity can have."""

    text: str


@dataclass(frozen=True, slots=True)
class WrapperSubject:
    """creator: a known name (as key), None if there is no `@`. target: a number or a known name (as
    key), None if there is no `#`. rest: the subject that follows."""

    creator: str | Unknown | None
    target: int | str | Unknown | None
    rest: str


def begins_like_wrapper(subject: str) -> bool:
    """`>`, then `@` or `#`."""
    return _START.match(subject) is not None


def name_key(name: str) -> str:
    """How a creator's name is known here: its key, runs of blanks being one."""
    return " ".join(key(name).split())


def parse(subject: str, known: Iterable[str]) -> WrapperSubject | None:
    """known: the segment's creators by `name_key`. None if no name or number is behind `>`."""
    start = _START.match(subject)
    if start is None:
        return None
    names = frozenset(known)
    rest = subject[start.end() :]
    creator: str | Unknown | None = None
    if rest.startswith("@"):
        creator, rest = _name(rest[1:], names)
        if creator is None:
            return None
    target: int | str | Unknown | None = None
    if rest.startswith("#"):
        target, behind = _name_or_number(rest[1:], names)
        if target is not None:
            rest = behind
    if creator is None and target is None:
        return None
    return WrapperSubject(creator, target, rest.strip())


def _name_or_number(text: str, names: frozenset[str]) -> tuple[int | str | Unknown | None, str]:
    name, behind = _name(text, names)
    number = _NUMBER.match(text)
    if number is None:
        return name, behind
    can_be = number[1][0] != "0" and len(number[1]) <= _MOST_DIGITS
    # A creator may be called "2024 Bugs": the longer of the two is what is meant.
    longer = len(text) - len(behind) > number.end() + 1
    if isinstance(name, str) and (longer or not can_be):
        return name, behind
    return int(number[1]) if can_be else Unknown(number[1]), text[number.end() :].lstrip()


def _name(text: str, names: frozenset[str]) -> tuple[str | Unknown | None, str]:
    """(name, what follows it); the name is None where nothing is written."""
    if not text or text[0].isspace():
        return None, text
    searched = text[:LONGEST_SUBJECT]
    part = _PART_END.search(searched)
    part_end = part.start() if part is not None else len(searched)
    ends = [one.start() for one in re.finditer(r"\s+|$", searched)]
    within = [end for end in ends if end <= part_end]
    # A name with two blanks in it, or one that the header's folding tore apart, is found only
    # behind the part.
    beyond = [end for end in ends if end > part_end]
    for end in (*reversed(within), *reversed(beyond)):
        if name_key(searched[:end]) in names:
            return name_key(searched[:end]), text[end:].lstrip()
    return Unknown(text[:part_end]), text[part_end:].lstrip()

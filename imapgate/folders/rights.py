"""Who may do what in a folder, as RFC 4314 letters in canonical order (rule 14)."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from imapgate.activities.people import Role

PERSONAL = "lrswipkxte"
FILLED = "lrswte"
"""Of Recovered Messages and Incoming/Failed: the owner reads, flags and expunges there; only
imapgate puts messages in."""
HEADING = "lr"

_BY_ROLE = {
    Role.VIEWER: "lrs",
    Role.CONTRIBUTOR: "lrswite",
    Role.MANAGER: "lrswitea",
}


def in_group(role: Role, takes_mail: bool) -> str:
    """takes_mail: the group has an e-mail creator; without one nobody may insert."""
    letters = _BY_ROLE[role]
    return letters if takes_mail else letters.replace("i", "")


def in_activity(role: Role, takes_mail: bool) -> str:
    """In the folder of an activity of that group, which nobody administers."""
    return in_group(role, takes_mail).replace("a", "")


def tied(takes_mail: bool) -> tuple[str, ...]:
    """What can be given in a group, each string whole or not at all (RFC 4314 3.7): what a viewer
    has, what a contributor has beside it, what a manager has beside that."""
    sets = [in_group(role, takes_mail) for role in (Role.VIEWER, Role.CONTRIBUTOR, Role.MANAGER)]
    before = ("", *sets)
    return tuple(
        "".join(letter for letter in letters if letter not in below)
        for letters, below in zip(sets, before, strict=False)
    )


def role(letters: frozenset[str]) -> Role | None:
    """The role with exactly these rights; `i` is the group's matter, so it doesn't count."""
    for role, its in _BY_ROLE.items():
        if letters - {"i"} == set(its) - {"i"}:
            return role
    return None


class How(enum.Enum):
    SET = ""
    ADD = "+"
    REMOVE = "-"


@dataclass(frozen=True, slots=True)
class Change:
    """What SETACL asks. letters: of RFC 4314 2.1, `c` and `d` among them perhaps."""

    how: How
    letters: str

    def applied(self, before: str) -> frozenset[str]:
        """To the rights that somebody has; `c` and `d` count as what they stand for (2.1.1)."""
        named = frozenset("".join(_VIRTUAL.get(letter, letter) for letter in self.letters))
        match self.how:
            case How.SET:
                return named
            case How.ADD:
                return named | frozenset(before)
            case How.REMOVE:
                return frozenset(before) - named


_VIRTUAL = {"c": "kx", "d": "te"}
"""RFC 2086's rights that RFC 4314 split."""

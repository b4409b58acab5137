"""Who may do what in a folder, as RFC 4314 letters in canonical order (rule 14)."""

from __future__ import annotations

from imapgate.activities.people import Role

PERSONAL = "lrswipkxte"
RECOVERED = "lrswte"
"""Its owner reads, flags and expunges there; only imapgate puts messages in (rule 3)."""
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

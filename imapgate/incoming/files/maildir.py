"""What a Maildir's file names tell (https://cr.yp.to/proto/maildir.html)."""

from __future__ import annotations

import re

FOLDERS = ("new", "cur")
"""Where its messages stand; what is in tmp isn't whole yet."""
LETTERS = "DFPRST"
"""draft, flagged, passed on, replied, seen, trashed."""

# Where a name may hold no colon, programs write another sign instead.
_FLAGS = re.compile(r"[:;!-]2,([A-Za-z]*)$")


def flags(name: str) -> str:
    """The letters of a message's file name that are known, in order, each once."""
    found = _FLAGS.search(name)
    return "" if found is None else "".join(one for one in LETTERS if one in found[1])


def unique(name: str) -> str:
    """What stays of a message's file name when its flags change."""
    return _FLAGS.sub("", name)


def is_maildir(names: set[str]) -> bool:
    """names: of the directories in a directory."""
    return set(FOLDERS) <= names

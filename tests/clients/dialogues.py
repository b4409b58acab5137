"""What a dialogue (`imapgate trace`) tells of the mails that were carried."""

from __future__ import annotations

import re
from collections import Counter

_UP = re.compile(r" (S\d+) C: (\S+) (?:UID )?(APPEND|COPY|MOVE)\b", re.IGNORECASE)
_DOWN = re.compile(r" S: \* \d+ FETCH \(.*\b(?:BODY\[(?:\d+|TEXT)?\](?:<\d+>)?|RFC822(?:\.TEXT)?) ")


def transferred(dialogue: str) -> dict[str, int]:
    """How many APPEND, COPY and MOVE a client sent, and how many bodies it got (FETCH)."""
    # An upload stands there twice: as announced, and whole.
    up = {(found[1], found[2], found[3].upper()) for found in _UP.finditer(dialogue)}
    counted = Counter(command for _, _, command in up)
    down = len(_DOWN.findall(dialogue))
    return dict(counted) | ({"FETCH": down} if down else {})

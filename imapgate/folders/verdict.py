"""What an operation on folders came to: an ordinary value, not an exception (DESIGN step 3)."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Outcome(enum.Enum):
    DONE = "done"
    REFUSED = "refused"
    """It will never work: the text tells why."""
    LATER = "later"
    """Try again later."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """text: one or two short sentences, ASCII, under 200 characters (rule 2). code: the response code with its
    arguments (`CANNOT`, `NOPERM`, `TRYCREATE`, ...), without brackets. For drops that were done, uidvalidity of the
    target and pairs of UIDs in the order of the command (source_uids empty for APPEND).
    removed: UIDs that left the source (MOVE). modseq: the source folder's after it, 0 if untouched."""

    outcome: Outcome
    text: str
    code: str | None = None
    uidvalidity: int = 0
    source_uids: tuple[int, ...] = ()
    uids: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()

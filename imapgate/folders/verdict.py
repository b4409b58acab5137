"""What an operation on folders came to: an ordinary value, not an exception."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from imapgate.folders.folder import Folder

LONGEST_TEXT = 199
"""Characters of a verdict's text (rule 2)."""


class Outcome(enum.Enum):
    DONE = "done"
    REFUSED = "refused"
    """It will never work: the text tells why."""
    LATER = "later"
    """Try again later."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """text: one or two short sentences, ASCII, under 200 characters (rule 2).

    code: the response code with its arguments (`CANNOT`, `NOPERM`, `TRYCREATE`, ...), without
    brackets. For drops that were done, uidvalidity of the target and pairs of UIDs in the order of
    the command (source_uids empty for APPEND). removed: UIDs that left the source (MOVE). modseq:
    the source folder's after it, 0 if untouched. folder: where drops that were done went.
    """

    outcome: Outcome
    text: str
    code: str | None = None
    uidvalidity: int = 0
    source_uids: tuple[int, ...] = ()
    uids: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    modseq: int = 0
    folder: Folder | None = None


def plain(cause: str, rest: str = "") -> str:
    """cause + rest as a verdict's text: other than printable ASCII becomes `?`, and cause is cut
    (with `...`) so that the whole stays under 200 characters. rest: at most 150 characters."""
    start, end = _ascii(cause), _ascii(rest)
    room = LONGEST_TEXT - len(end)
    if len(start) > room:
        start = start[: room - 3] + "..."
    return start + end


def done(text: str = "Done.") -> Verdict:
    return Verdict(Outcome.DONE, plain(text))


def refused(code: str, text: str) -> Verdict:
    return Verdict(Outcome.REFUSED, plain(text), code)


def _ascii(text: str) -> str:
    return "".join(one if " " <= one <= "~" else "?" for one in text)

"""Answers, and the one place by which text gets into them."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_TEXT = 400
"""Characters: a line has at most 512 octets (RFC 5321 4.5.3.1.5)."""
_UNPRINTABLE = re.compile(r"[^ -~]")
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Reply:
    """status: the enhanced code (RFC 3463), empty where none stands (RFC 2034 3: a greeting,
    EHLO, 354, challenges). more: further lines. ends: the connection is closed behind it."""

    code: int
    status: str
    text: str
    more: tuple[str, ...] = ()
    ends: bool = False

    @property
    def is_good(self) -> bool:
        return self.code < 400

    def octets(self) -> bytes:
        """As it is sent: nothing of a text makes another line."""
        before = f"{self.status} " if self.status else ""
        lines = [f"{before}{_line(one)}" for one in (self.text, *self.more)]
        written = [f"{self.code}-{one}\r\n" for one in lines[:-1]]
        return "".join([*written, f"{self.code} {lines[-1]}\r\n"]).encode("ascii")


def _line(text: str) -> str:
    line = _UNPRINTABLE.sub("?", _BLANKS.sub(" ", text)).strip()
    return line if len(line) <= LONGEST_TEXT else f"{line[: LONGEST_TEXT - 3]}..."

"""Reads the messages of an mbox, one after another, however large it is (RFC 4155 and the dialects
before it, see mbox_lines)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from imapgate.incoming.files import mbox_lines
from imapgate.incoming.files.found import BLOCK, Finding, Found, Unreadable, held, too_large
from imapgate.incoming.files.mbox_lines import FromLine

LONGEST_LINE = 2_000
"""Octets of a `From ` line."""
HEADER = 64 * 1024
"""Octets in which a Content-Length is looked for."""
_BLOCK = 1024 * 1024
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,12})[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)
_END_OF_HEADER = re.compile(rb"\n\r?\n")


@dataclass(frozen=True, slots=True)
class _Separator:
    """A `From ` line at octets [start, end) with its line end."""

    start: int
    end: int
    line: FromLine


def looks_like_mbox(first: bytes) -> bool:
    """first: a file's first octets. A text that begins with From tells no date."""
    line = mbox_lines.parse(first.lstrip(b"\r\n").partition(b"\n")[0])
    return line is not None and line.dated


def read(stream: BinaryIO, name: str, most: int) -> Iterator[Finding]:
    """Its messages in order; those with more than most octets are passed over unread. A message's
    octets are those that were put into the mbox: the blank line before the next `From ` line and
    the marks are taken off. stream: to be read from its beginning, seekable. Raises OSError."""
    octets = _Octets(stream)
    mbox = _Mbox(octets, name, most)
    if mbox.first is None:
        yield Unreadable(name, "is no mbox: it doesn't begin with a From line")
        return
    yield from mbox.messages(mbox.first)


class _Mbox:
    def __init__(self, octets: _Octets, name: str, most: int) -> None:
        self._octets = octets
        self._name = name
        self._most = most
        blank = len(head := octets.read(0, 16)) - len(head.lstrip(b"\r\n"))
        self.first = self._separator(blank)
        self._dated = self.first is not None and self.first.line.dated

    def messages(self, here: _Separator | None) -> Iterator[Finding]:
        number = 0
        while here is not None:
            number += 1
            end, following, exact = self._end(here)
            passed = end if following is None else following.start
            place = f"{self._name}, message {number}"
            start = here.end
            if not exact:
                end = self._without_blank_line(here, end)
            if end <= start:
                yield Unreadable(place, "is empty", passed)
            # The marks make it longer than it is by a sixth at most (`From ` in every line).
            elif end - start > self._most + self._most // 5:
                yield Unreadable(place, too_large(self._most), passed)
            else:
                raw = self._octets.parts(start, end)
                content = held(raw if exact else mbox_lines.unquoted(raw))
                if len(content) > self._most:
                    yield Unreadable(place, too_large(self._most), passed)
                else:
                    line = here.line
                    yield Found(place, content, line.at, line.zone, passed=passed)
            here = following

    def _end(self, here: _Separator) -> tuple[int, _Separator | None, bool]:
        """Where its octets end (with the blank line), what follows, and whether a Content-Length
        told so: then there are neither marks nor a blank line."""
        if not here.line.ours:
            told = self._told_end(here.end)
            if told is not None:
                return told
        at = max(here.end - 1, 0)
        while True:
            line_feed = self._octets.find(b"\nFrom ", at)
            if line_feed < 0:
                return self._octets.size, None, False
            found = self._separator(line_feed + 1)
            if found is not None and self._parts_messages(found, here):
                return found.start, found, False
            at = line_feed + 1

    def _told_end(self, start: int) -> tuple[int, _Separator | None, bool] | None:
        """A Content-Length counts only if a message or the end of the file follows."""
        head = self._octets.read(start, start + HEADER)
        ends = _END_OF_HEADER.search(head)
        length = None if ends is None else _LENGTH.search(head, 0, ends.start() + 1)
        if ends is None or length is None:
            return None
        end = start + ends.end() + int(length[1])
        behind = self._octets.read(end, end + 2)
        if end > self._octets.size:
            return None
        for blank in (b"", b"\n", b"\r\n"):
            if not behind.startswith(blank):
                continue
            after = end + len(blank)
            if after == self._octets.size:
                return end, None, True
            found = self._separator(after)
            if found is not None and (found.line.dated or not self._dated):
                return end, found, True
        return None

    def _separator(self, start: int) -> _Separator | None:
        """The `From ` line that begins there."""
        line = self._octets.read(start, start + LONGEST_LINE)
        line_feed = line.find(b"\n")
        if line_feed >= 0:
            line = line[: line_feed + 1]
        elif len(line) == LONGEST_LINE:
            return None
        parsed = mbox_lines.parse(line)
        return None if parsed is None else _Separator(start, start + len(line), parsed)

    def _parts_messages(self, found: _Separator, here: _Separator) -> bool:
        """A `From ` line of an mbox whose lines have dates has a date; without dates there is a
        blank line before it."""
        if found.line.dated:
            return True
        if self._dated or here.line.ours:
            return False
        before = self._octets.read(max(here.end - 1, found.start - 3), found.start)
        return before.endswith((b"\n\n", b"\n\r\n"))

    def _without_blank_line(self, here: _Separator, end: int) -> int:
        """Where the message ends: what was put behind it to part it from the next isn't its own."""
        start = here.end
        tail = self._octets.read(max(start, end - 3), end)
        if here.line.ours:
            for is_there in (True, not here.line.ends_with_line):
                if is_there and tail.endswith(b"\n"):
                    tail, end = tail[:-1], end - 1
            return end
        behind_line_end = b"\n" + tail if end - start <= 2 else tail
        if behind_line_end.endswith(b"\n\r\n"):
            return end - 2
        return end - 1 if behind_line_end.endswith(b"\n\n") else end


class _Octets:
    """A file's octets by their places; never more than a block and a part are held."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._start = 0
        self._block = b""
        self.size = stream.seek(0, 2)

    def read(self, start: int, end: int) -> bytes:
        """Octets [start, end), cut at the file's end."""
        if start >= end:
            return b""
        inside = start - self._start
        if inside < 0 or end > self._start + len(self._block):
            if end - start > _BLOCK:
                self._stream.seek(start)
                return self._stream.read(end - start)
            self._stream.seek(start)
            self._start, self._block, inside = start, self._stream.read(_BLOCK), 0
        return self._block[inside : inside + end - start]

    def parts(self, start: int, end: int) -> Iterator[bytes]:
        for at in range(start, end, BLOCK):
            yield self.read(at, min(at + BLOCK, end))

    def find(self, what: bytes, start: int) -> int:
        """The first place from there on; -1: none."""
        while True:
            if not self._start <= start < self._start + len(self._block) - len(what):
                self.read(start, min(start + _BLOCK, max(self.size, start + 1)))
            at = self._block.find(what, start - self._start)
            if at >= 0:
                return self._start + at
            behind = self._start + len(self._block)
            if behind >= self.size or not self._block:
                return -1
            start = max(behind - len(what) + 1, start + 1)

"""Other programs' mboxes are read as they meant them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from reading_files import in_mbox

from imapgate.incoming.files import mbox, mbox_lines
from imapgate.incoming.files.found import Found

DATED = b"From ann@example.org Sat Jan  3 01:05:34 2024\n"
TWO = [b"Subject: one\n\nText\n", b"Subject: two\n\nText\n"]


def test_mboxo_and_mboxrd() -> None:
    """A mark before From is taken off, as both put it; a blank line parts the messages."""
    raw = DATED + b"A: b\n\n>From me\n>>From you\n\n" + DATED + b"A: c\n\nlast\n"
    assert in_mbox(raw) == [b"A: b\n\nFrom me\n>From you\n", b"A: c\n\nlast\n"]


def test_lines_with_crlf_stay_what_they_are() -> None:
    """A whole file with CRLF, and one whose From lines alone have LF."""
    crlf = [one.replace(b"\n", b"\r\n") for one in TWO]
    line = DATED.replace(b"\n", b"\r\n")
    assert in_mbox(b"".join(line + one + b"\r\n" for one in crlf)) == crlf
    assert in_mbox(b"".join(DATED + one + b"\r\n" for one in crlf)) == crlf
    assert in_mbox(b"".join(DATED + one + b"\n" for one in crlf)) == crlf


def test_without_blank_lines_between_messages() -> None:
    """Some programs write none."""
    assert in_mbox(b"".join(DATED + one for one in TWO)) == TWO
    assert in_mbox(b"\n\r\n" + DATED + TWO[0]) == TWO[:1], "blank lines at the beginning"


def test_mboxcl2_says_where_a_message_ends() -> None:
    """Content-Length, and no marks: lines that begin with From are the message's own."""
    body = b"From nobody Sat Jan  3 01:05:34 2024\n>From here\n"
    first = b"Content-Length: %d\n\n%s" % (len(body), body)
    for blank in (b"\n", b""):
        raw = DATED + first + blank + DATED + TWO[1] + b"\n"
        assert in_mbox(raw) == [first, TWO[1]]
    crlf = first.replace(b"\n\n", b"\r\n\r\n", 1)
    assert in_mbox(DATED + crlf + b"\r\n" + DATED + TWO[1]) == [crlf, TWO[1]]
    assert in_mbox(DATED + first) == [first]


@pytest.mark.parametrize("length", [0, 3, 7, 100, 10**11])
def test_a_wrong_content_length_counts_for_nothing(length: int) -> None:
    first = b"Content-Length: %d\n\nText of it\n" % length
    assert in_mbox(DATED + first + b"\n" + DATED + TWO[1]) == [first, TWO[1]]


def test_a_from_line_without_a_date_is_text_where_the_others_have_one() -> None:
    first = b"A: b\n\nText\n\nFrom then on it was fine\n"
    assert in_mbox(DATED + first + b"\n" + DATED + TWO[1]) == [first, TWO[1]]
    undated = b"From ann@example.org\n"
    raw = undated + b"A: b\n\nText\nFrom then on\n\n" + undated + TWO[1]
    assert in_mbox(raw) == [b"A: b\n\nText\nFrom then on\n", TWO[1]]


@pytest.mark.parametrize(
    ("line", "at", "zone"),
    [
        (b"From - Sat Jan 06 10:00:00 2024\r\n", 1704535200, 0),
        (b"From 1787@xxx Sat Jan 06 10:00:00 +0100 2024\n", 1704531600, 60),
        (b"From ann@example.org Sat Jan  6 10:00:00 2024 -0530\n", 1704555000, -330),
        (b"From ann at example.org  Sat Jan  6 10:00 2024\n", 1704535200, 0),
        (b"From a@b Sat Jan  6 10:00:00 CET 2024 remote from c\n", 1704535200, 0),
        (b"From ???@??? Sat Jan 06 10:00:60 2024\n", 1704535259, 0),
        (b"From a@b Sat Feb 31 10:00:00 2024\n", None, 0),
        (b"From a@b Sat Jan  6 10:00:00 +9999 2024\n", None, 0),
    ],
)
def test_dates_of_from_lines(line: bytes, at: int | None, zone: int) -> None:
    """Of Thunderbird, Google, mailing lists, UUCP, Eudora."""
    found = mbox_lines.parse(line)
    assert found is not None
    assert found.dated
    assert (found.at, found.zone) == (at, zone)


def test_what_is_no_message_is_told_and_the_rest_goes_on() -> None:
    raw = DATED + b"\n" + DATED + b"A: b\n\n" + b"x" * 200 + b"\n\n" + DATED + TWO[1]
    assert in_mbox(raw, 100) == ["is empty", "is larger than 100 octets", TWO[1]]
    assert in_mbox(b"Subject: a mail\n\n") == ["is no mbox: it doesn't begin with a From line"]
    assert in_mbox(b"From " + b"x" * 5000) == ["is no mbox: it doesn't begin with a From line"]


def test_marks_don_t_count_for_the_size() -> None:
    content = b"A: b\n\n" + b"From \n" * 100
    raw = DATED + b"".join(mbox_lines.quoted([content])) + b"\n"
    assert in_mbox(raw, len(content)) == [content]
    assert in_mbox(raw, len(content) - 1) == [f"is larger than {len(content) - 1} octets"]


class Endless(BytesIO):
    """A file of which hardly anything is there: mails at both ends, and nothing but NULs between.
    most: octets that were read at a time."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.most = 0
        self._at = 0
        self._parts = {0: DATED + TWO[0] + b"\n" + DATED, size - 200: b"\n" + DATED + TWO[1]}

    def seek(self, at: int, whence: int = 0) -> int:
        self._at = at + (self.size if whence == 2 else 0)
        return self._at

    def read(self, octets: int | None = -1) -> bytes:
        assert octets is not None
        octets = min(octets, self.size - self._at)
        self.most = max(self.most, octets)
        here = bytearray(octets)
        for start, part in self._parts.items():
            for n, one in enumerate(part):
                if 0 <= start + n - self._at < octets:
                    here[start + n - self._at] = one
        self._at += octets
        return bytes(here)


def test_a_large_one_is_read_in_pieces() -> None:
    """However much stands between two From lines, and however large a message would be."""
    file = Endless(300 * 1024**2)
    found = list(mbox.read(file, "box", 1000))
    assert [type(one) for one in found[:2]] == [Found, type(found[1])]
    assert not isinstance(found[1], Found)
    assert found[1].text == "is larger than 1000 octets"
    assert isinstance(found[2], Found)
    assert found[2].content[:].rstrip(b"\0") == TWO[1]
    assert file.most <= 1024 * 1024


@pytest.fixture
def sparse(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.write(DATED + TWO[0] + b"\n" + DATED)
        file.seek(20 * 1024**2, os.SEEK_CUR)
        file.write(b"\n" + DATED + TWO[1])
    yield path
    path.unlink()


def test_a_message_above_a_mebibyte_is_no_bytes_in_memory(sparse: Path) -> None:
    with sparse.open("rb") as stream:
        found = list(mbox.read(stream, "box", 30 * 1024**2))
    assert [len(one.content) for one in found if isinstance(one, Found)] == [
        *(len(TWO[0]), 20 * 1024**2 + 1, len(TWO[1])),
    ]
    assert isinstance(found[1], Found)
    assert not isinstance(found[1].content, bytes)
    assert [one.passed for one in found][-1] == sparse.stat().st_size

"""When two messages are the same mail (rule 7)."""

from __future__ import annotations

import hashlib
import re
from collections import Counter

from imapgate.mime.index import Content
from imapgate.mime.mail import Mail, Mailbox

_HEADER_SEARCHED = 1024 * 1024
"""Octets of the top header in which clients' own lines are looked for; they stand at its
beginning."""
_PIECE = 64 * 1024

# Thunderbird's local folders, mbsync and OfflineIMAP leave these behind, with their folded lines.
_CLIENTS_OWN = re.compile(
    rb"^(?:X-Mozilla-[!-9;-~]*|X-TUID|X-OfflineIMAP)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*\n?",
    re.IGNORECASE | re.MULTILINE,
)


def identity(content: Content, body_start: int) -> bytes:
    """SHA-256 over the bytes without `X-Mozilla-*`, `X-TUID` and `X-OfflineIMAP` lines (with their
    continuations) of the top header [0, body_start) and without final line ends. Works in pieces on
    a memory map."""
    kept: list[tuple[int, int]] = []
    start = 0
    header_end = min(body_start, len(content), _HEADER_SEARCHED)
    for line in _CLIENTS_OWN.finditer(content, 0, header_end):
        kept.append((start, line.start()))
        start = line.end()
    kept.append((start, len(content)))
    while kept:
        start, end = kept.pop()
        end = _without_final_line_ends(content, start, end)
        if end > start:
            kept.append((start, end))
            break
    digest = hashlib.sha256()
    with memoryview(content) as view:
        for start, end in kept:
            with view[start:end] as octets:
                digest.update(octets)
    return digest.digest()


def agree(one: Mail, other: Mail) -> bool:
    """Same Message-ID, other bytes: whether From, Date, text and attachments agree all the same.
    Blanks and line ends in the text don't count, nor do lines that begin with `From ` (mbox stores
    lose them)."""
    return (
        _addresses(one.from_) == _addresses(other.from_)
        and (one.sent_at, one.sent_on) == (other.sent_at, other.sent_on)
        and len(one.messages) == len(other.messages)
        and _attachments(one) == _attachments(other)
        and _words(one.text) == _words(other.text)
    )


def _without_final_line_ends(content: Content, start: int, end: int) -> int:
    while end > start:
        piece = max(start, end - _PIECE)
        kept = len(content[piece:end].rstrip(b"\r\n"))
        if kept:
            return piece + kept
        end = piece
    return start


def _addresses(boxes: tuple[Mailbox, ...]) -> frozenset[str]:
    return frozenset(box.address.casefold() for box in boxes)


def _attachments(mail: Mail) -> Counter[tuple[str, str, int]]:
    return Counter((item.name, item.content_type, item.size) for item in mail.attachments)


def _words(text: str) -> list[str]:
    lines = [line for line in text.splitlines() if not line.startswith(("From ", ">From "))]
    return " ".join(lines).split()

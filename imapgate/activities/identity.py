"""When two messages are the same mail (rule 7)."""

from __future__ import annotations

from imapgate.mime.index import Content
from imapgate.mime.mail import Mail


def identity(content: Content, body_start: int) -> bytes:
    """SHA-256 over the bytes without `X-Mozilla-*`, `X-TUID` and `X-OfflineIMAP` lines (with their continuations)
    of the top header [0, body_start) and without final line ends. Works in pieces on a memory map."""
    raise NotImplementedError


def agree(one: Mail, other: Mail) -> bool:
    """Same Message-ID, other bytes: whether From, Date, text and attachments agree all the same."""
    raise NotImplementedError

"""Modified UTF-7 of mailbox names (RFC 3501 5.1.3)."""

from __future__ import annotations


def encode(name: str) -> bytes:
    raise NotImplementedError


def decode(name: bytes) -> str:
    """Raises ValueError for what is no modified UTF-7; raw UTF-8 is taken as it is (clients send it)."""
    raise NotImplementedError

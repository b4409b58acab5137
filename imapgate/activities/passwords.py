"""Password hashes: Argon2id with the parameters of RFC 9106's second recommendation."""

from __future__ import annotations

import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from imapgate.activities.names import Mistake

LONGEST = 1000
"""Characters of a password."""


@cache
def _hasher() -> PasswordHasher:
    """64 MiB, three passes, four lanes: above OWASP's least, and four at a time fit anywhere."""
    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody's password")


def hashed(password: str) -> str:
    """The hash to be stored; takes tens of milliseconds, so call it outside of a transaction.

    Raises Mistake for an empty or overlong password, and for one with control characters, which
    clients can't send.
    """
    kept = _prepared(password)
    if not kept:
        raise Mistake("The password is empty.")
    if len(kept) > LONGEST:
        raise Mistake(f"The password is longer than {LONGEST} characters.")
    if any(unicodedata.category(one) in ("Cc", "Cs") for one in kept):
        raise Mistake("The password holds control characters, or isn't UTF-8.")
    return _hasher().hash(kept)


def rehashed(password: str) -> str:
    """A new hash of a password that an older one let in."""
    return _hasher().hash(_prepared(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. None (nobody has that login) and a hash that is damaged take
    the same time and are False."""
    tried = _prepared(password)[: LONGEST + 1]
    try:
        return _verified(password_hash or _nobodys_hash(), tried) and bool(password_hash)
    except InvalidHashError:
        _verified(_nobodys_hash(), tried)
        return False


def is_outdated(password_hash: str) -> bool:
    """Made with other parameters than today's."""
    return _hasher().check_needs_rehash(password_hash)


def _verified(password_hash: str, password: str) -> bool:
    try:
        return _hasher().verify(password_hash, password)
    except VerificationError:
        return False


def _prepared(password: str) -> str:
    """OpaqueString (RFC 8265 4.2.2): what looks the same on two keyboards is the same password.
    Case and outer blanks count."""
    blanks = "".join(" " if unicodedata.category(one) == "Zs" else one for one in password)
    return unicodedata.normalize("NFC", blanks)

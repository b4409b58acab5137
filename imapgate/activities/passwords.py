"""Password hashes: Argon2id with the parameters of RFC 9106's second recommendation."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from imapgate.activities.names import Mistake

LONGEST = 1000
"""Characters of a password."""


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody's password")


def hashed(password: str) -> str:
    """The hash to be stored; takes tens of milliseconds, so call it outside of a transaction.

    Raises Mistake for an empty or overlong password.
    """
    if not password:
        raise Mistake("The password is empty.")
    if len(password) > LONGEST:
        raise Mistake(f"The password is longer than {LONGEST} characters.")
    return _hasher().hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether this is the password. None (nobody has that login) takes the same time and is
    False."""
    try:
        _hasher().verify(password_hash or _nobodys_hash(), password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None

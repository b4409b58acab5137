"""Commands before sign-in (RFC 3501 6.2, SASL-IR RFC 4959)."""

from __future__ import annotations

from dataclasses import dataclass

from imapgate.wire.commands.command import Command


@dataclass(frozen=True, slots=True)
class StartTls(Command):
    pass


@dataclass(frozen=True, slots=True)
class Authenticate(Command):
    """initial: decoded initial response (SASL-IR, RFC 4959), None if there was none."""

    mechanism: bytes
    initial: bytes | None


@dataclass(frozen=True, slots=True)
class Login(Command):
    user: bytes
    password: bytes

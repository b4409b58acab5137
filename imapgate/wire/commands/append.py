"""APPEND (RFC 3501 6.3.11, MULTIAPPEND RFC 3502)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from imapgate.wire.commands.command import Command, Content


@dataclass(frozen=True, slots=True)
class AppendMessage:
    """flags: as written, system flags with their backslash. date: None if absent, or
    no moment that there is."""

    flags: tuple[bytes, ...]
    date: datetime.datetime | None
    content: Content


@dataclass(frozen=True, slots=True)
class Append(Command):
    """One message, or several (MULTIAPPEND, RFC 3502)."""

    name: str
    messages: tuple[AppendMessage, ...]

"""APPEND (RFC 3501 6.3.11, MULTIAPPEND RFC 3502), REPLACE (RFC 8508)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from imapgate.wire.commands.command import Command, Content
from imapgate.wire.numbers import NumberSet


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


@dataclass(frozen=True, slots=True)
class Replace(Append):
    """An APPEND of one message, which takes the place of another in the selected mailbox. numbers:
    that one's."""

    numbers: NumberSet
    by_uid: bool

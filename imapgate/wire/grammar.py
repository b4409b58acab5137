"""From a command's parts (text and literals in turn) to a typed command (RFC 3501 9)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from imapgate.wire import acl_grammar as acl
from imapgate.wire import append_grammar as appending
from imapgate.wire import fetch_grammar as fetching
from imapgate.wire import list_grammar as listing
from imapgate.wire import mailbox_grammar as mailboxes
from imapgate.wire import message_grammar as messages
from imapgate.wire import metadata_grammar as metadata
from imapgate.wire import notify_grammar as notifying
from imapgate.wire import quota_grammar as quota
from imapgate.wire import search_grammar as searching
from imapgate.wire import select_grammar as selecting
from imapgate.wire import sign_in_grammar as sign_in
from imapgate.wire import sorting_grammar as sorting
from imapgate.wire.commands import Append, AppendMessage, Command
from imapgate.wire.cursor import (
    MAILBOX,
    BadCharset,
    BadCommand,
    Cursor,
    GrammarLimits,
    Literal,
)

__all__ = [
    "COMMANDS",
    "BadCharset",
    "BadCommand",
    "GrammarLimits",
    "Literal",
    "Parsed",
    "appended",
    "parse",
    "peek",
]

_TAG = re.compile(rb'([^\x00-\x20\x7f-\xff(){%*"\\+]+)(?: +|\Z)')
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9-]*(?= |\Z)")
_UID = re.compile(rb"UID +([A-Za-z]+)(?= |\Z)", re.IGNORECASE)

COMMANDS: dict[bytes, Callable[[Cursor], Command]] = {
    name: take
    for family in (
        sign_in,
        selecting,
        mailboxes,
        listing,
        appending,
        acl,
        quota,
        metadata,
        messages,
        fetching,
        searching,
        sorting,
        notifying,
    )
    for name, take in family.COMMANDS.items()
}
"""What takes each command's arguments, the blank before them included."""


@dataclass(frozen=True, slots=True)
class Parsed:
    tag: bytes
    command: Command


def parse(parts: Sequence[bytes | Literal], limits: GrammarLimits, utf8: bool = False) -> Parsed:
    """parts: the text of each Line (its trailing `{n}` taken off by the framing) and each literal,
    in turn. utf8: see Cursor. Raises BadCommand, and nothing else."""
    cursor = Cursor(parts, limits, utf8)
    found = cursor.match(_TAG)
    if found is None:
        raise cursor.fail("a tag")
    tag = found[1]
    try:
        start = cursor.place
        take_arguments = COMMANDS.get(_command_name(cursor))
        if take_arguments is None:
            raise cursor.fail("a known command", start)
        command = take_arguments(cursor)
        cursor.end()
    except BadCommand as bad:
        bad.tag = tag
        raise
    return Parsed(tag, command)


def appended(
    parts: Sequence[bytes | Literal], limits: GrammarLimits, utf8: bool = False
) -> Append | None:
    """Of an APPEND or REPLACE with a syntax error: the messages in it that aren't empty, without
    flags and dates, and the folder's name, "" if not even that can be read. None if there is no
    message, or it is neither. utf8: see Cursor."""
    cursor = Cursor(parts, limits, utf8)
    command = b"" if cursor.match(_TAG) is None else _command_name(cursor)
    if command not in appending.BEFORE_MAILBOX:
        return None
    try:
        if command != b"APPEND":
            appending.replaced(cursor)
        cursor.blank(MAILBOX)
        name = cursor.mailbox()
    except BadCommand:
        name = ""
    # The name may have been a literal itself: then the cursor stands behind it.
    rest = parts[cursor.place[0] + 1 :]
    contents = [one.content for one in rest if isinstance(one, Literal) and one.content]
    messages = tuple(AppendMessage((), None, one) for one in contents)
    return Append(name, messages) if messages else None


def peek(first_line: bytes) -> tuple[bytes | None, bytes]:
    """(tag, upper-case command name such as b"APPEND" or b"UID FETCH") of a command whose literals
    have not come yet; used to choose the literal's limit. tag None if unusable, the name b"" if
    there is none. Of an overlong line its start does."""
    cursor = Cursor([first_line], GrammarLimits())
    found = cursor.match(_TAG)
    return (None, b"") if found is None else (found[1], _command_name(cursor))


def _command_name(cursor: Cursor) -> bytes:
    by_uid = cursor.match(_UID)
    if by_uid is not None:
        return b"UID " + by_uid[1].upper()
    name = cursor.match(_NAME)
    return b"" if name is None else name[0].upper()

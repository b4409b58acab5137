"""APPEND (RFC 3501 6.3.11, MULTIAPPEND RFC 3502), its message also as a literal8 (RFC 3516) and as
UTF8 data (RFC 6855 4); REPLACE (RFC 8508)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from functools import partial

from imapgate.wire.commands import Append, AppendMessage, Command, Replace
from imapgate.wire.cursor import MAILBOX, Cursor, Literal
from imapgate.wire.dates import read_date_time
from imapgate.wire.numbers import NumberSet, read_set

BEFORE_MAILBOX = {b"APPEND": 2, b"REPLACE": 3, b"UID REPLACE": 4}
"""The commands that bring messages, and how many words stand before the mailbox."""

_NUMBER = re.compile(rb"[1-9][0-9]{0,9}|\*")
_DATE_TIME = 'a date such as "17-Jul-1996 02:44:25 -0700"'
_UTF8 = re.compile(rb"UTF8 +\( *", re.IGNORECASE)
_OPEN = re.compile(rb"UTF8 +\( *~\Z", re.IGNORECASE)


def append(cursor: Cursor) -> Append:
    """Messages stay as they came, an empty one too (RFC 3502: it cancels)."""
    cursor.blank(MAILBOX)
    name = cursor.mailbox()
    messages = [_message(cursor)]
    while not cursor.at_end():
        messages.append(_message(cursor))
    return Append(name, tuple(messages))


def replace(cursor: Cursor, by_uid: bool) -> Replace:
    """One message for one."""
    numbers = replaced(cursor)
    cursor.blank(MAILBOX)
    return Replace(cursor.mailbox(), (_message(cursor),), numbers, by_uid)


def replaced(cursor: Cursor) -> NumberSet:
    """A blank and the number of the message that is replaced, as a set of that one."""
    cursor.blank("a message number")
    start = cursor.place
    try:
        return read_set(cursor.take(_NUMBER, "a message number"), 1)
    except ValueError as error:
        raise cursor.fail(f"a message number ({error})", start) from None


def _message(cursor: Cursor) -> AppendMessage:
    cursor.blank("flags, a date or a literal")
    flags: tuple[bytes, ...] = ()
    date: datetime.datetime | None = None
    if cursor.sees(b"("):
        flags = cursor.flag_list()
        cursor.blank("a date or a literal")
    if cursor.sees(b'"'):
        date = _date_time(cursor)
        cursor.blank("a literal")
    in_utf8 = cursor.match(_UTF8) is not None
    is_literal8 = cursor.skip(b"~")
    if in_utf8 and not is_literal8:
        raise cursor.fail("a literal8")
    content = cursor.literal()
    if content is None:
        raise cursor.fail("flags, a date or a literal")
    if in_utf8:
        cursor.skip_blanks()
        cursor.expect(b")", ")")
    return AppendMessage(flags, date, content)


def completed(parts: Sequence[bytes | Literal]) -> list[bytes | Literal]:
    """A command up to a message that is announced and hasn't come, as if it had, with no octets in
    it."""
    last = parts[-1] if parts else b""
    ends = [b")"] if isinstance(last, bytes) and _OPEN.search(last) else []
    return [*parts, Literal(b""), *ends]


def _date_time(cursor: Cursor) -> datetime.datetime | None:
    start = cursor.place
    quoted = cursor.string(_DATE_TIME)
    try:
        return read_date_time(quoted)
    except ValueError:
        raise cursor.fail(_DATE_TIME, start) from None


COMMANDS: dict[bytes, Callable[[Cursor], Command]] = {
    b"APPEND": append,
    b"REPLACE": partial(replace, by_uid=False),
    b"UID REPLACE": partial(replace, by_uid=True),
}
"""What takes each command's arguments, the blank before them included."""

"""Commands on mailboxes by name but LIST's (RFC 3501 6.3; MULTIAPPEND RFC 3502)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable

from imapgate.wire.commands import (
    Append,
    AppendMessage,
    Command,
    Create,
    Delete,
    Examine,
    Idle,
    Namespace,
    Rename,
    Select,
    Status,
    Subscribe,
    Unsubscribe,
)
from imapgate.wire.cursor import MAILBOX, Cursor
from imapgate.wire.dates import read_date_time
from imapgate.wire.status_grammar import status_items

_USE = re.compile(rb"USE(?= )", re.IGNORECASE)
_DATE_TIME = 'a date such as "17-Jul-1996 02:44:25 -0700"'


def select(cursor: Cursor) -> Select:
    return Select(_mailbox(cursor))


def examine(cursor: Cursor) -> Examine:
    return Examine(_mailbox(cursor))


def create(cursor: Cursor) -> Create:
    """`(USE (\\Sent))` is the one parameter there is (RFC 6154 6, RFC 4466 2.2)."""
    name = _mailbox(cursor)
    if cursor.at_end():
        return Create(name)
    cursor.blank("( or the end of the command")
    uses: dict[str, None] = {}

    def parameter() -> None:
        cursor.take(_USE, "USE")
        cursor.blank("( and special uses")
        uses.update(dict.fromkeys(cursor.parenthesised(lambda: _special_use(cursor), "uses")))

    if not cursor.parenthesised(parameter, "USE"):
        raise cursor.fail("USE")
    return Create(name, tuple(uses))


def delete(cursor: Cursor) -> Delete:
    return Delete(_mailbox(cursor))


def rename(cursor: Cursor) -> Rename:
    return Rename(_mailbox(cursor), _mailbox(cursor))


def subscribe(cursor: Cursor) -> Subscribe:
    return Subscribe(_mailbox(cursor))


def unsubscribe(cursor: Cursor) -> Unsubscribe:
    return Unsubscribe(_mailbox(cursor))


def namespace(_cursor: Cursor) -> Namespace:
    return Namespace()


def idle(_cursor: Cursor) -> Idle:
    return Idle()


def status(cursor: Cursor) -> Status:
    """Each item once, in the client's order."""
    name = _mailbox(cursor)
    cursor.blank("( and STATUS items")
    return Status(name, status_items(cursor))


def append(cursor: Cursor) -> Append:
    """Messages stay as they came, an empty one too (RFC 3502: it cancels)."""
    name = _mailbox(cursor)
    messages = [_message(cursor)]
    while not cursor.at_end():
        messages.append(_message(cursor))
    return Append(name, tuple(messages))


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
    content = cursor.literal()
    if content is None:
        raise cursor.fail("flags, a date or a literal")
    return AppendMessage(flags, date, content)


def _date_time(cursor: Cursor) -> datetime.datetime | None:
    start = cursor.place
    quoted = cursor.string(_DATE_TIME)
    try:
        return read_date_time(quoted)
    except ValueError:
        raise cursor.fail(_DATE_TIME, start) from None


def _special_use(cursor: Cursor) -> str:
    start = cursor.place
    use = cursor.flag().decode("ascii")
    if not use.startswith("\\"):
        raise cursor.fail("a special use such as \\Sent", start)
    return use


def _mailbox(cursor: Cursor) -> str:
    cursor.blank(MAILBOX)
    return cursor.mailbox()


COMMANDS: dict[bytes, Callable[[Cursor], Command]] = {
    b"SELECT": select,
    b"EXAMINE": examine,
    b"CREATE": create,
    b"DELETE": delete,
    b"RENAME": rename,
    b"SUBSCRIBE": subscribe,
    b"UNSUBSCRIBE": unsubscribe,
    b"STATUS": status,
    b"NAMESPACE": namespace,
    b"APPEND": append,
    b"IDLE": idle,
}
"""What takes each command's arguments, the blank before them included."""

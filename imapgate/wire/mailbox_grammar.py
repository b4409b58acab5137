"""Commands on mailboxes by name (RFC 3501 6.3; LIST's options RFC 6154, MULTIAPPEND RFC 3502)."""

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
    List,
    Lsub,
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

_ALWAYS_RETURNED = frozenset((b"CHILDREN", b"SPECIAL-USE"))
_RETURN = re.compile(rb"RETURN ", re.IGNORECASE)
_DATE_TIME = 'a date such as "17-Jul-1996 02:44:25 -0700"'


def select(cursor: Cursor) -> Select:
    return Select(_mailbox(cursor))


def examine(cursor: Cursor) -> Examine:
    return Examine(_mailbox(cursor))


def create(cursor: Cursor) -> Create:
    return Create(_mailbox(cursor))


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


def list_(cursor: Cursor) -> List:
    """`RETURN` of what every answer carries anyway is taken without effect (RFC 5258)."""
    cursor.blank("a reference or (")
    special_use_only = False
    if cursor.sees(b"("):
        start = cursor.place
        options = cursor.parenthesised(lambda: cursor.atom("SPECIAL-USE").upper(), "SPECIAL-USE")
        if any(option != b"SPECIAL-USE" for option in options):
            raise cursor.fail("no other option than SPECIAL-USE", start)
        special_use_only = bool(options)
        cursor.blank("a reference")
    reference = _reference(cursor)
    cursor.blank("a mailbox pattern")
    pattern = cursor.list_mailbox()
    if not cursor.at_end():
        cursor.blank("RETURN or the end of the command")
        start = cursor.place
        cursor.take(_RETURN, "RETURN or the end of the command")
        returned = cursor.parenthesised(lambda: cursor.atom("an option").upper(), "options")
        if not _ALWAYS_RETURNED.issuperset(returned):
            raise cursor.fail("RETURN of CHILDREN and SPECIAL-USE alone", start)
    return List(reference, pattern, special_use_only)


def lsub(cursor: Cursor) -> Lsub:
    cursor.blank("a reference")
    reference = _reference(cursor)
    cursor.blank("a mailbox pattern")
    return Lsub(reference, cursor.list_mailbox())


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


def _reference(cursor: Cursor) -> str:
    """Bounded as the pattern is: each folder's name is held against both."""
    start = cursor.place
    reference = cursor.mailbox()
    if len(reference) > cursor.limits.folder_name:
        raise cursor.fail(f"a reference of at most {cursor.limits.folder_name} characters", start)
    return reference


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
    b"LIST": list_,
    b"LSUB": lsub,
    b"STATUS": status,
    b"NAMESPACE": namespace,
    b"APPEND": append,
    b"IDLE": idle,
}
"""What takes each command's arguments, the blank before them included."""

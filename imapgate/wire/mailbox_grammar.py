"""Commands on mailboxes by name but LIST's (RFC 3501 6.3) and APPEND."""

from __future__ import annotations

import re
from collections.abc import Callable

from imapgate.wire.commands import (
    Command,
    Create,
    Delete,
    Idle,
    Namespace,
    Rename,
    Status,
    Subscribe,
    Unsubscribe,
)
from imapgate.wire.cursor import MAILBOX, Cursor
from imapgate.wire.status_grammar import status_items

_USE = re.compile(rb"USE(?= )", re.IGNORECASE)


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
    b"CREATE": create,
    b"DELETE": delete,
    b"RENAME": rename,
    b"SUBSCRIBE": subscribe,
    b"UNSUBSCRIBE": unsubscribe,
    b"STATUS": status,
    b"NAMESPACE": namespace,
    b"IDLE": idle,
}
"""What takes each command's arguments, the blank before them included."""

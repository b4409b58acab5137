"""Commands on a selected mailbox but FETCH and SEARCH (RFC 3501 6.4, UIDPLUS RFC 4315, MOVE RFC
6851, UNSELECT RFC 3691; STORE's modifier RFC 7162)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from imapgate.wire.commands import Check, Close, Command, Copy, Expunge, Move, Store, Unselect
from imapgate.wire.cursor import MAILBOX, SEQUENCE_SET, Cursor
from imapgate.wire.numbers import NumberSet

_MODIFIER = "UNCHANGEDSINCE"
_NAME = re.compile(rb"[A-Za-z]+")
_STORE_ITEM = re.compile(rb"([+-]?)FLAGS(\.SILENT)?(?=[ (])", re.IGNORECASE)


def check(_cursor: Cursor) -> Check:
    return Check()


def close(_cursor: Cursor) -> Close:
    return Close()


def unselect(_cursor: Cursor) -> Unselect:
    return Unselect()


def expunge(_cursor: Cursor) -> Expunge:
    return Expunge()


def uid_expunge(cursor: Cursor) -> Expunge:
    return Expunge(numbers(cursor))


def copy(cursor: Cursor, by_uid: bool) -> Copy:
    return Copy(numbers(cursor), _target(cursor), by_uid)


def move(cursor: Cursor, by_uid: bool) -> Move:
    return Move(numbers(cursor), _target(cursor), by_uid)


def store(cursor: Cursor, by_uid: bool) -> Store:
    """Flags in parentheses, `()` too, or without."""
    messages = numbers(cursor)
    cursor.blank("FLAGS, +FLAGS or -FLAGS")
    unchanged_since = _unchanged_since(cursor) if cursor.sees(b"(") else None
    item = cursor.match(_STORE_ITEM)
    if item is None:
        raise cursor.fail("FLAGS, +FLAGS or -FLAGS")
    cursor.skip_blanks()
    start = cursor.place
    if cursor.sees(b"("):
        flags = cursor.flag_list()
    else:
        several = [cursor.flag()]
        while not cursor.at_end():
            cursor.blank("a flag")
            several.append(cursor.flag())
        flags = tuple(several)
    if any(len(flag) > cursor.limits.keyword for flag in flags):
        raise cursor.fail(f"flags of at most {cursor.limits.keyword} characters", start)
    silent = item[2] is not None
    return Store(messages, by_uid, item[1], silent, flags, unchanged_since)


def _unchanged_since(cursor: Cursor) -> int:
    """`(UNCHANGEDSINCE n)`, once, and the blank behind it."""

    def modifier() -> int:
        start = cursor.place
        if cursor.take(_NAME, _MODIFIER).upper() != b"UNCHANGEDSINCE":
            raise cursor.fail(_MODIFIER, start)
        cursor.blank("a mod-sequence")
        return cursor.mod_sequence(least=0)

    start = cursor.place
    found = cursor.parenthesised(modifier, _MODIFIER)
    if len(found) != 1:
        raise cursor.fail(f"{_MODIFIER} once", start)
    cursor.blank("FLAGS, +FLAGS or -FLAGS")
    return found[0]


def numbers(cursor: Cursor) -> NumberSet:
    """A blank and a `sequence-set`."""
    cursor.blank(SEQUENCE_SET)
    return cursor.sequence_set()


def _target(cursor: Cursor) -> str:
    cursor.blank(MAILBOX)
    return cursor.mailbox()


COMMANDS: dict[bytes, Callable[[Cursor], Command]] = {
    b"CHECK": check,
    b"CLOSE": close,
    b"UNSELECT": unselect,
    b"EXPUNGE": expunge,
    b"UID EXPUNGE": uid_expunge,
    b"COPY": partial(copy, by_uid=False),
    b"UID COPY": partial(copy, by_uid=True),
    b"MOVE": partial(move, by_uid=False),
    b"UID MOVE": partial(move, by_uid=True),
    b"STORE": partial(store, by_uid=False),
    b"UID STORE": partial(store, by_uid=True),
}
"""What takes each command's arguments, the blank before them included."""

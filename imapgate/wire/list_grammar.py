"""LIST with its options (RFC 3501 6.3.8; RFC 5258 6, RFC 5819 4, RFC 6154 6, RFC 8440), LSUB."""

from __future__ import annotations

import re
from collections.abc import Callable

from imapgate.wire.commands import Command, List, Lsub
from imapgate.wire.cursor import Cursor
from imapgate.wire.status_grammar import status_items

SELECTIONS = frozenset((b"SUBSCRIBED", b"REMOTE", b"RECURSIVEMATCH", b"SPECIAL-USE"))
RETURNS = frozenset((b"SUBSCRIBED", b"CHILDREN", b"SPECIAL-USE", b"MYRIGHTS"))
"""Beside STATUS, which has items of its own."""

_RETURN = re.compile(rb"RETURN ", re.IGNORECASE)


def list_(cursor: Cursor) -> List:
    """The order of options and how often each is given don't matter (RFC 5258 3)."""
    cursor.blank("a reference or (")
    selection: frozenset[bytes] = frozenset()
    extended = cursor.sees(b"(")
    if extended:
        selection = _selection(cursor)
        cursor.blank("a reference")
    reference = _reference(cursor)
    cursor.blank("a mailbox pattern")
    several = cursor.sees(b"(")
    patterns = _patterns(cursor) if several else (cursor.list_mailbox(),)
    if cursor.at_end():
        return List(reference, patterns, extended or several, selection)
    cursor.blank("RETURN or the end of the command")
    cursor.take(_RETURN, "RETURN or the end of the command")
    returned, status = _returned(cursor)
    return List(reference, patterns, True, selection, returned, status)


def lsub(cursor: Cursor) -> Lsub:
    cursor.blank("a reference")
    reference = _reference(cursor)
    cursor.blank("a mailbox pattern")
    return Lsub(reference, cursor.list_mailbox())


def _selection(cursor: Cursor) -> frozenset[bytes]:
    start = cursor.place
    options = frozenset(
        cursor.parenthesised(lambda: cursor.atom("an option").upper(), "selection options")
    )
    if not SELECTIONS.issuperset(options):
        raise cursor.fail(
            "no other options than SUBSCRIBED, REMOTE, RECURSIVEMATCH and SPECIAL-USE", start
        )
    if b"RECURSIVEMATCH" in options and b"SUBSCRIBED" not in options:
        # RFC 5258 3.1; SPECIAL-USE is an independent option (RFC 6154 6).
        raise cursor.fail("SUBSCRIBED beside RECURSIVEMATCH", start)
    return options


def _reference(cursor: Cursor) -> str:
    """Bounded as the pattern is: each folder's name is held against both."""
    start = cursor.place
    reference = cursor.mailbox()
    if len(reference) > cursor.limits.folder_name:
        raise cursor.fail(f"a reference of at most {cursor.limits.folder_name} characters", start)
    return reference


def _patterns(cursor: Cursor) -> tuple[str, ...]:
    start = cursor.place
    patterns = cursor.parenthesised(cursor.list_mailbox, "mailbox patterns")
    if not 1 <= len(patterns) <= cursor.limits.list_patterns:
        raise cursor.fail(f"1 to {cursor.limits.list_patterns} mailbox patterns", start)
    return patterns


def _returned(cursor: Cursor) -> tuple[frozenset[bytes], tuple[bytes, ...]]:
    status: dict[bytes, None] = {}
    start = cursor.place

    def option() -> bytes:
        name = cursor.atom("an option").upper()
        if name == b"STATUS":
            cursor.blank("( and STATUS items")
            status.update(dict.fromkeys(status_items(cursor)))
        return name

    options = frozenset(cursor.parenthesised(option, "return options")) - {b"STATUS"}
    if not RETURNS.issuperset(options):
        raise cursor.fail(
            "no other options than SUBSCRIBED, CHILDREN, SPECIAL-USE, MYRIGHTS and STATUS", start
        )
    return options, tuple(status)


COMMANDS: dict[bytes, Callable[[Cursor], Command]] = {b"LIST": list_, b"LSUB": lsub}
"""What takes each command's arguments, the blank before them included."""

"""STATUS items, in STATUS itself and in LIST's RETURN (RFC 3501 9 `status-att`, RFC 5819)."""

from __future__ import annotations

from imapgate.wire.cursor import Cursor

ITEMS = frozenset(
    (
        b"MESSAGES",
        b"RECENT",
        b"UIDNEXT",
        b"UIDVALIDITY",
        b"UNSEEN",
        b"APPENDLIMIT",
        b"SIZE",
        b"DELETED",
        b"DELETED-STORAGE",
        b"MAILBOXID",
        b"HIGHESTMODSEQ",
    )
)
"""What can be asked for; `session.folder_lines` answers each."""


def status_items(cursor: Cursor) -> tuple[bytes, ...]:
    """`(` one item or more `)`: each once, upper-case, in the client's order."""
    start = cursor.place
    items = cursor.parenthesised(lambda: cursor.atom("a STATUS item").upper(), "STATUS items")
    if not items or not ITEMS.issuperset(items):
        raise cursor.fail("known STATUS items", start)
    return tuple(dict.fromkeys(items))

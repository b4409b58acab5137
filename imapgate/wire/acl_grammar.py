"""Commands of ACL (RFC 4314)."""

from __future__ import annotations

import re
from collections.abc import Callable

from imapgate.wire.commands import Command, DeleteAcl, GetAcl, ListRights, MyRights, SetAcl
from imapgate.wire.cursor import MAILBOX, Cursor

RIGHTS = "lrswipkxteacd"
"""RFC 4314 2.1, and RFC 2086's two; anything else is BAD (3.1)."""

_IDENTIFIER = "an identifier"
_CHANGE = re.compile(rb"([+-]?)([%b]*)" % RIGHTS.encode("ascii"))


def my_rights(cursor: Cursor) -> MyRights:
    return MyRights(_mailbox(cursor))


def get_acl(cursor: Cursor) -> GetAcl:
    return GetAcl(_mailbox(cursor))


def list_rights(cursor: Cursor) -> ListRights:
    return ListRights(_mailbox(cursor), _identifier(cursor))


def set_acl(cursor: Cursor) -> SetAcl:
    name, identifier = _mailbox(cursor), _identifier(cursor)
    cursor.blank("rights")
    start = cursor.place
    change = _CHANGE.fullmatch(cursor.astring("rights"))
    if change is None:
        raise cursor.fail(f"rights among {RIGHTS}, perhaps behind + or -", start)
    return SetAcl(name, identifier, change[1].decode("ascii"), change[2].decode("ascii"))


def delete_acl(cursor: Cursor) -> DeleteAcl:
    return DeleteAcl(_mailbox(cursor), _identifier(cursor))


def _mailbox(cursor: Cursor) -> str:
    cursor.blank(MAILBOX)
    return cursor.mailbox()


def _identifier(cursor: Cursor) -> str:
    """RFC 4314 3: what isn't UTF-8, or blank, is BAD."""
    cursor.blank(_IDENTIFIER)
    start = cursor.place
    try:
        identifier = cursor.astring(_IDENTIFIER).decode("utf-8")
    except UnicodeDecodeError:
        raise cursor.fail(f"{_IDENTIFIER} in UTF-8", start) from None
    if not identifier.strip():
        raise cursor.fail(f"{_IDENTIFIER} that isn't blank", start)
    return identifier


COMMANDS: dict[bytes, Callable[[Cursor], Command]] = {
    b"MYRIGHTS": my_rights,
    b"GETACL": get_acl,
    b"LISTRIGHTS": list_rights,
    b"SETACL": set_acl,
    b"DELETEACL": delete_acl,
}
"""What takes each command's arguments, the blank before them included."""

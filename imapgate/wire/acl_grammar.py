"""Commands of ACL (RFC 4314)."""

from __future__ import annotations

from collections.abc import Callable

from imapgate.wire.commands import Command, DeleteAcl, GetAcl, ListRights, MyRights, SetAcl
from imapgate.wire.cursor import MAILBOX, Cursor

_IDENTIFIER = "an identifier"
_RIGHTS = "rights"


def my_rights(cursor: Cursor) -> MyRights:
    return MyRights(_mailbox(cursor))


def get_acl(cursor: Cursor) -> GetAcl:
    return GetAcl(_mailbox(cursor))


def list_rights(cursor: Cursor) -> ListRights:
    return ListRights(_mailbox(cursor), _astring(cursor, _IDENTIFIER))


def set_acl(cursor: Cursor) -> SetAcl:
    return SetAcl(_mailbox(cursor), _astring(cursor, _IDENTIFIER), _astring(cursor, _RIGHTS))


def delete_acl(cursor: Cursor) -> DeleteAcl:
    return DeleteAcl(_mailbox(cursor), _astring(cursor, _IDENTIFIER))


def _mailbox(cursor: Cursor) -> str:
    cursor.blank(MAILBOX)
    return cursor.mailbox()


def _astring(cursor: Cursor, expected: str) -> bytes:
    cursor.blank(expected)
    return cursor.astring(expected)


COMMANDS: dict[bytes, Callable[[Cursor], Command]] = {
    b"MYRIGHTS": my_rights,
    b"GETACL": get_acl,
    b"LISTRIGHTS": list_rights,
    b"SETACL": set_acl,
    b"DELETEACL": delete_acl,
}
"""What takes each command's arguments, the blank before them included."""

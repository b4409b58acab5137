"""Commands of QUOTA (RFC 9208 7)."""

from __future__ import annotations

from collections.abc import Callable

from imapgate.wire.commands import Command, GetQuota, GetQuotaRoot, SetQuota
from imapgate.wire.cursor import MAILBOX, Cursor

_ROOT = "a quota root"
LARGEST = 2**63 - 1
"""Of a `number64`."""


def get_quota(cursor: Cursor) -> GetQuota:
    cursor.blank(_ROOT)
    return GetQuota(cursor.astring(_ROOT))


def get_quota_root(cursor: Cursor) -> GetQuotaRoot:
    cursor.blank(MAILBOX)
    return GetQuotaRoot(cursor.mailbox())


def set_quota(cursor: Cursor) -> SetQuota:
    cursor.blank(_ROOT)
    root = cursor.astring(_ROOT)
    cursor.blank("( and resources")
    return SetQuota(root, cursor.parenthesised(lambda: _resource(cursor), "resources"))


def _resource(cursor: Cursor) -> tuple[bytes, int]:
    name = cursor.atom("a resource").upper()
    cursor.blank("a limit")
    start = cursor.place
    digits = cursor.atom("a limit")
    limit = int(digits) if digits.isdigit() and len(digits) <= 19 else LARGEST + 1
    if limit > LARGEST:
        raise cursor.fail(f"a limit from 0 to {LARGEST}", start)
    return name, limit


COMMANDS: dict[bytes, Callable[[Cursor], Command]] = {
    b"GETQUOTA": get_quota,
    b"GETQUOTAROOT": get_quota_root,
    b"SETQUOTA": set_quota,
}
"""What takes each command's arguments, the blank before them included."""

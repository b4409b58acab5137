"""Commands of any state and of signing in (RFC 3501 6.1, 6.2; ID RFC 2971, ENABLE RFC 5161,
COMPRESS RFC 4978)."""

from __future__ import annotations

import binascii
from collections.abc import Callable

from imapgate.wire.commands import (
    Authenticate,
    Capability,
    Command,
    Compress,
    Enable,
    Id,
    Login,
    Logout,
    Noop,
    StartTls,
)
from imapgate.wire.cursor import Cursor

MOST_ID_FIELDS = 30
"""RFC 2971 3.3: no client sends more."""


def capability(_cursor: Cursor) -> Capability:
    return Capability()


def noop(_cursor: Cursor) -> Noop:
    return Noop()


def logout(_cursor: Cursor) -> Logout:
    return Logout()


def compress(cursor: Cursor) -> Compress:
    """RFC 4978 4."""
    cursor.blank("a mechanism")
    return Compress(cursor.atom("a mechanism").upper())


def starttls(_cursor: Cursor) -> StartTls:
    return StartTls()


def id_(cursor: Cursor) -> Id:
    """`NIL`, or names and values in turn, at most MOST_ID_FIELDS."""
    cursor.blank("ID fields")
    if not cursor.sees(b"("):
        start = cursor.place
        if cursor.atom("NIL or ID fields").upper() != b"NIL":
            raise cursor.fail("NIL or ID fields", start)
        return Id(None)
    start = cursor.place
    fields = cursor.parenthesised(lambda: _id_field(cursor), "ID fields")
    if len(fields) > MOST_ID_FIELDS:
        raise cursor.fail(f"at most {MOST_ID_FIELDS} ID fields", start)
    return Id(fields)


def enable(cursor: Cursor) -> Enable:
    """Names come in upper case."""
    cursor.blank("a capability")
    names = [cursor.atom("a capability").upper()]
    while not cursor.at_end():
        cursor.blank("a capability")
        names.append(cursor.atom("a capability").upper())
    return Enable(tuple(names))


def login(cursor: Cursor) -> Login:
    cursor.blank("a user name")
    user = cursor.astring("a user name")
    cursor.blank("a password")
    return Login(user, cursor.astring("a password"))


def authenticate(cursor: Cursor) -> Authenticate:
    """The initial response (SASL-IR, RFC 4959) is base64, `=` for an empty one."""
    cursor.blank("a mechanism")
    mechanism = cursor.atom("a mechanism").upper()
    if cursor.at_end():
        return Authenticate(mechanism, None)
    cursor.blank("an initial response in base64")
    start = cursor.place
    encoded = cursor.astring("an initial response in base64")
    if encoded == b"=":
        return Authenticate(mechanism, b"")
    try:
        return Authenticate(mechanism, binascii.a2b_base64(encoded, strict_mode=True))
    except binascii.Error:
        raise cursor.fail("an initial response in base64", start) from None


def _id_field(cursor: Cursor) -> tuple[bytes, bytes | None]:
    name = cursor.astring("an ID field")
    cursor.blank("a value")
    return name, cursor.nstring("a value")


COMMANDS: dict[bytes, Callable[[Cursor], Command]] = {
    b"CAPABILITY": capability,
    b"NOOP": noop,
    b"LOGOUT": logout,
    b"ID": id_,
    b"ENABLE": enable,
    b"COMPRESS": compress,
    b"STARTTLS": starttls,
    b"AUTHENTICATE": authenticate,
    b"LOGIN": login,
}
"""What takes each command's arguments, the blank before them included."""

"""OBJECTID (RFC 8474): what a message, a thread and a folder are called wherever they stand."""

from __future__ import annotations

import hmac

from imapgate.mime.ancestry import own_id, references
from imapgate.mime.mail import Mail
from storage.messages import ObjectIds

_OCTETS = 10
"""Of an id: nobody meets another's by chance, nor guesses it."""


def of_message(key: bytes, mail: Mail, sha256: bytes) -> ObjectIds:
    """EMAILID: the same for the same bytes in a segment. key: the segment's secret, without which
    nobody finds out what bytes an id belongs to.

    THREADID: the same for all mails of a segment whose References (or In-Reply-To) begin with
    the same mail, and for that mail, in whatever order they come.

    It is made of what stands in the mail alone: whether others have mails of the thread changes
    nothing, so that nobody can find that out by mails of their own. A mail that names no mail, not
    even itself, is a thread of its own."""
    names = references(mail)
    first = names[0] if names else own_id(mail)
    bytes_ = b"bytes " + sha256
    eldest = bytes_ if first is None else b"mail " + first.encode("utf-8", "surrogatepass")
    return ObjectIds(email="M" + _keyed(key, bytes_), thread="T" + _keyed(key, eldest))


def mailbox(uidvalidity: int) -> str:
    """MAILBOXID: as UIDVALIDITY it stays when the folder is renamed, is nobody else's, and is new
    when UIDs are (RFC 8474 4)."""
    return f"F{uidvalidity}"


def code(uidvalidity: int) -> str:
    """The response code of CREATE and SELECT (RFC 8474 4.1, 4.2)."""
    return f"MAILBOXID ({mailbox(uidvalidity)})"


def _keyed(key: bytes, value: bytes) -> str:
    return hmac.digest(key, value, "sha256")[:_OCTETS].hex()

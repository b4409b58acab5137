"""The token by which a reply is known to answer a request for approval: a random number, signed
with a secret of the segment's, as the request mail's Message-ID."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Iterator
from hashlib import sha256

from imapgate.mime.mail import Mail
from storage import Tx, people

MOST_REFERENCES = 50
"""Message-IDs of one mail that are looked at."""

_PURPOSE = b"imapgate: approval by mail"
_SIGNATURE = 32
"""Hexadecimal digits: 128 bits of an HMAC-SHA256."""
_MESSAGE_ID = re.compile(rf"approval\.([0-9a-f]{{32}})\.([0-9a-f]{{{_SIGNATURE}}})@", re.IGNORECASE)


def new() -> str:
    """A token that nobody can guess."""
    return secrets.token_hex(16)


def message_id(tx: Tx, segment_id: int, token: str, domain: str) -> str:
    """The request mail's Message-ID, without angle brackets. domain: for its right side, which
    doesn't count."""
    return f"approval.{token}.{_signature(tx, segment_id, token)}@{domain}"


def named(mail: Mail) -> Iterator[tuple[str, str]]:
    """(token, signature) of each Message-ID of that form that the mail answers, the nearest
    first."""
    cited = dict.fromkeys((*mail.in_reply_to, *reversed(mail.references)))
    for one in list(cited)[:MOST_REFERENCES]:
        found = _MESSAGE_ID.match(one)
        if found is not None:
            yield found[1].lower(), found[2].lower()


def is_signed(tx: Tx, segment_id: int, token: str, signature: str) -> bool:
    """Whether this segment signed it. Takes the same time for each."""
    return hmac.compare_digest(_signature(tx, segment_id, token), signature)


def _signature(tx: Tx, segment_id: int, token: str) -> str:
    key = hmac.digest(people.object_key(tx, segment_id), _PURPOSE, sha256)
    return hmac.digest(key, token.encode(), sha256).hex()[:_SIGNATURE]

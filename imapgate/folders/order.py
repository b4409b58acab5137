"""What SORT (RFC 5256, 5957) and THREAD compare of a message, made once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from imapgate.mime import words
from imapgate.mime.addresses import Address
from imapgate.mime.ancestry import own_id, references
from imapgate.mime.collation import casemap
from imapgate.mime.digest import ADDRESS, NAME
from imapgate.mime.envelope import Envelope
from imapgate.mime.mail import Mail
from imapgate.mime.preview import preview
from imapgate.mime.subjects import base_subject
from storage.ready import OrderRow

REFERENCES = 100
"""Mails before this one that THREAD looks at: the first and the last ones."""
KEY = 255
"""Characters of a text that are compared: a folder of 50,000 messages is sorted in memory."""
ID_OCTETS = 8
"""Of what stands for a Message-ID, so that 100 of them are short and tell nothing."""


def row(envelope: Envelope, mail: Mail) -> OrderRow:
    """Of a message that was read."""
    subject, is_reply = base_subject(mail.subject)
    own, before = own_id(mail), references(mail)
    if len(before) > REFERENCES:
        before = (before[0], *before[1 - REFERENCES :])
    return OrderRow(
        base_subject=casemap(subject)[:KEY],
        is_reply=is_reply,
        sent_at=mail.sent_at,
        from_mailbox=_mailbox(envelope.from_),
        to_mailbox=_mailbox(envelope.to),
        cc_mailbox=_mailbox(envelope.cc),
        from_name=_display(envelope.from_),
        to_name=_display(envelope.to),
        own_id=None if own is None else _short(own),
        reference_ids=b"".join(map(_short, before)),
        preview=preview(mail.text),
    )


def _mailbox(addresses: Sequence[Address]) -> str:
    """addr-mailbox of the first address, which may be a group's name."""
    mailbox = (addresses[0].mailbox if addresses else None) or b""
    return casemap(words.text(mailbox, ADDRESS))[:KEY]


def _display(addresses: Sequence[Address]) -> str:
    """RFC 5957 3: the first one's name, else mailbox@host, else mailbox."""
    if not addresses:
        return ""
    first = addresses[0]
    name = words.text(first.name or b"", NAME)
    if not name and first.mailbox is not None:
        mailbox = words.text(first.mailbox, ADDRESS)
        name = f"{mailbox}@{words.text(first.host, ADDRESS)}" if first.host else mailbox
    return casemap(name)[:KEY]


def _short(message_id: str) -> bytes:
    """Cases differ (RFC 5256 3)."""
    return hashlib.blake2b(
        message_id.encode("utf-8", "surrogatepass"), digest_size=ID_OCTETS
    ).digest()

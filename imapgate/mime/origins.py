"""Who wrote a mail and where it was delivered, beside what its From, To and Cc say."""

from __future__ import annotations

import re

from imapgate.mime.addresses import address_list
from imapgate.mime.mail import Mail, Mailbox

_MOST = 100
"""Addresses of one field that are looked at."""
_INSTEAD = ("sender", "reply-to")
_DELIVERED = ("delivered-to", "x-original-to")
_FIELD = re.compile(
    rf"^({'|'.join((*_INSTEAD, *_DELIVERED))}): *(.*)$", re.IGNORECASE | re.MULTILINE
)


def writers(mail: Mail) -> tuple[Mailbox, ...]:
    """From; where it has no address, Sender (RFC 5322 3.6.2), else Reply-To. Return-Path isn't
    looked at: it is where machines send their bounces."""
    if any(one.address.strip() for one in mail.from_):
        return mail.from_
    found = _fields(mail)
    for name in _INSTEAD:
        if found.get(name):
            return tuple(found[name])
    return mail.from_


def delivered_to(mail: Mail) -> tuple[str, ...]:
    """The addresses of Delivered-To and X-Original-To, which the servers on the way wrote, as
    written; the last server's first."""
    found = _fields(mail)
    return tuple(one.address for name in _DELIVERED for one in found.get(name, ()))


def _fields(mail: Mail) -> dict[str, list[Mailbox]]:
    found: dict[str, list[Mailbox]] = {}
    for name, value in _FIELD.findall(mail.headers):
        boxes = found.setdefault(name.lower(), [])
        boxes += _mailboxes(value)
    return found


def _mailboxes(value: str) -> list[Mailbox]:
    found = []
    for one in address_list(value.encode("utf-8", "replace"), _MOST):
        if one.mailbox is None or one.host is None:
            continue  # a group's begin or end
        mailbox, host = one.mailbox.decode("utf-8"), one.host.decode("utf-8")
        address = f"{mailbox}@{host}" if mailbox and host else mailbox
        if address:
            found.append(Mailbox((one.name or b"").decode("utf-8"), address))
    return found

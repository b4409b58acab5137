"""As whom somebody may send: the envelope's sender and the header's, looked at in the bytes that
others will see."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from imapgate.activities.names import key
from imapgate.mime import header
from imapgate.mime.addresses import ADDRESSES_LIMIT, address_list
from imapgate.mime.header import Content

_WRITERS = (b"From", b"Sender", b"Resent-From", b"Resent-Sender")
"""Fields that say who sent it."""
_ASIDE = re.compile(rb'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)', re.DOTALL)
"""A quoted string or a comment: for people, in every program."""
_BETWEEN = re.compile(rb"[ <>\[\],;:]")


def foreign(address: str, own: Collection[str]) -> bool:
    """Whether a sender of the envelope is somebody else's. Empty is nobody's: a receipt or a report
    goes out with it, so that no answer comes back. own: outgoing.identities.own_addresses."""
    return bool(address) and key(address) not in own


def objection(content: Content, own: Collection[str]) -> str | None:
    """What speaks against a mail's header, one or two sentences; None: nothing. Exactly one From,
    and each address in it, and in the other fields that name a sender, is the user's own. Where
    another program could read something else there than imapgate does, nothing is sent."""
    if content[:6].lstrip(b">").startswith(b"From "):
        return "It begins with a line of a mailbox file."  # which others read as a field
    fields, _ = header.header_fields(content, 0, len(content))
    if len(fields) >= header.FIELDS_PER_HEADER:
        return "Its header has too many fields."
    named = [one for one in fields if one.name.lower() == b"from"]
    if len(named) != 1:
        count = "no From" if not named else "more than one From"
        return f"Its header has {count}: it must say once who sends it."
    for name in _WRITERS:
        for field in (one for one in fields if one.name.lower() == name.lower()):
            if field.end - field.value_start > header.VALUE_LIMIT:
                return f"Its {name.decode()} is too long."
            for address in _addresses(header.value(content, field)):
                if key(address) not in own:
                    return not_yours(address, name.decode())
            doubt = _doubt(header.value(content, field), name.decode(), own)
            if doubt is not None:
                return doubt
    if not list(_addresses(header.value(content, named[0]))):
        return "Its From has no address."
    return None


def not_yours(address: str, where: str) -> str:
    """where: From, ..."""
    return (
        f"{where} {address[:100] or 'without an address'} isn't yours: send as your own address, or"
        " ask the administrator to add it to your mail addresses."
    )


def _doubt(value: bytes, where: str, own: Collection[str]) -> str | None:
    """An address that stands beside the one that counts here, behind it, or as an unquoted name, is
    the one that counts elsewhere."""
    bare = _ASIDE.sub(b" ", value)
    if any(one in bare for one in b'"()'):
        return f"Its {where} can be read in more than one way."
    joined = b" ".join(bare.split())
    for sign in (b"@", b"."):
        joined = joined.replace(b" " + sign, sign).replace(sign + b" ", sign)
    for one in _BETWEEN.split(joined):
        address = one.decode("utf-8", "replace")
        if "@" in address.strip("@") and key(address) not in own:
            return not_yours(address, where)
    return None


def _addresses(value: bytes) -> Iterator[str]:
    found = address_list(value)
    for one in found:
        if one.mailbox is None or one.host is None:
            continue  # a group's begin or end
        address = b"%s@%s" % (one.mailbox, one.host) if one.host else one.mailbox
        yield address.decode("utf-8", "replace")
    if len(found) >= ADDRESSES_LIMIT:
        yield ""  # what comes behind isn't known

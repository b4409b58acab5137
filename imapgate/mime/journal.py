"""Journal reports: the envelope in which a mail server copies each mail to an archive."""

from __future__ import annotations

import re
from dataclasses import dataclass

from imapgate.mime.addresses import address_list
from imapgate.mime.digest import ADDRESS, message_ids
from imapgate.mime.mail import Mail

MOST_RECIPIENTS = 1_000
"""Recipients of one report that are read."""
_LINES = 5_000
"""Lines of one report that are read."""

_SAYS_SO = re.compile(
    r"^(?:X-MS-Journal-Report:|Content-Identif(?:i)?er: *exjournalreport\b)",
    re.IGNORECASE | re.MULTILINE,
)
_DELIVERED = re.compile(r"^X-Gm-Original-To: *(\S.*)$", re.IGNORECASE | re.MULTILINE)
_LINE = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,40})[ \t]*:[ \t]*(.*)")
_RECIPIENTS = frozenset(("to", "cc", "bcc", "recipient", "recipients"))
_FIELDS = _RECIPIENTS | {
    "sender",
    "on-behalf-of",
    "subject",
    "message-id",
    "label",
    "sentutc",
    "receivedutc",
}
_REDIRECTED = re.compile(r",[ \t]*(?:Expanded|Forwarded)[ \t]*:", re.IGNORECASE)
_X500 = re.compile(r"(?:EX:|X500:)?/[A-Z]+=.*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Envelope:
    """sender: an address, None: not told. message_id: of the original, without angle brackets.
    recipients: addresses to which it was delivered, each once."""

    sender: str | None
    message_id: str | None
    recipients: tuple[str, ...]


def envelope(mail: Mail) -> Envelope | None:
    """What a journal report tells of the message that is its first attached one; None for any other
    mail.

    Exchange 2007 and later, and Microsoft 365: `X-MS-Journal-Report` and a text of the lines
    Sender, Subject, Message-ID, To, Cc, Bcc and Recipient, each with an address and how it was
    redirected (MS-XJRNL). Exchange 2003: addresses below `Recipients:`. Without such a header the
    text must name sender, Message-ID and a recipient, in lines of that kind and no others.
    """
    if not mail.messages:
        return None
    says_so = _SAYS_SO.search(mail.headers) is not None
    found, others = _read(mail.text)
    if not says_so and (others or found.sender is None or not found.recipients):
        return None
    return found if says_so or found.message_id is not None else None


def delivered_to(mail: Mail) -> tuple[str, ...]:
    """Of a copy without envelope: to whom Gmail's routing delivered the mail (X-Gm-Original-To)."""
    found = (_address(value) for value in _DELIVERED.findall(mail.headers)[:MOST_RECIPIENTS])
    return tuple(dict.fromkeys(one for one in found if one))


def _read(text: str) -> tuple[Envelope, bool]:
    """The envelope, and whether there are lines of another kind."""
    sender: str | None = None
    message_id: str | None = None
    recipients: dict[str, None] = {}
    below_recipients = others = False
    for line in text.split("\n", _LINES)[:_LINES]:
        known = _LINE.match(line)
        name = known[1].lower() if known else ""
        if known and name in _FIELDS:
            below_recipients = name == "recipients"
            if name == "sender":
                sender = sender or _address(known[2])
            elif name == "message-id":
                message_id = message_id or next(iter(message_ids(known[2])), None)
        elif line.strip():
            others = others or not below_recipients
        listed = known[2] if known and name in _RECIPIENTS else line if below_recipients else ""
        address = _address(_REDIRECTED.split(listed, 1)[0])
        if address and len(recipients) < MOST_RECIPIENTS:
            recipients.setdefault(address)
    return Envelope(sender, message_id, tuple(recipients)), others


def _address(value: str) -> str | None:
    """The first address in it; an X.500 name as it stands, with its blanks and brackets."""
    if _X500.fullmatch(value.strip()):
        return value.strip()[:ADDRESS]
    for one in address_list(value.strip().encode(), 2):
        if one.mailbox:
            host = (one.host or b"").decode("utf-8", "replace")
            mailbox = one.mailbox.decode("utf-8", "replace")
            return (f"{mailbox}@{host}" if host else mailbox)[:ADDRESS]
    return None

"""The header of a message that is made of a .msg."""

from __future__ import annotations

import re
from email.utils import format_datetime

from imapgate.incoming.files.msg import people
from imapgate.incoming.files.msg.people import Addresses
from imapgate.incoming.files.msg.properties import Storage

_TRANSPORT = 0x007D
_SUBJECT, _PREFIX, _NORMALIZED = 0x0037, 0x003D, 0x0E1D
_SUBMITTED, _DELIVERED, _CREATED = 0x0039, 0x0E06, 0x3007
_MESSAGE_ID, _IN_REPLY_TO, _REFERENCES = 0x1035, 0x1042, 0x1039
_IMPORTANCE = 0x0017
_IMPORTANCES = {0: "low", 2: "high"}
LARGEST = 256 * 1024
"""Octets of a header that came with the message; what is beyond is left out."""

_FIELD = re.compile(r"([!-9;-~]{1,200})[ \t]*:.*", re.DOTALL)
_OF_BODY = ("content-", "mime-version")
"""These tell how the body is built, and it is built anew."""


def header(message: Storage, addresses: Addresses) -> list[str]:
    """Its fields without line ends at their end, lines within them folded: those that came with the
    message as they were, but for those of the body; what they lack is made of the properties."""
    found = _transported(message.text(_TRANSPORT) or "")
    there = {one.partition(":")[0].strip().lower() for one in found}
    made = [(name, text) for name, text in _made(message, addresses) if name.lower() not in there]
    if "from" in there or "sender" in there:
        made = [one for one in made if one[0] != "Sender"]
    if there & {"to", "cc", "bcc"}:
        made = [one for one in made if one[0] not in ("To", "Cc")]
    return found + [f"{name}: {text}" for name, text in made]


def _transported(text: str) -> list[str]:
    lines = text[:LARGEST].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(text) > LARGEST:
        lines.pop()
    fields: list[str] = []
    for line in lines:
        if line[:1] in (" ", "\t"):
            # A line of blanks alone would end the header.
            if fields and line.strip():
                fields[-1] += "\r\n" + line
        elif _FIELD.match(line):
            fields.append(line)
    return [one for one in fields if not one.lower().startswith(_OF_BODY)]


def _made(message: Storage, addresses: Addresses) -> list[tuple[str, str]]:
    fields: list[tuple[str, str | None]] = []
    author = people.at(message, people.AUTHOR, addresses)
    sender = people.at(message, people.SENDER, addresses)
    fields.append(("From", author or sender))
    if author and sender and sender != author:
        fields.append(("Sender", sender))
    by_kind: dict[str, list[str]] = {}
    for kind, mailbox in people.recipients(message, addresses):
        by_kind.setdefault(kind, []).append(mailbox)
    for kind in ("To", "Cc", "Bcc"):
        fields.append((kind, ",\r\n ".join(by_kind.get(kind, ())) or None))
    fields.append(("Subject", people.encoded(subject(message), "Subject")))
    moment = message.time(_SUBMITTED) or message.time(_DELIVERED) or message.time(_CREATED)
    if moment is not None:
        fields.append(("Date", format_datetime(moment.replace(microsecond=0))))
    for name, number in (
        ("Message-ID", _MESSAGE_ID),
        ("In-Reply-To", _IN_REPLY_TO),
        ("References", _REFERENCES),
    ):
        fields.append((name, _ids(message.text(number))))
    fields.append(("Importance", _IMPORTANCES.get(message.integer(_IMPORTANCE) or 1)))
    return [(name, text) for name, text in fields if text]


def subject(message: Storage) -> str:
    """Without the two characters that some programs put before it, for the prefix's length."""
    text = message.text(_SUBJECT)
    if text is None:
        text = (message.text(_PREFIX) or "") + (message.text(_NORMALIZED) or "")
    return text[2:] if text.startswith("\x01") else text


def _ids(text: str | None) -> str | None:
    """Message-IDs in printable ASCII, each on a line of its own."""
    words = [one for one in (text or "").split() if one.isascii() and one.isprintable()]
    return "\r\n ".join(words) or None

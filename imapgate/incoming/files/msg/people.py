"""Sender and recipients of a .msg: names, and the addresses that mails can be sent to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.header import Header

from imapgate.incoming.files.msg.properties import Storage

Addresses = Callable[[str, str], str | None]
"""The SMTP address behind an X.500 name (`/O=ACME/OU=.../CN=ERIKA`) with that display name; None:
nobody knows it."""

_KINDS = {1: "To", 2: "Cc", 3: "Bcc"}
_NAME, _EMAIL, _SMTP, _KIND = 0x3001, 0x3003, 0x39FE, 0x0C15
_SPECIAL = frozenset('()<>[]:;@\\,."')


@dataclass(frozen=True, slots=True)
class Place:
    """Numbers of the properties that tell one person: name, type, address, SMTP address."""

    name: int
    address: int
    smtp: int


AUTHOR = Place(0x0042, 0x0065, 0x5D02)
"""In whose name it was sent (PidTagSentRepresenting...)."""
SENDER = Place(0x0C1A, 0x0C1F, 0x5D01)
"""Who sent it."""


def at(message: Storage, place: Place, addresses: Addresses) -> str | None:
    """As a header field has it; None: nobody is told."""
    return _mailbox(
        message.text(place.name), message.text(place.smtp), message.text(place.address), addresses
    )


def recipients(message: Storage, addresses: Addresses) -> Iterator[tuple[str, str]]:
    """(To, Cc or Bcc; the mailbox as a header field has it), in order."""
    for one in message.parts("__recip_version1.0_#"):
        mailbox = _mailbox(one.text(_NAME), one.text(_SMTP), one.text(_EMAIL), addresses)
        if mailbox is not None:
            # The upper bits tell how often it was sent.
            yield _KINDS.get((one.integer(_KIND) or 1) & 0xF, "To"), mailbox


def encoded(text: str, field: str) -> str:
    """A text as a header field has it: of one line, folded where it is long (RFC 2047)."""
    kept = _line(text)
    if kept.isascii() and len(kept) <= 900:
        return kept
    header = Header(kept.encode("utf-8", "replace").decode(), "utf-8", 72, field)
    return header.encode(linesep="\r\n")


def _mailbox(
    name: str | None, smtp: str | None, address: str | None, addresses: Addresses
) -> str | None:
    shown = _line(name or "")
    found = _usable(smtp) or _usable(address)
    if found is None and address and address.strip():
        x500 = _line(address)
        found = _usable(addresses(x500, shown))
        if found is None:
            # Quoted, or blanks and brackets would be taken for what parts addresses.
            return f"{_phrase(shown or x500)} <{_quoted(x500)}>"
    if found is None:
        # Drafts often have nothing but what was typed.
        found = _usable(shown)
    if found is None:
        return f"{_phrase(shown)} <>" if shown else None
    return found if shown in ("", found) else f"{_phrase(shown)} <{found}>"


def _usable(address: str | None) -> str | None:
    """With something on both sides of the `@`."""
    kept = (address or "").strip()
    local, _, domain = kept.rpartition("@")
    fits = local and domain and not any(one.isspace() or one in "<>\x7f" for one in kept)
    return kept if fits else None


def _phrase(name: str) -> str:
    """A display name (RFC 5322 3.2.5)."""
    if not name.isascii() or not name.isprintable():
        return encoded(name, "")
    return _quoted(name) if _SPECIAL & set(name) else name


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _line(text: str) -> str:
    """Without line ends and other signs that end or steer something."""
    shown = "".join(" " if ord(one) < 32 or ord(one) == 127 else one for one in text)
    return " ".join(shown.split())

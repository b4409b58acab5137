"""Addresses of an envelope: what a person or a mail supplied becomes no command, no second
recipient and no option of a program."""

from __future__ import annotations

import re

from imapgate.mime.writing import Unwritable, ascii_address, one_line

_BEYOND_ASCII = re.compile(r'[^\s<>()\[\]\\,;:"@\x00-\x20\x7f]{1,64}')


def checked(address: str) -> str:
    """As MAIL FROM and RCPT TO have it between < and >, its domain in ASCII. The part before the @
    may be beyond ASCII here (RFC 6531): a server can be asked, though no header of ours has it.
    Raises Unwritable."""
    local, _, domain = address.strip().rpartition("@")
    if local.isascii():
        return ascii_address(address)
    # Not printable: controls, halves of surrogate pairs, blanks.
    if not local.isprintable() or not _BEYOND_ASCII.fullmatch(local):
        raise Unwritable(f'"{one_line(address, 100)}" is no e-mail address.')
    return f"{local}@{ascii_address(f'a@{domain}').removeprefix('a@')}"


def checked_sender(address: str) -> str:
    """The same; empty stays empty: nobody gets it back."""
    return checked(address) if address else ""

"""Every mail of a file, whatever kind of file it is."""

from __future__ import annotations

from collections.abc import Iterator

from imapgate.incoming.files import maildir, mbox, zips
from imapgate.incoming.files.found import (
    Finding,
    Found,
    Unreadable,
    held,
    pieces,
    too_large,
)
from imapgate.incoming.files.kinds import Kind
from imapgate.incoming.files.msg import read as msg
from imapgate.incoming.files.walking import File, open_file


def read(file: File, most: int, addresses: msg.Addresses) -> Iterator[Finding]:
    """In the file's order, one at a time. most: octets of a message. addresses: what a .msg's
    X.500 names stand for. Never raises for what a file contains, nor for one that
    can't be read: that is told."""
    place = str(file.path)
    try:
        yield from _read(file, place, most, addresses)
    except OSError as error:
        yield Unreadable(place, f"can't be read: {error.strerror or error}", file.size)


def _read(file: File, place: str, most: int, addresses: msg.Addresses) -> Iterator[Finding]:
    largest = most * (msg.LARGER if file.kind is Kind.MSG else 1)
    with open_file(file.path, named=file.named) as stream:
        if file.kind is Kind.MBOX:
            yield from mbox.read(stream, place, most)
        elif file.kind is Kind.ZIP:
            yield from zips.read(stream, place, most, addresses)
        elif file.size > largest:
            yield Unreadable(place, too_large(most), file.size)
        elif not file.size:
            yield Unreadable(place, "is empty")
        elif file.kind is Kind.MSG:
            content = stream.read(largest)
            yield msg.read(content, place, most, file.size, addresses)
        else:
            flags = maildir.flags(file.path.name) if file.is_maildir else ""
            at = file.modified_at if file.is_maildir else None
            content_ = held(pieces(stream, file.size))
            yield Found(place, content_, at, flags=flags, passed=file.size)

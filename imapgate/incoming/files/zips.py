"""Reads the mails in a zip, as they were in directories. Nothing is unpacked under a member's name:
what a zip says of itself steers nothing but what is told to people."""

from __future__ import annotations

import lzma
import stat
import struct
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import BinaryIO

from imapgate.incoming.files import maildir, mbox
from imapgate.incoming.files.found import (
    Finding,
    Found,
    Unreadable,
    held,
    pieces,
    told,
    too_large,
)
from imapgate.incoming.files.kinds import ENDINGS, FIRST, Kind, kind_of
from imapgate.incoming.files.msg import read as msg

MEMBERS = 200_000
"""Of one zip."""
UNPACKED = 20 * 1024**3
"""Octets that one zip may become, one message or mbox at a time."""
_ENCRYPTED = 0x1
_FAULTS = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(NotImplementedError, ValueError, OverflowError, struct.error),
)
"""What unpacking raises for what is no zip, or is damaged."""
_OF_SYSTEMS = ("__MACOSX", ".DS_Store")


def read(stream: BinaryIO, name: str, most: int, addresses: msg.Addresses) -> Iterator[Finding]:
    """Its mails by their names. Members that are encrypted, links, or named like a way out of the
    zip are told and passed over, and so is all that comes after the zip's bounds are reached.
    Raises OSError."""
    try:
        with zipfile.ZipFile(stream) as archive:
            yield from _Zip(archive, name, most, addresses).messages()
    except _FAULTS as error:
        yield Unreadable(name, f"is no zip that can be read: {error}")


class _TooMuch(Exception):
    """More would be unpacked than may be; the text is a clause."""


class _Zip:
    def __init__(
        self, archive: zipfile.ZipFile, name: str, most: int, addresses: msg.Addresses
    ) -> None:
        self._archive = archive
        self._name = name
        self._most = most
        self._addresses = addresses
        self._left = UNPACKED

    def messages(self) -> Iterator[Finding]:
        members = [one for one in self._archive.infolist() if not one.is_dir()]
        if len(members) > MEMBERS:
            yield Unreadable(self._name, f"has more than {MEMBERS:,} members")
            return
        members.sort(key=lambda one: one.filename)
        passed = 0
        for member in members:
            passed += member.compress_size
            path = PurePosixPath(member.filename)
            if any(part in _OF_SYSTEMS for part in path.parts):
                continue
            place = f"{self._name}: {member.filename}"
            refused = _refused(member, path)
            if refused is not None:
                yield Unreadable(place, refused, passed)
                continue
            try:
                yield from self._member(member, path, place, passed)
            except _TooMuch as error:
                yield Unreadable(place, str(error), passed)
            except _FAULTS as error:
                yield Unreadable(place, f"can't be read: {error}", passed)
            if self._left <= 0:
                most = told(UNPACKED)
                yield Unreadable(self._name, f"holds more than {most}; the rest isn't read", passed)
                return

    def _member(
        self,
        member: zipfile.ZipInfo,
        path: PurePosixPath,
        place: str,
        passed: int,
    ) -> Iterator[Finding]:
        most = self._most
        in_maildir = _is_maildirs(path)
        with self._archive.open(member) as opened:
            kind = Kind.EML if in_maildir else kind_of(path.name, opened.read(FIRST))
        if kind is None:
            return
        if kind is Kind.ZIP:
            yield Unreadable(place, "is a zip inside a zip: unpack it first", passed)
        elif kind is Kind.MBOX:
            with tempfile.TemporaryFile() as file:
                file.writelines(self._parts(member, member.file_size))
                for one in mbox.read(file, place, most):
                    yield replace(one, passed=passed)
        elif member.file_size > (msg.LARGER * most if kind is Kind.MSG else most):
            yield Unreadable(place, too_large(most), passed)
        elif not member.file_size:
            yield Unreadable(place, "is empty", passed)
        else:
            content = held(self._parts(member, member.file_size))
            if kind is Kind.MSG:
                yield msg.read(content[:], place, most, passed, self._addresses)
                return
            at = int(time.mktime((*member.date_time, 0, 0, -1))) if in_maildir else None
            flags = maildir.flags(path.name) if in_maildir else ""
            yield Found(place, content, at, flags=flags, passed=passed)

    def _parts(self, member: zipfile.ZipInfo, octets: int) -> Iterator[bytes]:
        with self._archive.open(member) as opened:
            for piece in pieces(opened, octets):
                self._left -= len(piece)
                if self._left < 0:
                    raise _TooMuch(f"goes over the {told(UNPACKED)} of a zip")
                yield piece


def _is_maildirs(path: PurePosixPath) -> bool:
    """Whether it is a Maildir's message: those have no ending that would tell another kind."""
    return path.parent.name in maildir.FOLDERS and path.suffix.lower() not in ENDINGS


def _refused(member: zipfile.ZipInfo, path: PurePosixPath) -> str | None:
    """Why it isn't even opened, a clause."""
    if member.flag_bits & _ENCRYPTED:
        return "is encrypted: unpack it first"
    if path.is_absolute() or ".." in path.parts or "\\" in member.filename:
        return "has a name that leads out of the zip"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "is a link"
    return None

"""The properties of a message, a recipient or an attachment in a .msg (MS-OXMSG 2, MS-OXCDATA).

olefile reads the compound file; no library whose licence fits reads what stands in it so that
attached messages, several code pages and damaged values come through.
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import olefile

HEADER_OF_FILE = 32
HEADER_OF_ATTACHED = 24
HEADER_OF_PART = 8
"""Octets before the properties: of the file's message, of an attached one, of other parts."""

Directories = Mapping[tuple[str, ...], Set[str]]
ENTRIES, IN_ONE = 100_000, 5_000
"""Streams and directories of a file, and of one directory; to find one among many takes time."""
_STREAM = "__properties_version1.0"
_INTEGER, _BOOLEAN, _OBJECT, _TIME = 0x0003, 0x000B, 0x000D, 0x0040
_STRING8, _STRING, _BINARY = 0x001E, 0x001F, 0x0102
_MESSAGE_CODEPAGE, _INTERNET_CODEPAGE = 0x3FFD, 0x3FDE
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_NAMED_CODEPAGES = {65001: "utf-8", 20127: "ascii", 28591: "iso-8859-1", 28605: "iso-8859-15"}
_LABELS = {"cp932": "shift_jis", "cp936": "gbk", "cp949": "euc-kr", "cp950": "big5"}
"""What mails call charsets whose names here only few mail programs know."""
_MOST = 10_000
"""Properties that are read of one storage."""


def codec(codepage: int | None, otherwise: str = "windows-1252") -> str:
    """The name of the codec for a code page."""
    if codepage is None or codepage <= 0:
        return otherwise
    iso = f"iso-8859-{codepage - 28590}" if 28591 <= codepage <= 28606 else ""
    iso_2022 = "iso-2022-jp" if codepage in (50220, 50221, 50222) else ""
    others = {20866: "koi8-r", 21866: "koi8-u", 51949: "euc-kr", 51932: "euc-jp", 54936: "gb18030"}
    named = _NAMED_CODEPAGES.get(codepage) or others.get(codepage) or iso or iso_2022
    for name in (named, f"windows-{codepage}", f"cp{codepage}"):
        try:
            if name:
                codecs.lookup(name)
                return name
        except LookupError:
            continue
    return otherwise


@dataclass(frozen=True, slots=True)
class Storage:
    """A directory of the compound file, with the values of fixed size that stand in its property
    stream by number and type of the property. below: the names in each of the file's directories,
    from `directories`."""

    ole: olefile.OleFileIO
    below: Directories
    path: tuple[str, ...]
    fixed: dict[tuple[int, int], bytes]
    charset: str

    def text(self, number: int) -> str | None:
        """A string, however it is encoded; without NULs."""
        raw = self._octets(number, _STRING)
        if raw is not None:
            return raw[: len(raw) // 2 * 2].decode("utf-16-le", "replace").replace("\0", "")
        raw = self._octets(number, _STRING8)
        return None if raw is None else raw.decode(self.charset, "replace").replace("\0", "")

    def octets(self, number: int) -> bytes | None:
        return self._octets(number, _BINARY)

    def integer(self, number: int) -> int | None:
        raw = self.fixed.get((number, _INTEGER))
        return None if raw is None else int.from_bytes(raw[:4], "little", signed=True)

    def truth(self, number: int) -> bool:
        return any(self.fixed.get((number, _BOOLEAN), b"\0")[:2])

    def time(self, number: int) -> datetime | None:
        raw = self.fixed.get((number, _TIME))
        ticks = 0 if raw is None else int.from_bytes(raw, "little")
        try:
            return _EPOCH + timedelta(microseconds=ticks // 10) if ticks else None
        except OverflowError:
            return None

    @property
    def html_charset(self) -> str:
        """Of the body in HTML, as mails call it."""
        found = codec(self.integer(_INTERNET_CODEPAGE), self.charset)
        return _LABELS.get(found, found)

    def attached_message(self, number: int) -> Storage | None:
        """The storage that is the value of an object property and holds a message."""
        name = f"__substg1.0_{number:04X}{_OBJECT:04X}"
        path = (*self.path, name)
        if _STREAM not in self.below.get(path, ()):
            return None
        return opened(self.ole, self.below, path, HEADER_OF_ATTACHED, self.charset)

    def parts(self, name: str) -> Iterator[Storage]:
        """The storages `__recip_version1.0_#...` or `__attach_version1.0_#...` in it, in order."""
        for one in sorted(self.below.get(self.path, ())):
            path = (*self.path, one)
            if one.lower().startswith(name) and _STREAM in self.below.get(path, ()):
                yield opened(self.ole, self.below, path, HEADER_OF_PART, self.charset)

    def _octets(self, number: int, kind: int) -> bytes | None:
        name = f"__substg1.0_{number:04X}{kind:04X}"
        if name not in self.below.get(self.path, ()):
            return None
        content: bytes = self.ole.openstream([*self.path, name]).read()
        return content


def directories(ole: olefile.OleFileIO) -> Directories:
    """Raises ValueError for more than any message has."""
    found: dict[tuple[str, ...], set[str]] = {}
    listed = ole.listdir(streams=True, storages=True)
    for *path, name in listed:
        found.setdefault(tuple(path), set()).add(name)
    if len(listed) > ENTRIES or any(len(one) > IN_ONE for one in found.values()):
        raise ValueError("it has too many parts")
    return found


def opened(
    ole: olefile.OleFileIO,
    below: Directories,
    path: tuple[str, ...],
    header: int,
    charset: str | None = None,
) -> Storage:
    """header: of HEADER_OF_...; charset: of the message that it is a part of, unless it tells its
    own. Raises OSError (a missing stream, a damaged file)."""
    raw: bytes = ole.openstream([*path, _STREAM]).read()
    fixed = {}
    for at in range(header, min(len(raw) - 15, header + 16 * _MOST), 16):
        kind, number = struct.unpack_from("<HH", raw, at)
        fixed[number, kind] = raw[at + 8 : at + 16]
    page = fixed.get((_MESSAGE_CODEPAGE, _INTEGER)) or fixed.get((_INTERNET_CODEPAGE, _INTEGER))
    own = None if page is None else int.from_bytes(page[:4], "little", signed=True)
    return Storage(ole, below, path, fixed, codec(own, charset or "windows-1252"))

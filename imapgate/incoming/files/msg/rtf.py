"""The HTML or plain text that Outlook has wrapped in RTF (MS-OXRTFEX).

What can unwrap it among the libraries draws in others under the GPL, so it is done here; the
compression below it (MS-OXRTFCP) is a library's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import compressed_rtf

LARGEST = 8 * 1024 * 1024
"""Octets of compressed RTF that are unpacked; a second or so for each MiB."""
DEEPEST = 500
"""Groups in groups; beyond that it isn't read."""

_TOKEN = re.compile(
    rb"([{}])|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\(.)|([^\\{}\r\n]+)",
    re.DOTALL,
)
_HEAD = 1_000
"""Octets in which the word stands that tells what is wrapped (MS-OXRTFEX 2.1.1: 10 tokens)."""
_NUMBERED = (
    "77 mac_roman, 128 cp932, 129 cp949, 130 cp1361, 134 cp936, 136 cp950, 161 cp1253, 162 cp1254, "
    "163 cp1258, 177 cp1255, 178 cp1256, 186 cp1257, 204 cp1251, 222 cp874, 238 cp1250"
)
_CHARSETS = {int(number): name for number, name in map(str.split, _NUMBERED.split(","))}
_SIGNS = {
    b"par": "\r\n",
    b"line": "\r\n",
    b"tab": "\t",
    b"lquote": "\N{LEFT SINGLE QUOTATION MARK}",
    b"rquote": "\N{RIGHT SINGLE QUOTATION MARK}",
    b"ldblquote": "\N{LEFT DOUBLE QUOTATION MARK}",
    b"rdblquote": "\N{RIGHT DOUBLE QUOTATION MARK}",
    b"bullet": "\N{BULLET}",
    b"endash": "\N{EN DASH}",
    b"emdash": "\N{EM DASH}",
}
_NBSP = {"html": "&nbsp;", "text": "\N{NO-BREAK SPACE}"}
_NOT_SHOWN = frozenset((b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"generator"))


def unpacked(compressed: bytes) -> bytes:
    """The RTF. Raises ValueError for what isn't such a thing or is larger than LARGEST."""
    if len(compressed) > LARGEST:
        raise ValueError("it is too large")
    try:
        found: bytes = compressed_rtf.decompress(compressed)
    except Exception as error:
        # The library raises bare Exceptions, and what Python does for octets that are missing.
        raise ValueError(str(error)) from error
    return found


def unwrapped(rtf: bytes) -> tuple[str, str] | None:
    """("html" or "text", what it wraps); None: it was RTF from the beginning, or isn't in order."""
    head = rtf[:_HEAD]
    kind = "html" if b"\\fromhtml" in head else "text" if b"\\fromtext" in head else None
    if kind is None or not rtf.startswith(b"{\\rtf"):
        return None
    return _Unwrapping(kind).read(rtf)


@dataclass(frozen=True, slots=True)
class _Group:
    """tag: inside of a piece of HTML. hidden: its text is for programs that know no HTML
    (\\htmlrtf). ignored: none of its text counts. charset: of the font. skip: characters that stand
    for one in Unicode."""

    tag: bool = False
    hidden: bool = False
    ignored: bool = False
    fonts: bool = False
    charset: str = ""
    skip: int = 1


class _Unwrapping:
    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._found: list[str] = []
        self._octets = bytearray()
        self._charset = "cp1252"
        self._fonts: dict[int, str] = {}
        self._font: int | None = None
        self._group = _Group()
        self._outer: list[_Group] = []
        self._starred = False
        self._to_skip = 0
        self._high = 0

    def read(self, rtf: bytes) -> tuple[str, str] | None:
        for brace, word, number, octet, sign, text in (
            found.groups() for found in _TOKEN.finditer(rtf)
        ):
            if brace == b"{":
                self._flush()
                if len(self._outer) >= DEEPEST:
                    return None
                self._outer.append(self._group)
                self._starred = False
            elif brace == b"}":
                self._flush()
                if not self._outer:
                    break
                self._group = self._outer.pop()
                self._to_skip = 0
            elif word:
                self._word(word, None if number is None else int(number))
            elif octet:
                self._put_octets(bytes.fromhex(octet.decode()))
            elif sign:
                self._sign(sign)
            else:
                self._put_octets(text)
        self._flush()
        return self._kind, "".join(self._found)

    def _word(self, word: bytes, number: int | None) -> None:
        group = self._group
        if word == b"u" and number is not None:
            self._flush()
            self._unicode(number & 0xFFFF)
            self._to_skip = group.skip
            return
        self._flush()
        starred, self._starred = self._starred, False
        if word == b"htmlrtf":
            self._group = replace(group, hidden=number != 0)
        elif word == b"htmltag" and starred:
            self._group = replace(group, tag=True)
        elif word in _NOT_SHOWN or starred:
            self._group = replace(group, ignored=True, fonts=word == b"fonttbl")
        elif word == b"ansicpg" and number is not None:
            self._charset = f"cp{number}" if number != 65001 else "utf-8"
        elif word == b"uc" and number is not None:
            self._group = replace(group, skip=max(0, min(number, 16)))
        elif word == b"f" and number is not None:
            self._font = number
            if not group.fonts:
                self._group = replace(group, charset=self._fonts.get(number, ""))
        elif word == b"fcharset" and group.fonts and self._font is not None and number is not None:
            self._fonts[self._font] = _CHARSETS.get(number, "")
        elif word == b"plain":
            self._group = replace(group, charset="")
        elif word in _SIGNS:
            self._put(_SIGNS[word])

    def _sign(self, sign: bytes) -> None:
        if sign == b"*":
            self._starred = True
        elif sign in b"\\{}":
            self._put_octets(sign)
        elif sign == b"~":
            self._put(_NBSP[self._kind])
        elif sign == b"_":
            self._put("\N{NON-BREAKING HYPHEN}" if self._kind == "text" else "&#8209;")
        elif sign in b"\r\n":
            self._put("\r\n")

    def _unicode(self, unit: int) -> None:
        """A character, or half of one beyond the first plane."""
        if 0xD800 <= unit < 0xDC00:
            self._high = unit
            return
        if 0xDC00 <= unit < 0xE000:
            high, self._high = self._high, 0
            if not high:
                return
            unit = 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00)
        if unit:
            self._put(chr(unit))

    def _put_octets(self, octets: bytes) -> None:
        """Gathered, since a character may be made of several."""
        skipped = min(self._to_skip, len(octets))
        self._to_skip -= skipped
        if self._counts:
            self._octets += octets[skipped:]

    def _put(self, text: str) -> None:
        self._flush()
        if self._to_skip:
            self._to_skip -= 1
        elif self._counts:
            self._found.append(text)

    @property
    def _counts(self) -> bool:
        group = self._group
        return not group.ignored and (group.tag or not group.hidden) and bool(self._outer)

    def _flush(self) -> None:
        if not self._octets:
            return
        for charset in (self._group.charset or self._charset, self._charset, "cp1252"):
            try:
                text = self._octets.decode(charset, "replace")
                break
            except LookupError:
                continue
        self._found.append(text)
        self._octets.clear()

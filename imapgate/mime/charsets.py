"""Octets to text by a charset that a mail names, or that it should have named."""

from __future__ import annotations

import codecs
import re

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:+-]{0,40}")

# What mailers write and Python calls otherwise; the Latin ones as browsers read them (they are
# supersets).
_OTHERWISE = {
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "x-sjis": "cp932",
    "windows-31j": "cp932",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-8-e": "iso8859-8",
    "iso-8859-6-i": "iso8859-6",
    "windows-874": "cp874",
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "unicode-1-1-utf-8": "utf-8",
    "cp-850": "cp850",
}
# Codecs of Python that are no charsets of mail; some are slow or raise on anything.
_NO_CHARSETS = frozenset(
    ("idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem")
)
_GUESSED = frozenset(("", "us-ascii", "ascii", "unknown-8bit", "x-unknown", "utf-8", "utf8"))
_NOT_STORABLE = re.compile("[\0\ud800-\udfff]")


def to_text(raw: bytes, charset: str | None) -> str:
    """Best effort, never raises; without NUL and lone surrogates. A charset that is missing,
    unknown or wrong is UTF-8 where that fits, else windows-1252."""
    name = (charset or "").strip(" \t\"'").lower()
    codec = None if name in _GUESSED else _codec(name)
    if codec is None:
        return storable(_guessed(raw))
    try:
        # Not the codec's own function: this one refuses codecs that are no text encodings.
        return storable(raw.decode(codec, "replace"))
    except (LookupError, ValueError, OverflowError):
        return storable(_guessed(raw))


def storable(text: str) -> str:
    """Without NUL, lone surrogates replaced: what every database takes."""
    if _NOT_STORABLE.search(text) is None:
        return text
    return _NOT_STORABLE.sub(lambda found: "" if found.group() == "\0" else "\ufffd", text)


def _codec(name: str) -> str | None:
    """Python's name of a charset; None if it has none."""
    name = _OTHERWISE.get(name, name)
    if not _NAME.fullmatch(name):
        return None
    try:
        canonical = codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
    return None if canonical.replace("-", "_") in _NO_CHARSETS else canonical


def _guessed(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        # A text that is cut in the middle of its last character.
        if error.reason == "unexpected end of data" and error.start:
            return raw[: error.start].decode("utf-8")
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:
        return raw.decode("latin-1")

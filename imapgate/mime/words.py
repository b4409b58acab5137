"""Encoded words of headers (RFC 2047) and extended parameters (RFC 2231), as they are and as they
are garbled."""

from __future__ import annotations

import binascii
import re
from urllib.parse import unquote_to_bytes

from imapgate.mime.charsets import storable, to_text
from imapgate.mime.parameters import Parameters, parameter

_WORD_START = re.compile(r"=\?([^?\s=]{1,60})\?([bBqQ])\?")
_BLANKS = re.compile(r"[ \t\r\n]*")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_NUMBERED = re.compile(rb"(.+?)\*(\d{1,3})(\*)?")


def text(raw: bytes, limit: int) -> str:
    """An unfolded header value with its encoded words decoded (inside quotes too), as one line
    without control characters, at most `limit` characters."""
    return _CONTROLS.sub(" ", decode_words(to_text(raw, None)))[:limit].strip()


def decode_words(value: str) -> str:
    """Encoded words next to each other lose the blanks between them, and a character that is split
    over two of the same charset is whole again. Linear in the length."""
    if "=?" not in value:
        return value
    out: list[str] = []
    position = 0
    pending: tuple[str, bytes] | None = None
    close = -1
    while True:
        start = _WORD_START.search(value, position)
        if start is None:
            break
        content = start.end()
        if close < content:
            close = value.find("?=", content)
        if close < 0:
            break
        inner = value[content:close]
        between = value[position : start.start()]
        if "=?" in inner:
            # The word never ends; it is ordinary text up to where the next one may begin.
            _flush(pending, out)
            pending = None
            out.append(value[position:content])
            position = content
            continue
        if pending is not None and _BLANKS.fullmatch(between) is None:
            _flush(pending, out)
            pending = None
            out.append(between)
        elif pending is None:
            out.append(between)
        # RFC 2231 5: a language may stand behind the charset.
        charset = start.group(1).partition("*")[0].lower()
        octets = _base64(inner) if start.group(2) in "bB" else _quoted_printable(inner)
        if pending is not None and pending[0] == charset:
            octets = pending[1] + octets
        else:
            _flush(pending, out)
        pending = (charset, octets)
        position = close + 2
    _flush(pending, out)
    out.append(value[position:])
    return storable("".join(out))


def parameter_text(params: Parameters, name: bytes, limit: int) -> str | None:
    """A parameter as text, by RFC 2231 (continuations, charset, percent signs) or with encoded
    words; None if it isn't there or is empty."""
    extended = _extended(params, name)
    if extended is not None:
        found = _CONTROLS.sub(" ", extended)[:limit].strip()
        if found:
            return found
    plain = parameter(params, name)
    return (text(plain, limit) or None) if plain is not None else None


def _flush(pending: tuple[str, bytes] | None, out: list[str]) -> None:
    if pending is not None:
        out.append(to_text(pending[1], pending[0]))


def _base64(inner: str) -> bytes:
    letters = _NOT_BASE64.sub(b"", inner.encode("ascii", "ignore"))
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _quoted_printable(inner: str) -> bytes:
    return binascii.a2b_qp(inner.encode("utf-8", "replace"), header=True)


def _extended(params: Parameters, name: bytes) -> str | None:
    """`name*`, or `name*0`, `name*1*`, ... put together; None if there is nothing of the kind."""
    pieces: dict[int, tuple[bytes, bool]] = {}
    for key, value in params:
        if key == name + b"*":
            return _percent(value, *_charset(value))
        numbered = _NUMBERED.fullmatch(key)
        if numbered and numbered.group(1) == name:
            pieces.setdefault(int(numbered.group(2)), (value, numbered.group(3) is not None))
    if 0 not in pieces:
        return None
    charset: str | None = None
    octets = b""
    number = 0
    while number in pieces:
        value, encoded = pieces[number]
        if encoded:
            start = 0
            if number == 0:
                charset, start = _charset(value)
            octets += unquote_to_bytes(value[start:])
        else:
            octets += value
        number += 1
    found = to_text(octets, charset)
    return decode_words(found) if charset is None else found


def _charset(value: bytes) -> tuple[str | None, int]:
    """The charset before `'language'` and where the value begins; (None, 0) if it isn't written
    so."""
    first = value.find(b"'")
    second = value.find(b"'", first + 1) if first >= 0 else -1
    if second < 0:
        return None, 0
    return value[:first].decode("ascii", "replace"), second + 1


def _percent(value: bytes, charset: str | None, start: int) -> str:
    return to_text(unquote_to_bytes(value[start:]), charset)

"""Modified UTF-7 of mailbox names (RFC 3501 5.1.3)."""

from __future__ import annotations

import binascii
import re

_TO_SHIFT = re.compile(r"&|[^\x20-\x7e]+")
_SHIFTED = re.compile(rb"&([A-Za-z0-9+,]*)-")
_PLAIN = re.compile(rb"[\x20-\x25\x27-\x7e]*")


def encode(name: str) -> bytes:
    """The one canonical form: printable ASCII as it is, `&` as `&-`, runs of all else in base64.

    Raises ValueError for a lone surrogate, which no encoding can carry."""
    if name.isascii() and name.isprintable() and "&" not in name:
        return name.encode("ascii")  # Most are so, and a LIST has thousands.
    return _TO_SHIFT.sub(_shift, name).encode("ascii")


def decode(name: bytes) -> str:
    """Raises ValueError for what is no modified UTF-7; raw UTF-8 is taken as it is (clients send
    it).

    Strict about padding bits, so that a name such as `R&D-x`, sent raw, is not mistaken for base64.
    """
    if not name.isascii():
        return name.decode("utf-8")
    if b"&" not in name:
        return _plain(name)
    pieces: list[str] = []
    at = 0
    while (start := name.find(b"&", at)) >= 0:
        pieces.append(_plain(name[at:start]))
        shifted = _SHIFTED.match(name, start)
        if shifted is None:
            raise ValueError("a shift in the name does not end")
        pieces.append(_unshift(shifted[1]))
        at = shifted.end()
    pieces.append(_plain(name[at:]))
    return "".join(pieces)


def _shift(run: re.Match[str]) -> str:
    if run[0] == "&":
        return "&-"
    base64 = binascii.b2a_base64(run[0].encode("utf-16-be"), newline=False).decode("ascii")
    return "&" + base64.rstrip("=").replace("/", ",") + "-"


def _unshift(base64: bytes) -> str:
    if not base64:
        return "&"
    padded = base64.replace(b",", b"/") + b"=" * (-len(base64) % 4)
    octets = binascii.a2b_base64(padded, strict_mode=True)
    if binascii.b2a_base64(octets, newline=False) != padded:
        raise ValueError("a shift in the name has stray bits")
    return octets.decode("utf-16-be")


def _plain(name: bytes) -> str:
    if _PLAIN.fullmatch(name) is None:
        raise ValueError("the name has a control character")
    return name.decode("ascii")

"""Values of Content-Type and Content-Disposition: a token and `name=value` pairs (RFC 2045 5.1, RFC
2183)."""

from __future__ import annotations

import re

Parameters = tuple[tuple[bytes, bytes], ...]

PARAMETERS_LIMIT = 100
VALUE_LIMIT = 16 * 1024
"""Octets of a Content-Type or Content-Disposition that are looked at."""

_SUBTYPED = re.compile(rb"\s*([^\s/;\"(]{1,200})\s*/\s*([^\s;\"(/]{1,200})")
_TOKEN = re.compile(rb"\s*([^\s;\"(,]{1,200})")
_COMMENT = re.compile(rb"\s*\([^()]*\)")
_PIECES = re.compile(
    rb"(?P<blank>\s+)|(?P<quoted>\"(?:[^\"\\]|\\.|\\\Z)*(?:\"|\Z))|(?P<comment>\([^()]*\))|(?P<end>;)"
    rb"|(?P<atom>[^\s;\"(]+|\()",
    re.DOTALL,
)
_ESCAPED = re.compile(rb"\\([\\\"])")


def type_and_parameters(value: bytes) -> tuple[bytes, bytes, Parameters] | None:
    """Type and subtype in upper case, with the parameters; None if there is no `type/subtype`."""
    found = _SUBTYPED.match(value)
    if found is None:
        return None
    return (
        found.group(1).upper(),
        found.group(2).upper(),
        parameters(value[found.end() : VALUE_LIMIT]),
    )


def token_and_parameters(value: bytes) -> tuple[bytes, Parameters] | None:
    """A first token in upper case, with the parameters; None if there is none."""
    found = _TOKEN.match(value)
    if found is None:
        return None
    return found.group(1).upper(), parameters(value[found.end() : VALUE_LIMIT])


def first_token(value: bytes) -> bytes | None:
    """The first token in upper case, comments passed over; None if there is none."""
    position = 0
    while comment := _COMMENT.match(value, position):
        position = comment.end()
    found = _TOKEN.match(value, position)
    return found.group(1).upper() if found else None


def parameters(value: bytes) -> Parameters:
    """(name upper case, value) pairs, at most 100, quoting undone. What stands before the first `;`
    is passed over; an unquoted value with blanks in it is taken up to the next `;`."""
    found: list[tuple[bytes, bytes]] = []
    pieces: list[tuple[bytes, bool]] = []
    for piece in _PIECES.finditer(value):
        kind = piece.lastgroup
        if kind == "end":
            _take(pieces, found)
            pieces = []
            if len(found) >= PARAMETERS_LIMIT:
                return tuple(found)
        elif kind == "quoted":
            pieces.append((_unquoted(piece.group()), True))
        elif kind == "blank":
            pieces.append((b" ", False))
        elif kind == "atom":
            pieces.append((piece.group(), False))
    _take(pieces, found)
    return tuple(found)


def parameter(pairs: Parameters, name: bytes) -> bytes | None:
    """The first value of that name (upper case)."""
    for known, value in pairs:
        if known == name:
            return value
    return None


def _unquoted(quoted: bytes) -> bytes:
    """Only `\\"` and `\\\\` are escapes: clients write Windows paths with single backslashes. A
    closing quote may be missing."""
    inner = quoted[1:-1] if len(quoted) > 1 and quoted.endswith(b'"') else quoted[1:]
    return _ESCAPED.sub(rb"\1", inner)


def _take(pieces: list[tuple[bytes, bool]], found: list[tuple[bytes, bytes]]) -> None:
    """`name = value` from the pieces between two semicolons."""
    plain = b"".join(text for text, quoted in pieces if not quoted)
    equals = plain.find(b"=")
    if equals < 0:
        return
    name = plain[:equals].strip().upper()
    if not name or b" " in name:
        return
    for text, quoted in pieces:
        if quoted:
            found.append((name, text))
            return
    found.append((name, plain[equals + 1 :].strip()))

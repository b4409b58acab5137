"""Reads what a server says in parentheses (RFC 3501 4), apart from imapgate's own code."""

from __future__ import annotations

import re
from typing import Any

_LITERAL = re.compile(rb"~?\{(\d+)\}\r\n")
"""A literal8 (RFC 3516) too."""
_QUOTED = re.compile(rb'"((?:[^"\\\r\n]|\\["\\])*)"')
_ATOM = re.compile(rb"[^\s()\"{\[]+(?:\[[^\]]*\](?:<\d+>)?)?")
_FETCH = re.compile(rb"\* (\d+) FETCH ")


class Bad(Exception):
    """It isn't in the grammar."""


def value(text: bytes, at: int = 0) -> tuple[Any, int]:
    """(value, where it ends): None for NIL, int for a number, bytes for strings, str for other
    atoms, lists. One blank between elements, none needed between two lists."""
    if text[at : at + 1] == b"(":
        return _list(text, at)
    if found := _LITERAL.match(text, at):
        end = found.end() + int(found.group(1))
        if end > len(text):
            raise Bad("a literal is cut")
        return text[found.end() : end], end
    if found := _QUOTED.match(text, at):
        return re.sub(rb"\\(.)", rb"\1", found.group(1)), found.end()
    found = _ATOM.match(text, at)
    if not found:
        raise Bad(repr(text[at : at + 40]))
    atom = found.group()
    if atom == b"NIL":
        return None, found.end()
    return int(atom) if atom.isdigit() else atom.decode("ascii"), found.end()


def whole(text: bytes) -> Any:
    """One value, nothing behind it."""
    found, end = value(text)
    if end != len(text):
        raise Bad(f"left over: {text[end : end + 40]!r}")
    return found


def fetches(text: bytes) -> list[tuple[int, dict[str, Any]]]:
    """(sequence number, item -> value) of each FETCH response."""
    found = []
    at = 0
    while at < len(text):
        head = _FETCH.match(text, at)
        if not head:
            raise Bad(repr(text[at : at + 40]))
        items, at = value(text, head.end())
        if text[at : at + 2] != b"\r\n":
            raise Bad("no line end")
        at += 2
        found.append((int(head.group(1)), dict(zip(items[::2], items[1::2], strict=True))))
    return found


def _list(text: bytes, at: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    at += 1
    while text[at : at + 1] != b")":
        if found:
            if text[at : at + 1] == b" ":
                at += 1
            elif not (isinstance(found[-1], list) and text[at : at + 1] == b"("):
                raise Bad(f"no blank: {text[at : at + 40]!r}")
        one, at = value(text, at)
        found.append(one)
    return found, at + 1

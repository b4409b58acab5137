"""Java's .properties files (java.util.Properties.load), with placeholders for the environment."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from imapgate.activities.names import Mistake

LONGEST = 256 * 1024
"""Octets of a file."""
SHOWN = 10
"""Faults that are told."""


@dataclass(frozen=True, slots=True)
class Property:
    """line: where it begins, from 1."""

    line: int
    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Fault:
    """text: what is wrong in that line, a sentence without its end."""

    line: int
    text: str


def refusal(file: str, faults: list[Fault]) -> Mistake:
    """All of them in one sentence, in the file's order."""
    told = [f"line {one.line}: {one.text}" for one in sorted(faults, key=lambda one: one.line)]
    more = f"; and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return Mistake(f"{file}, {'; '.join(told[:SHOWN])}{more}.")


def read(octets: bytes, environ: Mapping[str, str]) -> tuple[list[Property], list[Fault]]:
    """The file's properties, escapes and placeholders resolved, and what is wrong with it.

    `#` and `!` begin a comment, `\\` at a line's end continues it, `=`, `:` or a blank ends a key,
    `\\t`, `\\n`, `\\r`, `\\f` and `\\uXXXX` are escapes. `${NAME}` and `${{NAME}}` stand for the
    environment's NAME. UTF-8.
    """
    faults: list[Fault] = []
    if len(octets) > LONGEST:
        return [], [Fault(1, f"the file has more than {LONGEST} octets")]
    try:
        text = octets.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        return [], [Fault(line, "this isn't UTF-8")]
    found: dict[str, Property] = {}
    for line, logical in _logical_lines(text):
        try:
            key, value = _split(logical)
            key, value = _unescaped(key), _unescaped(value)
            _check(key, value)
            value = _filled(value, environ)
        except ValueError as error:
            faults.append(Fault(line, str(error)))
            continue
        if key in found:
            faults.append(Fault(line, f'"{key}" stands in line {found[key].line} already'))
            continue
        found[key] = Property(line, key, value)
    return list(found.values()), faults


_LINE_END = re.compile(r"\r\n|\r|\n")
_BLANKS = " \t\f"
_KEY = re.compile(r"(?:\\.|[^\\=: \t\f])*", re.DOTALL)
_SEPARATOR = re.compile(r"[ \t\f]*[=:]?[ \t\f]*")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.?))", re.DOTALL)
_PLACEHOLDER = re.compile(
    r"\$\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}|\$\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}|\$\{"
)
_LETTERS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """(number of its first line, what stands in it), continued lines joined, without comments."""
    begun, number = "", 0
    for n, natural in enumerate(_LINE_END.split(text), 1):
        line = natural.lstrip(_BLANKS)
        if not number:
            if not line or line[0] in "#!":
                continue
            number = n
        continued = (len(line) - len(line.rstrip("\\"))) % 2 == 1
        begun += line[:-1] if continued else line
        if not continued:
            yield number, begun
            begun, number = "", 0
    if number:
        yield number, begun


def _split(logical: str) -> tuple[str, str]:
    """Key and value, escapes still in them. Raises ValueError."""
    key = _KEY.match(logical)
    end = key.end() if key else 0
    separator = _SEPARATOR.match(logical, end)
    rest = separator.end() if separator else end
    if not end:
        raise ValueError("there is no name before the value")
    return logical[:end], logical[rest:]


def _unescaped(text: str) -> str:
    """Raises ValueError."""

    def letter(found: re.Match[str]) -> str:
        if found[1]:
            return chr(int(found[1], 16))
        if found[2] == "u":
            raise ValueError("after \\u four hexadecimal digits must stand")
        return _LETTERS.get(found[2], found[2])

    plain = _ESCAPE.sub(letter, text)
    # Two escapes may be the halves of one letter.
    return plain.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def _check(key: str, value: str) -> None:
    """Raises ValueError for what nobody means: letters that can't be seen, blanks at the end."""
    for one in key + value:
        if unicodedata.category(one)[0] == "C" or (one != " " and one.isspace()):
            raise ValueError(f"a stray character U+{ord(one):04X}")
    if one_outside := next((one for one in key if not (one.isascii() and one.isprintable())), ""):
        raise ValueError(f"a stray character {one_outside} (U+{ord(one_outside):04X}) in the name")
    if value != value.strip():
        raise ValueError("a stray blank after the value")


def _filled(value: str, environ: Mapping[str, str]) -> str:
    """Raises ValueError for a name that the environment hasn't, which it doesn't guess."""

    def text(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if not name:
            raise ValueError("a stray ${ (a placeholder is ${NAME})")
        if name not in environ:
            raise ValueError(f"the environment has no {name}")
        return environ[name]

    return _PLACEHOLDER.sub(text, value)

"""A dialogue for people who look for a fault: without passwords, and without what mails say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from imapgate.wire.append_grammar import completed
from imapgate.wire.grammar import (
    COMMANDS,
    BadCommand,
    GrammarLimits,
    Literal,
    parse,
    peek,
)

LONGEST = 4000
"""Octets of an answer, characters of a command, that are shown."""
QUOTED = '"..."'
LITERAL = "{%d} ..."

_SECRET = (b"LOGIN", b"AUTHENTICATE", b"SETMETADATA")
_SEARCH = (b"SEARCH", b"UID SEARCH", b"SORT", b"UID SORT", b"THREAD", b"UID THREAD")
_TAKES_TEXT = frozenset({"BCC", "BODY", "CC", "FROM", "SUBJECT", "TEXT", "TO"})
# fmt: off
_TAKES_OTHER = frozenset((
    "BEFORE", "CHARSET", "KEYWORD", "LARGER", "OLDER", "ON", "PARTIAL", "SAVEDBEFORE", "SAVEDON",
    "SAVEDSINCE", "SENTBEFORE", "SENTON", "SENTSINCE", "SINCE", "SMALLER", "UID", "UNKEYWORD",
    "YOUNGER",
))
# fmt: on
"""What stands behind these is shown, and is no key, though it may look like one."""
_EMPTY_AT_END = re.compile(r"\{0\} \.\.\.\)?\Z")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)', re.DOTALL)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|[()]|[^\s()"]+', re.DOTALL)
_DATE = re.compile(r'((?:INTERNALDATE|SAVEDATE) )("[ \d]\d-[A-Za-z]{3}-\d{4} [\d:]{8} [+-]\d{4}")')
_FETCH = re.compile(rb"\* (?:\d+ FETCH|METADATA) ")
_STATUS = re.compile(rb"(?:\S+ (?:OK|NO|BAD|BYE|PREAUTH) |\+ )")
_LITERAL_AT_END = re.compile(rb"\{(\d{1,19})\}\r\n\Z")
_TAIL = 24
"""Octets of a line's end in which its literal is announced."""


def command(parts: Sequence[bytes | Literal], limits: GrammarLimits) -> tuple[bytes | None, str]:
    """(tag, the command as one printable line). parts: as for `grammar.parse`.

    Passwords, what SEARCH looks for, and literals are masked; names of folders, flags and ID are
    shown. What can't be parsed may be anything (a password out of turn, a line of a mail): of it
    only a known command's name is shown, and the tag is None.
    """
    first = parts[0] if parts else b""
    name = peek(first)[1] if isinstance(first, bytes) else b""
    octets = sum(len(one) if isinstance(one, bytes) else len(one.content) for one in parts)
    try:
        tag = parse(parts, limits).tag
    except BadCommand as bad:
        if bad.tag is None or name not in COMMANDS:
            return None, f"({octets} octets that are no command)"
        return None, f"? {name.decode('ascii')} ({octets} octets, not understood)"
    if name in _SECRET:
        return tag, f"{_shown(tag)} {name.decode('ascii')} ..."
    if name in _SEARCH:
        return tag, "".join(_search(parts, _before_keys(first, name)))[:LONGEST]
    said = [_shown(one) if isinstance(one, bytes) else LITERAL % len(one.content) for one in parts]
    return tag, "".join(said)[:LONGEST]


def announced(
    parts: Sequence[bytes | Literal], octets: int, limits: GrammarLimits
) -> tuple[bytes | None, str]:
    """As `command`: an APPEND up to the message that is announced with so many octets and has not
    come yet."""
    tag, said = command(completed(parts), limits)
    return tag, _EMPTY_AT_END.sub("", said) + f"{{{octets}}}"


class Answers:
    """What the server writes, in pieces of any size, as lines with content masked: in FETCH every
    string but INTERNALDATE and SAVEDATE, in METADATA every string, elsewhere literals. Begin where
    a response begins."""

    def __init__(self) -> None:
        self.tag: bytes | None = None
        """Of the command that is answered; another tag isn't shown, it may be anything."""
        self._head = bytearray()
        self._tail = b""
        self._skip = 0

    def feed(self, octets: bytes) -> Iterator[str]:
        """The lines that are complete now, printable, each without its end."""
        at = 0
        while at < len(octets):
            if self._skip:
                skipped = min(self._skip, len(octets) - at)
                self._skip -= skipped
                at += skipped
                continue
            end = octets.find(b"\n", at) + 1
            self._add(octets[at : end or len(octets)])
            at = end or len(octets)
            if not end:
                return
            literal = None if _STATUS.match(self._head) else _LITERAL_AT_END.search(self._tail)
            if literal is None:
                yield self._told()
                self._head.clear()
                self._tail = b""
            else:
                self._skip = int(literal[1])
                self._add(b" ...")

    def _add(self, octets: bytes) -> None:
        self._head += octets[: max(0, LONGEST - len(self._head))]
        self._tail = (self._tail + octets[-_TAIL:])[-_TAIL:]

    def _told(self) -> str:
        line = bytes(self._head)
        first, blank, rest = line.partition(b" ")
        if first not in (b"*", b"+", self.tag):
            line = b"?" + blank + rest
        said = line.decode("utf-8", "backslashreplace").replace("\r\n", "")
        if _FETCH.match(line):
            dates = iter([found[2] for found in _DATE.finditer(said)])
            said = _DATE.sub(r"\1\0", said)
            said = _STRING.sub(QUOTED, said)
            said = re.sub("\0", lambda _: next(dates), said)
        return _printable(said) + (" ..." if len(self._head) >= LONGEST else "")


def _before_keys(first: bytes | Literal, name: bytes) -> int:
    """How many words stand before a command's search keys, and may look like keys: SORT has
    criteria there and a charset, THREAD an algorithm and a charset."""
    words = len(name.split()) + 1
    if name.endswith(b"THREAD"):
        return words + 2
    if not name.endswith(b"SORT"):
        return words
    said = _TOKEN.findall(_shown(first).upper()) if isinstance(first, bytes) else []
    groups = 2 if said[words : words + 1] == ["RETURN"] else 1
    for place, one in enumerate(said):
        groups -= one == ")"
        if not groups:
            return sum(before not in ("(", ")") for before in said[:place]) + 1
    return words


def _search(parts: Sequence[bytes | Literal], before: int) -> Iterator[str]:
    """Keys, numbers, dates and flags stay; what is looked for goes. before: the words of tag and
    command, which may look like keys."""
    hide = [False] * before
    first = True
    for one in parts:
        if not isinstance(one, bytes):
            yield (" " if not first else "") + LITERAL % len(one.content)
            hide = hide[1:]
            continue
        for token in _TOKEN.findall(one.decode("utf-8", "backslashreplace")):
            if not first:
                yield " "
            first = False
            if token in ("(", ")"):
                yield token
            elif token.startswith('"') or (hide and hide[0]):
                hide = hide[1:]
                yield QUOTED
            elif hide:
                hide = hide[1:]
                yield _printable(token)
            else:
                yield _printable(token)
                if token.upper() in _TAKES_TEXT:
                    hide = [True]
                elif token.upper() == "HEADER":
                    hide = [False, True]
                elif token.upper() in _TAKES_OTHER:
                    hide = [False]


def _shown(octets: bytes) -> str:
    return _printable(octets.decode("utf-8", "backslashreplace"))


def _printable(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text
    )

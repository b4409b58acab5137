"""Walks over a command's text and literals and takes tokens off it (RFC 3501 9).

Every method either takes what it names and moves on, or raises BadCommand and says what was
expected and where, never what the client wrote (it may be a password). All are linear.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from imapgate.wire import numbers, utf7
from imapgate.wire.commands import Content
from imapgate.wire.numbers import NumberSet, PartialRange

Taken = TypeVar("Taken")

SEQUENCE_SET = "a set of message numbers"
MAILBOX = "a mailbox name"
_MOD_SEQUENCE = "a mod-sequence"

_BLANKS = re.compile(rb" +")
_TRAILING_BLANKS = re.compile(rb"[ \t]*")
_ATOM = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\\]]+')
_ASTRING_ATOM = re.compile(rb'[^\x00-\x20\x7f-\xff(){%*"\\]+')
_MAILBOX_ATOM = re.compile(rb'[^\x00-\x20\x7f(){%*"\\]+')
_LIST_ATOM = re.compile(rb'[^\x00-\x20\x7f(){"\\]+')
_QUOTED = re.compile(rb'"([^"\\\r\n\x00]*(?:\\["\\][^"\\\r\n\x00]*)*)"')
_ESCAPED = re.compile(rb"\\(.)")
_SET = re.compile(rb"[0-9*:,$]+")
_PARTIAL = re.compile(rb"[0-9:-]+")
_DIGITS = re.compile(rb"[0-9]+")
_FLAG = re.compile(rb'\\?[^\x00-\x20\x7f-\xff(){%*"\\\]]+')


@dataclass(frozen=True, slots=True)
class GrammarLimits:
    """nesting: parentheses, NOT and OR of a SEARCH, at most 100. sequence_ranges: of one set.
    search_keys: of one SEARCH, search_texts of them look at texts. fetch_items: of one FETCH, names
    of header fields included. notify_names: mailboxes and groups of events of one NOTIFY. keyword:
    characters of a keyword in STORE. folder_name: characters of a LIST pattern, list_patterns: of
    one LIST. least_changed_since: what CHANGEDSINCE may be at least.

    A too long keyword of an APPEND and a too long mailbox name are no errors of syntax: they are
    passed on, to be answered NO by what they mean.
    """

    nesting: int = 50
    sequence_ranges: int = 20_000
    search_keys: int = 200
    search_texts: int = 32
    fetch_items: int = 200
    notify_names: int = 200
    keyword: int = 64
    folder_name: int = 255
    list_patterns: int = 50
    least_changed_since: int = 0


class BadCommand(Exception):
    """A syntax error. tag: None if the line has no usable tag. text: the reason, for `BAD`."""

    def __init__(self, tag: bytes | None, text: str) -> None:
        super().__init__(text)
        self.tag = tag
        self.text = text


class BadCharset(BadCommand):
    """SEARCH with an unknown CHARSET: NO [BADCHARSET (US-ASCII UTF-8)]. saves: it was to be saved,
    so that `$` is empty from now on (RFC 5182 2.1)."""

    def __init__(self, tag: bytes | None, text: str, saves: bool = False) -> None:
        super().__init__(tag, text)
        self.saves = saves


@dataclass(frozen=True, slots=True)
class Literal:
    content: Content


class Cursor:
    """A place in a command."""

    __slots__ = ("_at", "_part", "_parts", "_text", "limits", "utf8")

    def __init__(
        self, parts: Sequence[bytes | Literal], limits: GrammarLimits, utf8: bool = False
    ) -> None:
        """parts: texts and literals in turn, beginning with a text. utf8: mailbox names come in
        UTF-8, as after ENABLE of IMAP4rev2 or UTF8=ACCEPT, and `&` stands for itself."""
        self.limits = limits
        self.utf8 = utf8
        self._parts = parts
        self._part = 0
        self._at = 0
        self._text = self._text_of(0)

    @property
    def place(self) -> tuple[int, int]:
        """Where the next token begins: to be named by `fail`."""
        return self._part, self._at

    def fail(self, expected: str, place: tuple[int, int] | None = None) -> BadCommand:
        """The error to raise, about this place or an earlier one. `grammar.parse` adds the tag.

        Characters are counted without the octets of literals, from 1."""
        part, at = place or self.place
        if at >= len(self._text_of(part)):
            where = "at the end" if part + 1 >= len(self._parts) else "before the literal"
        else:
            before = sum(len(self._text_of(earlier)) for earlier in range(0, part, 2))
            where = f"at character {before + at + 1}"
        return BadCommand(None, f"Expected {expected} {where}")

    def back(self, place: tuple[int, int]) -> None:
        """Return to an earlier place."""
        self._part, self._at = place
        self._text = self._text_of(self._part)

    def match(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """Takes what the pattern finds right here, if it does."""
        found = pattern.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found

    def take(self, pattern: re.Pattern[bytes], expected: str) -> bytes:
        found = self.match(pattern)
        if found is None:
            raise self.fail(expected)
        return found[0]

    def sees(self, octet: bytes) -> bool:
        return self._text.startswith(octet, self._at)

    def skip(self, octet: bytes) -> bool:
        """Takes the octet if it stands here."""
        if not self.sees(octet):
            return False
        self._at += 1
        return True

    def expect(self, octet: bytes, expected: str) -> None:
        if not self.skip(octet):
            raise self.fail(expected)

    def blank(self, before: str) -> None:
        """One blank, or several; `before` names what has to follow."""
        if self.match(_BLANKS) is None:
            raise self.fail(f"a blank and {before}")

    def skip_blanks(self) -> None:
        self.match(_BLANKS)

    def at_end(self) -> bool:
        """Nothing but blanks remains."""
        last = self._part + 1 >= len(self._parts)
        return last and _TRAILING_BLANKS.fullmatch(self._text, self._at) is not None

    def end(self) -> None:
        if not self.at_end():
            raise self.fail("the end of the command")

    def literal(self) -> Content | None:
        """The octets of a literal that stands here, as they came."""
        if self._at < len(self._text) or self._part + 1 >= len(self._parts):
            return None
        part = self._parts[self._part + 1]
        if not isinstance(part, Literal):
            return None
        self._part += 2
        self._at = 0
        self._text = self._text_of(self._part)
        return part.content

    def string(self, expected: str) -> bytes:
        """`string`: quoted, or a literal without NUL. 8-bit is tolerated in quotes; once they may
        hold UTF-8, it has to be that (RFC 6855 3)."""
        found = self._string(expected)
        if found is None:
            raise self.fail(expected)
        return found

    def astring(self, expected: str) -> bytes:
        return self._atom_or_string(_ASTRING_ATOM, expected)

    def nstring(self, expected: str) -> bytes | None:
        """None for NIL in any case; other atoms are tolerated as strings."""
        found = self._string(expected)
        if found is not None:
            return found
        atom = self.take(_ASTRING_ATOM, expected)
        return None if atom.upper() == b"NIL" else atom

    def atom(self, expected: str) -> bytes:
        return self.take(_ATOM, expected)

    def mailbox(self) -> str:
        """`mailbox`; INBOX in any case is "INBOX". What is no modified UTF-7 is taken as raw
        UTF-8."""
        name = self._name(_MAILBOX_ATOM, MAILBOX)
        return "INBOX" if name.upper() == "INBOX" else name

    def list_mailbox(self) -> str:
        """`list-mailbox`: a name with the wildcards `*` and `%`."""
        start = self.place
        pattern = self._name(_LIST_ATOM, "a mailbox pattern")
        if len(pattern) > self.limits.folder_name:
            raise self.fail(f"a pattern of at most {self.limits.folder_name} characters", start)
        return pattern

    def number(self, expected: str, least: int = 0) -> int:
        """A `number` from `least` up to 32 bits."""
        start = self.place
        digits = self.take(_DIGITS, expected)
        number = int(digits) if len(digits) <= 10 else numbers.MAX_NUMBER + 1
        if not least <= number <= numbers.MAX_NUMBER:
            raise self.fail(f"{expected} from {least} to {numbers.MAX_NUMBER}", start)
        return number

    def mod_sequence(self, least: int = 1) -> int:
        """A `mod-sequence-value`, or with least=0 a `mod-sequence-valzer` (RFC 7162 7): 63 bits."""
        start = self.place
        digits = self.take(_DIGITS, _MOD_SEQUENCE)
        value = int(digits) if len(digits) <= 19 else numbers.MAX_MOD_SEQUENCE + 1
        if not least <= value <= numbers.MAX_MOD_SEQUENCE:
            expected = f"{_MOD_SEQUENCE} from {least} to {numbers.MAX_MOD_SEQUENCE}"
            raise self.fail(expected, start)
        return value

    def sees_set(self) -> bool:
        return _SET.match(self._text, self._at) is not None

    def sequence_set(self) -> NumberSet:
        start = self.place
        text = self.take(_SET, SEQUENCE_SET)
        try:
            return numbers.read_set(text, self.limits.sequence_ranges)
        except ValueError as error:
            raise self.fail(f"{SEQUENCE_SET} ({error})", start) from None

    def partial_range(self) -> PartialRange:
        """`partial-range` (RFC 9394 4)."""
        start = self.place
        expected = "a range such as 1:100 or -1:-100"
        try:
            return numbers.read_partial(self.take(_PARTIAL, expected))
        except ValueError:
            raise self.fail(expected, start) from None

    def flag(self) -> bytes:
        """`flag`: a keyword, or a backslash and an atom, as written."""
        return self.take(_FLAG, "a flag")

    def flag_list(self) -> tuple[bytes, ...]:
        return self.parenthesised(self.flag, "flags")

    def parenthesised(self, take: Callable[[], Taken], expected: str) -> tuple[Taken, ...]:
        """`(` what `take` takes, any number of times with blanks between `)`."""
        self.expect(b"(", f"( and {expected}")
        taken: list[Taken] = []
        self.skip_blanks()
        while not self.skip(b")"):
            taken.append(take())
            if not self.sees(b")"):
                self.blank(f"{expected} or )")
        return tuple(taken)

    def _text_of(self, part: int) -> bytes:
        text = self._parts[part] if part < len(self._parts) else b""
        if isinstance(text, Literal):
            raise BadCommand(None, "Expected text before and between literals")
        return text

    def _string(self, expected: str) -> bytes | None:
        start = self.place
        quoted = self.match(_QUOTED)
        if quoted is not None:
            if self.utf8 and not _is_utf8(quoted[1]):
                raise self.fail(f"{expected} in UTF-8", start)
            return _ESCAPED.sub(rb"\1", quoted[1]) if b"\\" in quoted[1] else quoted[1]
        content = self.literal()
        if content is None:
            return None
        octets = content[:]
        if b"\x00" in octets:
            raise self.fail(f"{expected} without NUL", start)
        return octets

    def _atom_or_string(self, atom: re.Pattern[bytes], expected: str) -> bytes:
        bare = self.match(atom)
        return bare[0] if bare is not None else self.string(expected)

    def _name(self, bare: re.Pattern[bytes], expected: str) -> str:
        start = self.place
        octets = self._atom_or_string(bare, expected)
        if not self.utf8:
            try:
                return utf7.decode(octets)
            except ValueError:
                pass  # Some clients send UTF-8 at any time.
        try:
            return octets.decode("utf-8")
        except UnicodeDecodeError:
            encoding = "UTF-8" if self.utf8 else "modified UTF-7"
            raise self.fail(f"{expected} in {encoding}", start) from None


def _is_utf8(octets: bytes) -> bool:
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

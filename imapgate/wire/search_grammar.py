"""SEARCH's result options and keys (RFC 3501 6.4.4 and the extensions named in wire.commands)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from functools import partial

from imapgate.wire.commands import (
    And,
    Command,
    Everything,
    HasAge,
    HasDate,
    HasFlag,
    HasModseq,
    HasObjectId,
    HasSaveDate,
    HasSize,
    HasText,
    InNumbers,
    Not,
    Or,
    Returns,
    Search,
    SearchKey,
)
from imapgate.wire.cursor import BadCharset, Cursor
from imapgate.wire.dates import read_date
from imapgate.wire.numbers import PartialRange

CHARSETS = frozenset((b"US-ASCII", b"UTF-8"))

_OPTION = "a result option"
_OPTIONS = frozenset((b"MIN", b"MAX", b"ALL", b"COUNT", b"SAVE"))
_RETURN = re.compile(rb"RETURN +(?=\()", re.IGNORECASE)

_ENTRY = re.compile(rb'/flags/\\?[^\x00-\x20\x7f-\xff(){%*"\\\]]+', re.IGNORECASE)
_ENTRY_NAME = 'a flag such as "/flags/\\\\seen"'
_ENTRY_TYPE = "priv, shared or all"
_KEY = "a search key"
_NAME = re.compile(rb"[A-Za-z]+")
_OBJECT_ID = re.compile(rb"[A-Za-z0-9_-]{1,255}")
_CHARSET = re.compile(rb"CHARSET +", re.IGNORECASE)
_RECENT = b"\\Recent"
_FLAGS = {
    b"ANSWERED": b"\\Answered",
    b"DELETED": b"\\Deleted",
    b"DRAFT": b"\\Draft",
    b"FLAGGED": b"\\Flagged",
    b"SEEN": b"\\Seen",
}
_FIXED: dict[bytes, SearchKey] = {
    b"ALL": Everything(),
    b"SAVEDATESUPPORTED": Everything(),  # Every folder knows it (RFC 8514 4.3).
    b"RECENT": HasFlag(_RECENT, True),
    b"OLD": HasFlag(_RECENT, False),
    b"NEW": And((HasFlag(_RECENT, True), HasFlag(b"\\Seen", False))),
    **{name: HasFlag(flag, True) for name, flag in _FLAGS.items()},
    **{b"UN" + name: HasFlag(flag, False) for name, flag in _FLAGS.items()},
}
_TEXTS = frozenset((b"TEXT", b"BODY", b"SUBJECT", b"FROM", b"TO", b"CC", b"BCC"))
_DATES = frozenset((b"BEFORE", b"ON", b"SINCE"))
_SENT = {b"SENT" + comparison: comparison for comparison in _DATES}
_SAVED = {b"SAVED" + comparison: comparison for comparison in _DATES}
_WITH_ARGUMENT = frozenset(
    (
        *(b"UID", b"KEYWORD", b"UNKEYWORD", b"LARGER", b"SMALLER", b"HEADER", b"NOT", b"OR"),
        *(
            b"MODSEQ",
            b"OLDER",
            b"YOUNGER",
            b"EMAILID",
            b"THREADID",
            *_TEXTS,
            *_DATES,
            *_SENT,
            *_SAVED,
        ),
    )
)


def search(cursor: Cursor, by_uid: bool) -> Search:
    cursor.blank(_KEY)
    returns = result_options(cursor, _KEY)
    names_charset = cursor.match(_CHARSET) is not None
    if names_charset:
        charset(cursor, saves=returns is not None and returns.saves)
        cursor.blank(_KEY)
    return Search(keys_until_end(cursor), by_uid, returns, names_charset)


def result_options(cursor: Cursor, then: str) -> Returns | None:
    """`RETURN (...)` and the blank behind it (RFC 4466 2.6.1), None if something else stands here;
    `then` names what has to follow."""
    if cursor.match(_RETURN) is None:
        return None
    start = cursor.place
    partials: list[PartialRange] = []

    def option() -> bytes:
        start = cursor.place
        name = cursor.take(_NAME, _OPTION).upper()
        if name == b"PARTIAL":
            cursor.blank("a range of results")
            partials.append(cursor.partial_range())
        elif name not in _OPTIONS:
            raise cursor.fail(_OPTION, start)
        return name

    options = frozenset(cursor.parenthesised(option, "result options"))
    if len(partials) > 1 or {b"ALL", b"PARTIAL"} <= options:
        raise cursor.fail("only one PARTIAL, and no ALL beside it", start)
    cursor.blank(then)
    if not options:
        return Returns(frozenset((b"ALL",)))
    return Returns(options - {b"PARTIAL"}, partials[0] if partials else None)


def charset(cursor: Cursor, saves: bool) -> None:
    """The name of a charset that is known. saves: see BadCharset, which is raised for others."""
    if cursor.astring("a charset").upper() not in CHARSETS:
        raise BadCharset(None, "Search texts may be US-ASCII or UTF-8", saves)


def keys_until_end(cursor: Cursor) -> SearchKey:
    """One or more search keys, up to the end of the command."""
    return _Keys(cursor).until_end()


class _Keys:
    """One SEARCH's keys, counted; nesting is bounded, so that recursion is."""

    def __init__(self, cursor: Cursor) -> None:
        self._cursor = cursor
        self._keys = 0
        self._texts = 0
        self._depth = 0

    def until_end(self) -> SearchKey:
        keys = [self._key()]
        while not self._cursor.at_end():
            self._cursor.blank(_KEY)
            keys.append(self._key())
        return _together(keys)

    def _key(self) -> SearchKey:
        cursor = self._cursor
        start = cursor.place
        self._keys += 1
        if self._keys > cursor.limits.search_keys:
            raise cursor.fail(f"at most {cursor.limits.search_keys} search keys")
        if cursor.sees(b"("):
            return self._group()
        if cursor.sees_set():
            return InNumbers(cursor.sequence_set(), by_uid=False)
        name = cursor.take(_NAME, _KEY).upper()
        if name in _FIXED:
            return _FIXED[name]
        if name not in _WITH_ARGUMENT:
            raise cursor.fail(_KEY, start)
        cursor.blank("what to search for")
        return self._with_argument(name)

    def _with_argument(self, name: bytes) -> SearchKey:
        cursor = self._cursor
        match name:
            case b"UID":
                return InNumbers(cursor.sequence_set(), by_uid=True)
            case b"KEYWORD" | b"UNKEYWORD":
                return HasFlag(cursor.atom("a keyword"), present=name == b"KEYWORD")
            case b"LARGER" | b"SMALLER":
                return HasSize(cursor.number("a size"), larger=name == b"LARGER")
            case b"OLDER" | b"YOUNGER":
                return HasAge(cursor.number("seconds", least=1), older=name == b"OLDER")
            case b"MODSEQ":
                return self._modseq()
            case b"NOT":
                return Not(self._nested())
            case b"OR":
                return self._or()
            case b"EMAILID" | b"THREADID":
                return HasObjectId(self._object_id(), thread=name == b"THREADID")
            case b"HEADER":
                return self._header()
            case _ if name in _DATES:
                return HasDate(name, self._day(), sent=False)
            case _ if name in _SENT:
                return HasDate(_SENT[name], self._day(), sent=True)
            case _ if name in _SAVED:
                return HasSaveDate(_SAVED[name], self._day())
            case _:
                return HasText(name, self._text())

    def _group(self) -> SearchKey:
        start = self._cursor.place
        keys = self._cursor.parenthesised(self._nested, "search keys")
        if not keys:
            raise self._cursor.fail(_KEY, start)
        return _together(keys)

    def _nested(self) -> SearchKey:
        if self._depth >= self._cursor.limits.nesting:
            raise self._cursor.fail(f"at most {self._cursor.limits.nesting} levels of search keys")
        self._depth += 1
        key = self._key()
        self._depth -= 1
        return key

    def _or(self) -> SearchKey:
        left = self._nested()
        self._cursor.blank("a second search key")
        return Or(left, self._nested())

    def _modseq(self) -> HasModseq:
        """With or without the name and the type of a flag (RFC 7162 7)."""
        cursor = self._cursor
        if cursor.sees(b'"'):
            start = cursor.place
            if _ENTRY.fullmatch(cursor.string(_ENTRY_NAME)) is None:
                raise cursor.fail(_ENTRY_NAME, start)
            cursor.blank(_ENTRY_TYPE)
            start = cursor.place
            if cursor.take(_NAME, _ENTRY_TYPE).lower() not in (b"priv", b"shared", b"all"):
                raise cursor.fail(_ENTRY_TYPE, start)
            cursor.blank("a mod-sequence")
        return HasModseq(cursor.mod_sequence(least=0))

    def _header(self) -> SearchKey:
        name = self._cursor.astring("a field name").upper()
        self._cursor.blank("what to search for")
        # In upper case these two would mean the TEXT and BODY keys.
        return HasText(name.lower() if name in (b"TEXT", b"BODY") else name, self._text())

    def _object_id(self) -> str:
        start = self._cursor.place
        found = self._cursor.astring("an object id")
        if _OBJECT_ID.fullmatch(found) is None:
            raise self._cursor.fail("an object id of letters, digits, _ and -", start)
        return found.decode("ascii")

    def _text(self) -> str:
        start = self._cursor.place
        self._texts += 1
        if self._texts > self._cursor.limits.search_texts:
            raise self._cursor.fail(f"at most {self._cursor.limits.search_texts} search texts")
        try:
            return self._cursor.astring("a search text").decode("utf-8")
        except UnicodeDecodeError:
            raise self._cursor.fail("a search text in UTF-8", start) from None

    def _day(self) -> datetime.date:
        start = self._cursor.place
        try:
            return read_date(self._cursor.astring("a date"))
        except ValueError:
            raise self._cursor.fail("a date such as 1-Feb-1994", start) from None


def _together(keys: list[SearchKey] | tuple[SearchKey, ...]) -> SearchKey:
    return keys[0] if len(keys) == 1 else And(tuple(keys))


COMMANDS: dict[bytes, Callable[[Cursor], Command]] = {
    b"SEARCH": partial(search, by_uid=False),
    b"UID SEARCH": partial(search, by_uid=True),
}
"""What takes each command's arguments, the blank before them included."""

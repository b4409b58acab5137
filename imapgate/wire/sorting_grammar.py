"""SORT and THREAD (RFC 5256 5, SORT=DISPLAY RFC 5957 5, ESORT RFC 5267 3)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from imapgate.wire.commands import Command, SearchKey, Sort, SortCriterion, Thread
from imapgate.wire.cursor import Cursor
from imapgate.wire.search_grammar import charset, keys_until_end, result_options

SORT_KEYS = frozenset(
    (
        *(b"ARRIVAL", b"CC", b"DATE", b"FROM", b"SIZE", b"SUBJECT", b"TO"),
        *(b"DISPLAYFROM", b"DISPLAYTO"),
    )
)
ALGORITHMS = frozenset((b"ORDEREDSUBJECT", b"REFERENCES"))

_CRITERIA = "sort criteria"
_CRITERION = "a sort criterion"
_ALGORITHM = "ORDEREDSUBJECT or REFERENCES"


def sort(cursor: Cursor, by_uid: bool) -> Sort:
    """A key that stands there once more is passed over: messages that are equal in it stay so."""
    cursor.blank(_CRITERIA)
    returns = result_options(cursor, _CRITERIA)
    start = cursor.place
    criteria = cursor.parenthesised(lambda: _criterion(cursor), _CRITERIA)
    if not criteria:
        raise cursor.fail(_CRITERION, start)
    different = {one.key: one for one in reversed(criteria)}
    ordered = sorted(different.values(), key=criteria.index)
    saves = returns is not None and returns.saves
    return Sort(tuple(ordered), _searched(cursor, saves), by_uid, returns)


def thread(cursor: Cursor, by_uid: bool) -> Thread:
    cursor.blank(_ALGORITHM)
    start = cursor.place
    algorithm = cursor.atom(_ALGORITHM).upper()
    if algorithm not in ALGORITHMS:
        raise cursor.fail(_ALGORITHM, start)
    return Thread(algorithm, _searched(cursor, saves=False), by_uid)


def _criterion(cursor: Cursor) -> SortCriterion:
    start = cursor.place
    key = cursor.atom(_CRITERION).upper()
    reverse = key == b"REVERSE"
    if reverse:
        cursor.blank(_CRITERION)
        start = cursor.place
        key = cursor.atom(_CRITERION).upper()
    if key not in SORT_KEYS:
        raise cursor.fail(_CRITERION, start)
    return SortCriterion(key, reverse)


def _searched(cursor: Cursor, saves: bool) -> SearchKey:
    """The charset, which can't be left out here, and the search keys."""
    cursor.blank("a charset")
    charset(cursor, saves)
    cursor.blank("a search key")
    return keys_until_end(cursor)


COMMANDS: dict[bytes, Callable[[Cursor], Command]] = {
    b"SORT": partial(sort, by_uid=False),
    b"UID SORT": partial(sort, by_uid=True),
    b"THREAD": partial(thread, by_uid=False),
    b"UID THREAD": partial(thread, by_uid=True),
}
"""What takes each command's arguments, the blank before them included."""

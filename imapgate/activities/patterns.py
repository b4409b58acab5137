"""Which regular expressions may search a subject: those whose search is short whatever it says.

Python's engine tries one way after the other. How many there can be is read off the pattern, so a
hostile subject can't hold the writer, and the same subject always gives the same numbers, as it
would not with a time limit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from re import _constants, _parser  # type: ignore[attr-defined]  # there is no public way
from typing import Any

from imapgate.activities.names import Mistake

LONGEST_SUBJECT = 1000
"""Characters of a subject that are searched."""
LONGEST_PATTERN = 200
"""Characters of a segment's own pattern."""
MOST_WAYS = 2000
"""Ways to try from one place in a subject: a single repeat without an upper bound, with two ways
beside it."""

_ONE_WAY = {
    _constants.LITERAL,
    _constants.NOT_LITERAL,
    _constants.ANY,
    _constants.IN,
    _constants.AT,
    _constants.GROUPREF,
}
_REPEATS = {_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT}


def check(pattern: str) -> None:
    """Raises Mistake unless it is a regular expression with one group, for the number, and its
    search is short (MOST_WAYS)."""
    if len(pattern) > LONGEST_PATTERN:
        raise Mistake(f"The subject pattern is longer than {LONGEST_PATTERN} characters.")
    try:
        compiled = re.compile(pattern)
        parsed = _parser.parse(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise Mistake(f"The subject pattern is no regular expression: {error}.") from error
    if compiled.groups != 1:
        raise Mistake("The subject pattern needs exactly one group, for the number.")
    if _ways(parsed) > MOST_WAYS:
        raise Mistake(
            "The subject pattern could search too long: give its repeats an upper bound, such as "
            "[0-9]{1,18} or \\s{0,2}, and don't repeat a group."
        )


def _ways(items: Sequence[tuple[Any, Any]]) -> int:
    """In how many ways a piece of pattern may match from one place on, at most; more than
    MOST_WAYS is not counted further."""
    ways = 1
    for kind, value in items:
        ways *= _ways_of(kind, value)
        if ways > MOST_WAYS:
            return MOST_WAYS + 1
    return ways


def _ways_of(kind: Any, value: Any) -> int:
    if kind in _ONE_WAY:
        return 1
    if kind is _constants.SUBPATTERN:
        return _ways(value[-1])
    if kind is _constants.ATOMIC_GROUP:
        return _ways(value)
    if kind in (_constants.ASSERT, _constants.ASSERT_NOT):
        return _ways(value[1])
    if kind is _constants.BRANCH:
        return sum(_ways(one) for one in value[1])
    if kind in _REPEATS:
        return _repeated(*value)
    # What a later Python adds is not allowed before somebody has thought about it.
    return MOST_WAYS + 1


def _repeated(least: int, most: int, item: Any) -> int:
    if least > 1 and item.getwidth()[0] == 0:
        return MOST_WAYS + 1  # However often nothing is repeated, each time is a step.
    inner = _ways(item)
    most = min(int(most), LONGEST_SUBJECT)
    if inner == 1:
        return max(1, most - least + 1)
    ways = 0
    for times in range(least, most + 1):
        ways += inner**times
        if ways > MOST_WAYS:
            break
    return max(1, ways)

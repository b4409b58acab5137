"""Which regular expressions may search a subject."""

from __future__ import annotations

import re

import pytest

from imapgate.activities import patterns
from imapgate.activities.names import Mistake

HOSTILE = ("1" * 1000, "a" * 1000, " " * 1000, "CASE-" * 200, "ab" * 500, "CASE" + " " * 996)


@pytest.mark.parametrize("pattern", ["(", "[0-9]+", "([0-9])([0-9])", "([0-9]+)" + "x" * 200])
def test_what_is_no_pattern_with_one_group_is_refused(pattern: str) -> None:
    with pytest.raises(Mistake):
        patterns.check(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        r"\bCASE-([0-9]+)\b",
        r"Case ([0-9]+)",
        r"(?i)T(\d+)",
        r"(?<!\w)T(\d+)(?!\w)",
        r"(?:Case|Ticket)\s{0,2}[:#]?\s{0,2}([0-9]{1,18})",
        r"(?:[A-Z]{2}-){2}([0-9]{4,9})",
        r"(?>CASE|CASES) ([0-9]++)",
        r"([0-9]{4})-\1",
    ],
)
def test_patterns_that_people_write_are_taken_and_their_search_is_short(pattern: str) -> None:
    """Any subject is searched to its end, by whatever it is made to fail."""
    patterns.check(pattern)
    for subject in HOSTILE:
        for last in ("", "x", "!"):
            list(re.finditer(pattern, subject + last))


@pytest.mark.parametrize(
    "pattern",
    [
        r"(a+)+b",
        r"(?:a|a)*(x)",
        r"(?:a*)*(x)",
        r"(?:a?){30}(b)",
        "a?" * 40 + "(b)",
        "(?:a|a)" * 25 + "(b)",
        r"(.*).*x",
        r"\s*[:#]?\s*([0-9]+)",
        r"(?:a{0,1000}){0,1000}(x)",
        r"(?:(?:(?=a)){1000}){1000}(x)",
        r"(x)(?(1)a|b)",
        r"(?=(?:a|a)*b)(x)",
        r"(?:(?:a+)(?:a+))(x)",
    ],
)
def test_a_pattern_that_could_search_too_long_is_refused(pattern: str) -> None:
    """With what to do instead."""
    with pytest.raises(Mistake, match="upper bound"):
        patterns.check(pattern)

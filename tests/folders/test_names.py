"""Folder names: keys, what may be one, group folders' names, LIST patterns."""

from __future__ import annotations

import re
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.folders import names

plain = settings(deadline=None, max_examples=150)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Büro", "BU\u0308RO"), ("inbox", "INBOX"), ("Inbox/a", "INBOX/A"), ("Straße", "STRASSE")],
)
def test_names_that_people_take_for_the_same_have_one_key(one: str, other: str) -> None:
    assert names.key(one) == names.key(other)


@pytest.mark.parametrize(
    ("given_name", "stored"),
    [("inbox", "INBOX"), ("iNbOx/a/", "INBOX/a"), ("a/b/", "a/b"), ("Bu\u0308ro", "Büro")],
)
def test_a_name_is_stored_composed_and_without_a_trailing_separator(
    given_name: str, stored: str
) -> None:
    assert names.normal(given_name) == stored


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("", "empty"),
        ("a//b", "empty"),
        ("/a", "empty"),
        ("a\tb", "control"),
        ("a\u2028b", "control"),
        (" a", "blank"),
        ("a/b ", "blank"),
        ("x" * 256, "longer"),
        ("trackers", "reserved"),
        ("Categories/x", "reserved"),
        ("Milestones", "reserved"),
        ("Activities/x", "reserved"),
        ("INCOMING", "reserved"),
        ("Recovered Messages/x", "subfolders"),
    ],
)
def test_what_cant_be_a_personal_folder_is_told_in_a_clause(name: str, word: str) -> None:
    clause = names.check(name, 255)
    assert clause is not None
    assert word in clause


@pytest.mark.parametrize(
    "name", ["INBOX/a", "Kunden & Co", 'a"b', "🎉", "a*b", "Trash/Old", "b\\c"]
)
def test_any_other_name_may_be_a_personal_folder(name: str) -> None:
    assert names.check(name, 255) is None


@pytest.mark.parametrize(
    ("group", "folder"),
    [
        ("Support", "Trackers/Support"),
        ("Sales/EMEA", "Trackers/Sales-EMEA"),
        ("  outer  ", "Trackers/outer"),
        ("Büro & Ablage", "Trackers/Büro & Ablage"),
        ("a\x00b\nc", "Trackers/abc"),
        ("/", "Trackers/-"),
        ("\x01", "Trackers/Group"),
    ],
)
def test_a_group_gets_a_safe_folder_name(group: str, folder: str) -> None:
    assert names.for_group("Trackers", group, set()) == folder


@plain
@given(st.lists(st.text(max_size=12), max_size=12))
def test_group_folders_are_distinct_and_safe(group_names: list[str]) -> None:
    taken: set[str] = set()
    for group in group_names:
        name = names.for_group("Trackers", group, taken)
        assert names.for_group("Trackers", group, taken) == name
        assert names.key(name) not in taken
        taken.add(names.key(name))
        level = name.removeprefix("Trackers/")
        assert level
        assert "/" not in level
        assert level == level.strip()
        assert level == unicodedata.normalize("NFC", level)
        assert not any(unicodedata.category(one) in ("Cc", "Cs") for one in level)


def test_names_that_differ_only_by_case_or_slash_are_made_distinct() -> None:
    taken: set[str] = set()
    found = []
    for group in ("a/b", "A-B", "a-b"):
        found.append(names.for_group("Trackers", group, taken))
        taken.add(names.key(found[-1]))
    assert found == ["Trackers/a-b", "Trackers/A-B (2)", "Trackers/a-b (3)"]


@pytest.mark.parametrize(
    ("name", "reference", "pattern", "matching"),
    [
        ("INBOX", "", "*", True),
        ("INBOX", "", "inbox", True),
        ("Trackers/Support", "", "%", False),
        ("Trackers/Support", "", "%/%", True),
        ("Trackers/Support", "Trackers/", "%", True),
        ("Trackers/Support", "", "*port", True),
        ("Trackers/Support", "", "Trackers", False),
        ("a/b/c", "", "a/%", False),
        ("a/b/c", "", "a/*", True),
        ("a/b/c", "", "%*%", True),
        ("", "", "", True),
        ("a", "", "", False),
    ],
)
def test_list_wildcards(name: str, reference: str, pattern: str, matching: bool) -> None:
    assert names.matches(name, reference, pattern) is matching


@plain
@given(st.text("ab/", max_size=8), st.text("ab/*%", max_size=8))
def test_list_wildcards_agree_with_a_regular_expression(name: str, pattern: str) -> None:
    parts = {"*": ".*", "%": "[^/]*"}
    expression = "".join(parts.get(one, re.escape(one)) for one in pattern)
    assert names.matches(name, "", pattern) == bool(re.fullmatch(expression, name))


@plain
@given(st.text("ab/", max_size=8), st.lists(st.text("ab/*%", max_size=8), max_size=4))
def test_several_patterns_match_what_one_of_them_does(name: str, patterns: list[str]) -> None:
    """RFC 5258 3; they are looked at in one pass."""
    each = [names.matches(name, "a", pattern) for pattern in patterns]
    assert names.matches(name, "a", *patterns) is any(each)


def test_a_pattern_made_to_be_slow_is_answered_at_once() -> None:
    start = time.perf_counter()
    assert not names.matches("a" * 2000, "", "%*a" * 2000 + "b")
    assert not names.matches("a" * 255, "", *(f"{'%*a' * 80}{n}" for n in range(50)))
    assert time.perf_counter() - start < 5

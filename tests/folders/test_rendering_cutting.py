"""What is too long for a message is cut, by octets, and that is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imapgate.folders.rendering.cutting import NAME, Cut, Room, name


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("short", Cut("short")),
        ("\n\n  indented \n", Cut("  indented")),
        ("one two three four", Cut("one two three", 5)),
        ("0123456789abcdefgh", Cut("0123456789abcde", 3)),
        ("ööööööööö", Cut("ööööööö", 2)),
        ("a\0b\ud800c", Cut("ab?c")),
        ("", Cut("")),
    ],
)
def test_a_text(text: str, kept: Cut) -> None:
    """At a word's end where there is one near, never within a letter."""
    assert Room(100).cut(text, 15) == kept


def test_texts_share_a_message_s_room() -> None:
    """What comes first has it; what is left out is counted."""
    room = Room(10)
    assert room.cut("12345678", 8) == Cut("12345678")
    assert room.cut("abcdef", 8) == Cut("ab", 4)
    assert room.cut("x", 8) == Cut("", 1)


@given(st.text(st.characters(exclude_categories=()), max_size=60), st.integers(0, 60))
def test_never_more_than_there_is_room_for(text: str, most: int) -> None:
    """Whatever the letters are."""
    found = Room(50).cut(text, most)
    assert len(found.text.encode()) <= min(most, 50)


@given(st.text(st.characters(exclude_categories=()), max_size=400))
def test_a_name_is_one_line(text: str) -> None:
    """However it came, and never longer than NAME octets."""
    found = name(text)
    assert len(found.splitlines()) <= 1
    assert len(found.encode()) <= NAME
    assert found == found.strip()


def test_a_long_name_tells_that_it_goes_on() -> None:
    assert name("ö" * 300) == "ö" * ((NAME - 3) // 2) + "..."

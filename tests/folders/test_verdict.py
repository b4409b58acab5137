"""Texts of verdicts are safe and short."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.folders.verdict import LONGEST_TEXT, plain


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=400), st.text(max_size=150))
def test_a_text_is_printable_ascii_under_200_characters(cause: str, rest: str) -> None:
    text = plain(cause, rest)
    assert len(text) <= LONGEST_TEXT < 200
    assert all(" " <= one <= "~" for one in text)


def test_a_long_cause_is_cut_and_the_rest_stays() -> None:
    text = plain("x" * 500, ". Your mail stays where it was.")
    assert text.endswith("x.... Your mail stays where it was.")


def test_other_than_ascii_becomes_a_question_mark() -> None:
    assert plain('group "Büro"\r\n') == 'group "B?ro"??'

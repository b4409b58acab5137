"""Which web addresses in people's texts become links, and where they lead."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imapgate.folders.rendering.urls import LONGEST, Piece, pieces


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://example.org/a?b=1&c=2.", [("https://example.org/a?b=1&c=2",) * 2]),
        ("HTTP://Example.org", [("HTTP://Example.org",) * 2]),
        ("(https://example.org/a_(b))", [("https://example.org/a_(b)",) * 2]),
        ("<https://example.org/>, next", [("https://example.org/",) * 2]),
        ('"https://example.org/x"!', [("https://example.org/x",) * 2]),
        (
            "https://example.org/größe",
            [("https://example.org/größe", "https://example.org/gr%C3%B6%C3%9Fe")],
        ),
        ("https://example.org/%41", [("https://example.org/%41",) * 2]),
        (
            "https://a.example https://b.example",
            [("https://a.example",) * 2, ("https://b.example",) * 2],
        ),
        ("javascript:alert(1) data:text/html,x file:///etc ftp://a.example", []),
        ("xhttps://example.org", []),
        ("https://bank.example@evil.example/", []),
        ("https://[1::/", []),
        ("https:///nowhere https://", []),
        ("https://example.org/\u202egpj.exe", []),
        (f"https://example.org/{'a' * LONGEST}", []),
        (f"https://example.org/{')' * LONGEST}", [("https://example.org/",) * 2]),
        (f"https://example.org/{')' * 2 * LONGEST}", []),
    ],
)
def test_links(text: str, links: list[tuple[str, str]]) -> None:
    """http and https, without the sentence's punctuation; nothing that hides where it leads."""
    found = list(pieces(text))
    assert "".join(one.text for one in found) == text
    assert [(one.text, one.href) for one in found if one.href is not None] == links


@given(
    st.text(
        alphabet=st.sampled_from("https://example.org\"'<>&()[]{}@%#?\\ \n\t\u202eöא\x00"),
        max_size=80,
    )
)
def test_no_text_is_lost_and_no_link_has_more_than_an_address(text: str) -> None:
    """Whatever stands there: the pieces are the text, links are ASCII and hold no quote, blank or
    tag."""
    found = list(pieces(text))
    assert "".join(one.text for one in found) == text
    for one in found:
        assert isinstance(one, Piece)
        if one.href is not None:
            assert one.href.isascii()
            assert one.href.isprintable()
            assert not set(one.href) & set('"<> \\')
            assert one.href.lower().startswith(("http://", "https://"))

"""HTML to text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.mime.html import charset_of, to_plain, without_tags

TABLE = {
    "<p>Hello&nbsp;<b>big</b> world</p><p>Bye</p>": "Hello\u00a0big world\n\nBye",
    "one<br>two<br/>three": "one\ntwo\nthree",
    "<ul><li>a</li><li>b</li></ul>": "* a\n* b",
    "<ol><li>a</li><li>b</li></ol>": "1. a\n2. b",
    "<table><tr><th>Item<th>Price<tr><td>Gadget<td>12</table>": "Item    Price\nGadget  12",
    "<head><title>t</title><style>p{}</style></head><script>x()</script><p>seen": "seen",
    '<div style="display: none">hidden</div>seen': "seen",
    '<p style="padding-left: 90000em">seen</p>': "seen",
    "a<!-- comment -->b": "ab",
    "<!--[if mso]>no<![endif]-->yes": "yes",
    '<?xml version="1.0" encoding="utf-16"?><p>hé</p>': "hé",
    '<img src="http://example.org/x.png" alt="x">text': "text",
    "a<o:p></o:p> b": "a b",
    "&lt;b&gt; &amp; &euro; &#228;": "<b> & € ä",
    "": "",
    " \n ": "",
    "no tags at all": "no tags at all",
    "<p>a</p>\n\n\n\n<p></p><p></p><p>b</p>": "a\n\nb",
}


@pytest.mark.parametrize("markup", TABLE)
def test_html_becomes_text(markup: str) -> None:
    """Tables and lists readable, styles and scripts without effect, entities undone."""
    assert to_plain(markup).replace("\u00a0", " ") == TABLE[markup].replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        (
            "a < b <p>x</p><script>if (a<b) {}</script> y &lt; <!-- c --> z<br/>w",
            "a < b\nx\ny < z\nw",
        ),
        ("<style>p{}</style ><b>x</b>y", "xy"),
        ("<div><p>one</p><p>two</p></div>", "one\n\ntwo"),
        ("<p", ""),
        ("<", "<"),
        ("<!-- never closed <p>x</p>", ""),
        ("<script>never closed <p>x</p>", ""),
        ("</>x", "x"),
    ],
)
def test_tags_are_taken_off(markup: str, text: str) -> None:
    """What is too large or too odd to be laid out."""
    assert without_tags(markup) == text


def test_nothing_is_lost_that_the_parser_gives_up_on() -> None:
    """libxml2 leaves out what is nested deeper than it likes; the text is there all the same."""
    assert to_plain("<div>" * 2_000 + "deep" + "</div>" * 2_000) == "deep"
    assert to_plain("<table><tr><td>" * 120 + "deep").strip() == "deep"
    assert len(to_plain("<p>x</p>" * 30_000).split()) == 30_000


TAGS = [
    "table",
    "/table",
    "tr",
    "td",
    "/td",
    "th",
    "p",
    "/p",
    "ul",
    "li",
    "/ul",
    "ol",
    "br",
    "div",
    "/div",
    "b",
    "/b",
    "pre",
    "blockquote",
    "script",
]
PIECES = [f"<{tag}>" for tag in TAGS]
PIECES += ["<!--", "-->", "&amp;", "&#0;", "&#xD800;", "text", "\0", "\ud800", "<", ">", " "]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=100))
def test_any_markup_becomes_text(markup: str) -> None:
    """Never raises."""
    assert isinstance(to_plain(markup), str)
    assert isinstance(without_tags(markup), str)


def test_a_tag_of_nothing_but_what_counts_as_blank() -> None:
    """Found by fuzzing: it kept the whole message from being read."""
    assert without_tags("2b</\x1f>c") == "2bc"
    assert without_tags("a<!\x85\x1c>b") == "ab"


def test_the_charset_that_a_document_names() -> None:
    """In either form."""
    assert charset_of(b'<meta charset="utf-8">') == "utf-8"
    assert charset_of(b"<META http-equiv=x content='text/html; charset=koi8-r'>") == "koi8-r"
    assert charset_of(b"<p>charset=x</p>") is None

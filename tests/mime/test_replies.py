"""The first own line of a reply, and the words that it may be."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imapgate.mime.html import LAID_OUT
from imapgate.mime.quotes import first_own_line
from imapgate.mime.replies import own_line, word

OUTLOOK = "From: Bob\nSent: Monday, January 1, 2024\nTo: Joe\nSubject: x\n\napprove"

TEXTS = MappingProxyType(
    {
        "above the quote": ("Approved\n\nJoe\n\nOn 1 Jan 2024, Bob wrote:\n> reject\n", "Approved"),
        "below the quote": ("On 1 Jan 2024, Bob wrote:\n> reject\n>\n\nApproved\n", "Approved"),
        "below a quote without attribution": ("> reject\n> more\nApproved", "Approved"),
        "below a quote, in german": ("Am 01.01.2024 um 10:00 schrieb Bob:\n> Nein\n\nJa", "Ja"),
        "folded attribution": (
            "On Mon, Jan 1, 2024 at 10:00 AM Bob Roe with a name\n<b@x> wrote:\n\n> no\n\nOK",
            "OK",
        ),
        "between quotes": ("> First?\nNo\n> Second?\nYes", "No"),
        "blank lines of a phone": (
            "\n\u00a0\n\u200b\n \t\n  Approved.  \n\nSent from my phone",
            "Approved.",
        ),
        "nothing below": ("Approved", "Approved"),
        "windows": ("\r\nApproved\r\n\r\n> no\r\n", "Approved"),
        "a greeting": ("Hi Bob,\n\nApproved", "Hi Bob,"),
        "a signature": ("-- \nJoe", "--"),
        "outlook, below": (f"Approved\n\n{OUTLOOK}", "Approved"),
        "outlook, nothing own": (OUTLOOK, None),
        "outlook with a line": (f"\n{'_' * 32}\n{OUTLOOK}", None),
        "original message": ("-----Original Message-----\nFrom: Bob\n\napprove", None),
        "forwarded": ("---------- Forwarded message ---------\nFrom: Bob\n\napprove", None),
        "attribution without marks": ("On 1 Jan 2024, Bob wrote:\n\napprove\n", None),
        "attribution alone": ("On 1 Jan 2024, Bob wrote:\n", None),
        "all quoted": ("> approve\n>> approve\n", None),
        "quoted twice, indented": ("  > approve\n", None),
        "quoted with bars": ("| approve", "| approve"),
        "empty": ("", None),
        "blank": (" \n\n", None),
    }
)

MARKUP = MappingProxyType(
    {
        "gmail": (
            '<div dir="ltr">Approved!</div><br><div class="gmail_quote"><div class="gmail_attr">On '
            "1 Jan Bob wrote:<br></div><blockquote>reject</blockquote></div>",
            "Approved!",
        ),
        "gmail, only quoted": (
            '<div class="gmail_quote gmail_quote_container"><div>Bob:</div>approve</div>',
            None,
        ),
        "thunderbird, below": (
            '<div class="moz-cite-prefix">Am 01.01.24 um 10:00 schrieb Bob:<br></div>'
            '<blockquote type="cite"><p>Nein</p></blockquote><p>Ja</p>',
            "Ja",
        ),
        "apple, below": (
            '<div>On 1 Jan 2024, at 10:00, Bob &lt;b@x&gt; wrote:</div><blockquote type="cite">no'
            "</blockquote><div>Approved</div>",
            "Approved",
        ),
        "outlook on the web": (
            '<div>Approved</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">'
            "<b>From:</b> Bob<br><b>Sent:</b> Monday</div><div>reject</div>",
            "Approved",
        ),
        "outlook on the web, nothing own": (
            '<div id="divRplyFwdMsg"><b>From:</b> Bob<br><b>Sent:</b> Monday</div>'
            "<div>approve</div>",
            None,
        ),
        "outlook": (
            '<p class="MsoNormal">OK<o:p></o:p></p><div style="border:none"><p><b>From:</b> Bob<br>'
            "<b>Sent:</b> Monday<br><b>To:</b> Joe<br><b>Subject:</b> x</p></div><p>reject</p>",
            "OK",
        ),
        "outlook, nothing own": (
            "<p>&nbsp;</p><div><p><b>From:</b> Bob<br><b>Sent:</b> Monday<br><b>To:</b> Joe<br>"
            "<b>Subject:</b> x</p></div><p>approve</p>",
            None,
        ),
        "yahoo": ('<div>no</div><div class="yahoo_quoted"><div>approve</div></div>', "no"),
        "an answer inside a quote": ("<blockquote>a<p>approve</p></blockquote>", None),
        "nested quotes": ("<blockquote>a<blockquote>b</blockquote>c</blockquote>yes", "yes"),
        "hidden": ('<div style="display:none">approve</div><p>Hello</p>', "Hello"),
        "nothing": ("", None),
        "too much to look through": ("<p>approve</p>" + "x" * LAID_OUT, None),
        "nested too deep": ("<div>" * 5000 + "approve", None),
    }
)

WORDS = {
    "approved": ("Approved!", "APPROVED", " approved. ", "*Approved*", "approved,"),
    "ok": ("» OK «", "OK.", "Ok", "ok!!!", '"OK"', "ok\u00a0"),
    "ja": ("ja,", "JA!", "„Ja“", "»ja«", "Ja …"),
    "in ordnung": ("In  Ordnung.", "in\tordnung"),
    "müßig": ("MÜSSIG", "mu\u0308ßig"),
    "onaylandı": ("ONAYLANDI", "Onaylandı."),
    "iptal": ("İPTAL", "iptal"),
    "έγκρισις": ("ΈΓΚΡΙΣΙΣ", "έγκρισις"),
    "承認": ("承認。", "承認"),
    "👍": ("👍", "👍!"),
}


def _mail(kind: str, text: str) -> bytes:
    head = f"From: a@b\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n"
    return (head + text).encode()


@pytest.mark.parametrize("name", TEXTS)
def test_the_first_own_line_of_a_text(name: str) -> None:
    """Above or below what is quoted; nothing where all is."""
    text, line = TEXTS[name]
    assert first_own_line(text) == line
    assert own_line(_mail("plain", text)) == line


@pytest.mark.parametrize("name", MARKUP)
def test_the_first_own_line_of_html(name: str) -> None:
    """What HTML mails quote has no `>`."""
    markup, line = MARKUP[name]
    assert own_line(_mail("html", f"<html><body>{markup}</body></html>")) == line


def test_of_alternatives_the_text_counts() -> None:
    """As for all that people read."""
    parts = "--b\r\nContent-Type: text/{}\r\n\r\n{}\r\n".format
    raw = (
        "From: a@b\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
        + parts("plain", "Yes\r\n\r\n> no")
        + parts("html", "<p>no</p>")
        + "--b--\r\n"
    )
    assert own_line(raw.encode()) == "Yes"


def test_an_attachment_says_nothing() -> None:
    """Neither does a mail without text."""
    raw = b"From: a@b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\napprove"
    assert own_line(raw) is None


@pytest.mark.parametrize("name", WORDS)
def test_a_word_in_other_forms(name: str) -> None:
    """Case, marks and punctuation don't count, in whatever language."""
    assert {word(form) for form in WORDS[name]} == {word(name)}


@pytest.mark.parametrize(
    "line", ["I approve", "no problem, approved", "approved?no", "> approve", "| approve", "- ok"]
)
def test_more_than_the_word_is_another_line(line: str) -> None:
    """A sentence that begins or ends with the word isn't the word."""
    assert word(line) not in {word(one) for one in ("approve", "approved", "ok", "no")}


def test_a_long_line_is_no_word() -> None:
    """Whatever it begins with; so no word of an account is ever equal to it."""
    assert word("ok" + " " * 200) == ""
    assert word("!!!") == ""


@settings(deadline=None, max_examples=150)
@given(st.text(max_size=200))
def test_whatever_a_mail_says(text: str) -> None:
    """Never raises; a line that it has; a word stays the same."""
    line = first_own_line(text)
    assert line is None or (line and line == line.strip())
    own_line(_mail("html", text))
    assert word(word(text)) == word(text)

"""A reply that is read for one word: its first own line, and when that is the word."""

from __future__ import annotations

import unicodedata

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring, tostring

from imapgate.mime.digest import body_of, part_text
from imapgate.mime.html import LAID_OUT, to_plain
from imapgate.mime.index import Content, index
from imapgate.mime.quotes import first_own_line

LONGEST_WORD = 100
"""Characters of a line that may be a word."""

_QUOTES = "//blockquote | " + " | ".join(
    f"//*[contains(concat(' ', @class, ' '), ' {name} ')]"
    for name in ("gmail_quote", "gmail_attr", "moz-cite-prefix", "yahoo_quoted", "protonmail_quote")
)
"""Elements that hold nothing but the answered mail, or the line above it: as Thunderbird, Gmail,
Yahoo and Proton Mail write them."""
_ENDS = "//*[@id='divRplyFwdMsg' or @id='appendonsend']"
"""Elements behind which Outlook puts nothing but the answered mail."""
_MARKS = ((_QUOTES, ">"), (_ENDS, "-----Original Message-----"))
_AROUND = "*_\"'`“”„«»‚‘’"


def own_line(content: Content) -> str | None:
    """The first line that the writer of a mail wrote, outer blanks off; None if all is quoted or
    nothing is there. What is quoted is never told, as far as the mail shows that it is: by `>`, by
    a line that introduces it, or by HTML. Never raises for what a mail contains."""
    body = body_of(content, index(content))
    for part in body.texts[:1]:
        text = part_text(content, part)
        if part.subtype == b"HTML":
            marked = _with_marked_quotes(text)
            text = "" if marked is None else to_plain(marked)
        return first_own_line(text)
    return None


def word(line: str) -> str:
    """What two lines have in common that say the same word: case, outer blanks, marks and
    punctuation don't count, nor does a Turkish dot. Empty for a line that is too long to be one."""
    if len(line) > LONGEST_WORD:
        return ""
    folded = unicodedata.normalize("NFD", line.casefold()).replace("\u0307", "").replace("ı", "i")
    kept = " ".join(unicodedata.normalize("NFC", folded).split()).lstrip(_AROUND + " ")
    while kept and (kept[-1] in _AROUND or unicodedata.category(kept[-1])[0] in "PZC"):
        kept = kept[:-1]
    return kept


def _with_marked_quotes(markup: str) -> str | None:
    """The markup with a `>` in the place of each quote, and a line that ends the reply in the place
    of Outlook's; None where it can't be told."""
    if len(markup) > LAID_OUT:
        return None
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        tree = document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError):
        return None
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        return None
    for path, mark in _MARKS:
        found = tree.xpath(path)
        for quote in found if isinstance(found, list) else ():
            if isinstance(quote, HtmlElement) and quote.getparent() is not None:
                tail = quote.tail
                quote.clear()
                quote.tag, quote.text, quote.tail = "p", mark, tail
    return str(tostring(tree, encoding="unicode"))

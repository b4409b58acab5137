"""HTML to plain text for people, and to words for searching."""

from __future__ import annotations

import html
import re

from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.html_engine import Inscriptis
from inscriptis.html_properties import Display
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement
from inscriptis.model.tag import CustomHtmlTagHandlerMapping
from lxml import etree
from lxml.html import HTMLParser, document_fromstring

LAID_OUT = 300_000
"""Characters of HTML that are laid out; of a longer one only the tags are taken off."""
_ELEMENTS = 15_000
_LAYOUT_LIMIT = 20_000_000
"""Characters that a layout may come to: a table pads every line to its widest."""

_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE
)
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
# fmt: off
_BREAKING = frozenset(
    (
        "address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dl",
        "dt", "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
        "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table",
        "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
    )
)
# fmt: on
_UNSEEN = ("script", "style", "title", "template")

_CSS = {
    **STRICT_CSS_PROFILE,
    "ul": HtmlElement(display=Display.block, padding_inline=2),
    "ol": HtmlElement(display=Display.block, padding_inline=2),
    "noscript": HtmlElement(display=Display.none),
}
_FLAT_CSS = {
    **_CSS,
    "table": HtmlElement(display=Display.block),
    "tr": HtmlElement(display=Display.block),
    "td": HtmlElement(display=Display.inline, suffix=" "),
    "th": HtmlElement(display=Display.inline, suffix=" "),
    "ul": HtmlElement(display=Display.block),
    "ol": HtmlElement(display=Display.block),
}


def charset_of(raw: bytes) -> str | None:
    """The charset that the document itself names."""
    found = _CHARSET.search(raw, 0, 4_096)
    return found.group(1).decode("ascii") if found else None


def to_plain(markup: str) -> str:
    """Text with tables and lists kept readable; nothing is fetched, no style but `display: none`
    counts. Never raises; what can't be laid out loses its tags alone."""
    if len(markup) > LAID_OUT:
        return without_tags(markup)
    try:
        text = _laid_out(markup)
    except (etree.LxmlError, ValueError, TypeError, IndexError, AttributeError, RecursionError):
        # lxml refuses some documents, inscriptis stumbles over some impossible tables.
        text = ""
    text = _tidy(text)
    return text or without_tags(markup)


def without_tags(markup: str) -> str:
    """The text between the tags, block elements on lines of their own. Linear in the length."""
    out: list[str] = []
    hidden: str | None = None
    first = True
    for piece in markup.split("<"):
        if first:
            first = False
            out.append(piece)
            continue
        if piece.startswith("!--") and hidden is None:
            hidden = "--"
        if hidden == "--":
            close = piece.find("-->")
            if close >= 0:
                hidden = None
                out.append(piece[close + 3 :])
            continue
        tag, closed, rest = piece.partition(">")
        if not (tag[:1].isalpha() or tag[:1] in "/!?") or not tag:
            if hidden is None:
                out.append("<" + piece)
            continue
        words = tag[:20].lower().strip("/").split(maxsplit=1)
        name = words[0] if words else ""
        name = name.rstrip("/")
        if hidden is not None:
            if tag.startswith("/") and name == hidden:
                hidden = None
                out.append(rest)
            continue
        if name in _UNSEEN and not tag.startswith("/") and not tag.endswith("/"):
            hidden = name
            continue
        if name in _BREAKING:
            out.append("\n")
        if closed:
            out.append(rest)
    lines = (" ".join(line.split()) for line in "".join(out).split("\n"))
    return _tidy(html.unescape("\n".join(lines)))


def _laid_out(markup: str) -> str:
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    tree = document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    if any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log):
        raise ValueError("nested too deep: lxml leaves out the rest")
    if sum(1 for _ in tree.iter()) > _ELEMENTS:
        raise ValueError("too many elements")
    for element in tree.iter():
        style = element.get("style")
        if style is None:
            continue
        if _HIDDEN.search(style):
            element.set("style", "display:none")
        else:
            del element.attrib["style"]
    if _layout_size(tree) > _LAYOUT_LIMIT:
        config = ParserConfig(
            css=_FLAT_CSS,
            custom_html_tag_handler_mapping=CustomHtmlTagHandlerMapping(
                start_tag_mapping=dict.fromkeys(("table", "tr", "td", "th")),
                end_tag_mapping=dict.fromkeys(("table", "td", "th")),
            ),
        )
    else:
        config = ParserConfig(css=_CSS)
    return str(Inscriptis(tree, config).get_text())


def _layout_size(tree: etree._Element) -> int:
    """An upper bound for the characters of the layout: every line as wide as all the text and all
    the columns of its outermost table, or indented as deep as lists are nested."""
    size = lines = lists = 0
    for element in tree.iter():
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if tag in _BREAKING:
            lines += 1
        if tag in ("ul", "ol"):
            lists += 1
        if tag == "table" and next(element.iterancestors("table"), None) is None:
            inside = sum(1 for _ in element.iter(*_BREAKING))
            characters = sum(len(text) for text in element.itertext())
            columns = max((len(row) for row in element.iter("tr")), default=0)
            size += (inside + 1) * (characters + 20 * columns)
    return size + lines * 2 * min(lists, 256)


def _tidy(text: str) -> str:
    """Without blanks at the ends of lines, and with one blank line at most."""
    kept: list[str] = []
    for line in text.replace("\r", "").split("\n"):
        bare = line.rstrip()
        if bare or (kept and kept[-1]):
            kept.append(bare)
    return "\n".join(kept).strip()

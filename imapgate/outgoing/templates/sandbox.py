"""Where templates are made into text: a small part of Jinja2, bounded by what it leaves out.

There are no calls, macros, assignments, arithmetic or concatenations, and loops run over given
lists, at most two deep; what comes out is cut, and what takes too long is given up."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache, wraps
from html.parser import HTMLParser
from typing import Any

import nh3
from jinja2 import StrictUndefined, Template, TemplateError, Undefined, nodes
from jinja2.meta import find_undeclared_variables
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

LONGEST_TEMPLATE = 32_000
"""Characters of one text of a template."""
LONGEST_OUTPUT = 200_000
"""Characters that come out; what is more is left out, and that is said."""
LONGEST_TIME = 2.0
"""Seconds of a processor that one text may take."""
DEEPEST_LOOP = 2
_LEFT_OUT = "\n...\n(The rest is left out: it would be too long.)\n"

_KNOWN_NODES: tuple[type[nodes.Node], ...] = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Const,
    nodes.If,
    nodes.For,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Filter,
    nodes.Test,
)
_KNOWN_TESTS = ("defined", "none", "eq", "ne", "lt", "le", "gt", "ge", "in")
_OF_LOOPS = ("index", "first", "last", "length")
_TAGS = {
    "a", "abbr", "b", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "h1", "h2", "h3",
    "h4", "hr", "i", "li", "ol", "p", "pre", "s", "small", "span", "strong", "sub", "sup", "table",
    "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_STYLES = {
    "background-color", "border", "border-bottom", "border-left", "border-right", "border-top",
    "border-collapse", "border-radius", "color", "display", "font-family", "font-size",
    "font-style", "font-weight", "line-height", "margin", "margin-bottom", "margin-left",
    "margin-right", "margin-top", "max-width", "padding", "padding-bottom", "padding-left",
    "padding-right", "padding-top", "text-align", "text-decoration", "vertical-align",
    "white-space", "width",
}  # fmt: skip
_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)


class Unfit(Exception):
    """A template can't be used; the text is a clause for a person, without full stop."""


class _Values(ImmutableSandboxedEnvironment):
    """What a dot and brackets reach: members of dicts and lists, and nothing of Python."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Undefined):
            return getattr(obj, "missing")  # noqa: B009  # StrictUndefined raises, with its name
        if isinstance(obj, Mapping):
            if isinstance(argument, str) and argument in obj:
                return obj[argument]
        elif isinstance(obj, LoopContext):
            if argument in _OF_LOOPS:
                return getattr(obj, argument)
        elif isinstance(obj, list) and argument in range(len(obj)):
            return obj[argument]
        return self.undefined(obj=obj, name=str(argument))


def check(source: str, names: frozenset[str], is_html: bool = False) -> None:
    """Raises Unfit for what is no template, is too long, does what none may, or names a value that
    isn't among names."""
    _compiled(source, is_html)
    unknown = sorted(find_undeclared_variables(_TEXT.parse(source)) - names)
    if unknown:
        raise Unfit(f'there is no value "{unknown[0]}" (there is {", ".join(sorted(names))})')


def as_text(source: str, values: Mapping[str, Any]) -> str:
    """values: plain dicts, lists, texts, numbers, True, False, None (values.plain). Raises
    Unfit."""
    return _rendered(source, values, is_html=False)


def as_html(source: str, values: Mapping[str, Any]) -> str:
    """A whole document; the source is what stands in its body. Values are escaped; whatever the
    template makes of them, links lead to http and https only, and there are no scripts, images or
    forms. Raises Unfit."""
    body = nh3.clean(
        _rendered(source, values, is_html=True),
        tags=_TAGS,
        attributes={"*": {"style"}, "a": {"href"}},
        attribute_filter=_of_the_web,
        filter_style_properties=_STYLES,
        link_rel=None,
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"></head>\n'
        '<body style="font-family: sans-serif; font-size: 15px; line-height: 1.4; '
        f'color: #222222">\n{body.strip()}\n</body></html>\n'
    )


def left_out(source: str, values: Mapping[str, Any]) -> str | None:
    """The first thing of the HTML that `as_html` wouldn't keep, for a person. Raises Unfit."""
    finder = _Finder()
    finder.feed(_rendered(source, values, is_html=True))
    finder.close()
    return finder.found


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found = self.found or self._left_out(tag, dict(attrs))

    def _left_out(self, tag: str, attributes: Mapping[str, str | None]) -> str | None:
        if tag not in _TAGS:
            return f"<{tag}>"
        for name, value in attributes.items():
            if name == "href" and tag == "a":
                if not _WEB.match(value or ""):
                    return "a link that isn't http or https"
            elif name != "style":
                return f"{name} of <{tag}>"
            else:
                for one in (value or "").split(";"):
                    said = one.partition(":")[0].strip().lower()
                    if said and said not in _STYLES:
                        return f"style {said}"
        return None


def _of_the_web(_tag: str, attribute: str, value: str) -> str | None:
    """Relative addresses lead nowhere in a mail."""
    return value if attribute != "href" or _WEB.match(value) else None


def _quoted(text: str) -> str:
    """Each line behind `> `, as an answer quotes it."""
    return "\n".join(f"> {line}".rstrip() for line in _text(text).splitlines())


def _truncated(text: str, length: int = 200) -> str:
    """At most so many characters, with `...` where it was longer."""
    kept = _text(text)
    return kept if len(kept) <= length else kept[: max(0, length - 3)] + "..."


def _joined(found: Any, between: str = ", ") -> str:
    """A list's texts with that between them."""
    if not isinstance(found, list):
        raise Unfit("`join` takes a list")
    return _text(between)[:20].join(_text(one) for one in found)


def _counted(found: Any) -> int:
    """How many items a list has, or characters a text."""
    if not isinstance(found, list | str):
        raise Unfit("`length` takes a list or a text")
    return len(found)


def _or_else(found: Any, other: Any = "") -> Any:
    """The other where there is no value, or an empty one."""
    return found or other


def _lines(text: str) -> Markup:
    """HTML: escaped, a new line of the text is one on the page."""
    return Markup("<br>\n").join(_text(text).splitlines())


def _text(value: Any) -> str:
    """Never Markup: what was escaped once is escaped again, rather than not at all."""
    return "" if value is None else str.__str__(value) if isinstance(value, str) else str(value)


def _items(found: Any) -> list[Any]:
    """What a loop runs over: a list, or nothing."""
    if found is None:
        return []
    if not isinstance(found, list):
        raise Unfit("a loop runs over what is no list")
    return found


def _in_time(filter_: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(filter_)
    def timed(*given: Any, **named: Any) -> Any:
        _check_time()
        return filter_(*given, **named)

    return timed


def _check_time() -> None:
    if time.thread_time() > _until.get():
        raise Unfit("it takes too long")


_until: ContextVar[float] = ContextVar("until", default=float("inf"))


FILTERS: dict[str, Callable[..., Any]] = {
    "default": _or_else,
    "join": _joined,
    "length": _counted,
    "lower": lambda text: _text(text).lower(),
    "quote": _quoted,
    "truncate": _truncated,
    "upper": lambda text: _text(text).upper(),
}
"""What may stand behind a `|`; `lines` beside them in HTML."""


def _written(value: Any) -> Any:
    """What stands in the text for a value."""
    if isinstance(value, list | dict):
        raise Unfit("a list or a group of values can't be written: `join` it, loop, or use a dot")
    return "" if value is None else value


def _environment(is_html: bool) -> _Values:
    made = _Values(
        autoescape=is_html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_written,
    )
    found = {**FILTERS, _ITEMS: _items} | ({"lines": _lines} if is_html else {})
    made.filters = {name: _in_time(one) for name, one in found.items()}
    made.tests = {name: made.tests[name] for name in _KNOWN_TESTS}
    made.globals = {}
    return made


_ITEMS = "items of a list"
"""A filter that no template can name: it stands before each loop."""
_TEXT = _environment(is_html=False)
_HTML = _environment(is_html=True)


@lru_cache(maxsize=200)
def _compiled(source: str, is_html: bool) -> Template:
    if len(source) > LONGEST_TEMPLATE:
        raise Unfit(f"it is longer than {LONGEST_TEMPLATE} characters")
    environment = _HTML if is_html else _TEXT
    try:
        tree = environment.parse(source)
        _check_node(tree, 0, environment)
        for loop in tree.find_all(nodes.For):
            loop.iter = nodes.Filter(loop.iter, _ITEMS, [], [], None, None, lineno=loop.lineno)
        tree.set_environment(environment)
        return environment.from_string(tree)
    except TemplateError as error:
        raise Unfit(_fault(error)) from error
    except (RecursionError, MemoryError):
        raise Unfit("it is nested too deep") from None


def _rendered(source: str, values: Mapping[str, Any], is_html: bool) -> str:
    pieces: list[str] = []
    room = LONGEST_OUTPUT
    template = _compiled(source, is_html)
    before = _until.set(time.thread_time() + LONGEST_TIME)
    try:
        for piece in template.generate(values):
            _check_time()
            pieces.append(piece[:room])
            room -= len(piece)
            if room < 0:
                pieces.append(_LEFT_OUT)
                break
    except TemplateError as error:
        raise Unfit(_fault(error)) from error
    except (TypeError, ValueError, RecursionError) as error:
        raise Unfit("it does something with a value that can't be done with it") from error
    finally:
        _until.reset(before)
    return "".join(pieces)


def _check_node(node: nodes.Node, loops: int, environment: _Values) -> None:
    if not isinstance(node, _KNOWN_NODES):
        raise Unfit(f"line {node.lineno}: {_WORDS.get(type(node), type(node).__name__)} can't be")
    # Jinja2 itself finds these only when they are reached, where they stand behind an `if`.
    if isinstance(node, nodes.Filter) and node.name not in environment.filters:
        known = ", ".join(sorted({*environment.filters} - {_ITEMS}))
        raise Unfit(f'line {node.lineno}: there is no filter "{node.name}" (there is {known})')
    if isinstance(node, nodes.Test) and node.name not in environment.tests:
        known = ", ".join(sorted(environment.tests))
        raise Unfit(f'line {node.lineno}: there is no test "{node.name}" (there is {known})')
    if isinstance(node, nodes.For):
        if node.recursive:
            raise Unfit(f"line {node.lineno}: loops can't be recursive")
        loops += 1
        if loops > DEEPEST_LOOP:
            raise Unfit(f"line {node.lineno}: loops are at most {DEEPEST_LOOP} deep")
    for child in node.iter_child_nodes():
        _check_node(child, loops, environment)


_WORDS: dict[type[nodes.Node], str] = {
    nodes.Call: "calls (..(..))",
    nodes.Assign: "`set`",
    nodes.AssignBlock: "`set`",
    nodes.Include: "`include`",
    nodes.Import: "`import`",
    nodes.FromImport: "`import`",
    nodes.Extends: "`extends`",
    nodes.Macro: "`macro`",
    nodes.Concat: "`~` (write one value behind the other)",
    nodes.FilterBlock: "`filter`",
}


def _fault(error: TemplateError) -> str:
    line = getattr(error, "lineno", None)
    text = " ".join((error.message or "it can't be used").split())[:200].rstrip(".")
    return text if line is None else f"line {line}: {text}"

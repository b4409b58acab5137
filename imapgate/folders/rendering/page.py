"""How an activity's message looks, as plain text and as HTML: the templates stand in `texts`."""

from __future__ import annotations

import html as html_text
import re
from collections.abc import Mapping, Sequence
from functools import cache, partial
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from imapgate.activities import web_addresses
from imapgate.folders.rendering import urls
from imapgate.folders.rendering.cutting import Cut, name
from imapgate.folders.rendering.gathering import Gathered, Person
from imapgate.folders.rendering.media import Medium
from imapgate.folders.rendering.moments import moment

_BLANKS = re.compile(r"(?P<indent>^[ \t]+)|[ \t]{2,}|\t", re.MULTILINE)
_INDENT = "    "
_TAB = 2
"""Blanks: an indentation is to be seen, and a text full of tabs stays small."""


def text(gathered: Gathered, media: Sequence[Medium]) -> str:
    """Plain, in lines that end with LF."""
    return _template("activity.txt").render(_values(gathered, media))


def html(gathered: Gathered, media: Sequence[Medium]) -> str:
    """A whole document. Nothing in it that a person or a mail supplied means anything as HTML; it
    has no scripts, no styles from elsewhere and no pictures."""
    return _template("activity.html").render(_values(gathered, media))


def _values(gathered: Gathered, media: Sequence[Medium]) -> Mapping[str, Any]:
    return {
        "g": gathered,
        "activity": gathered.activity,
        "facts": _facts(gathered),
        "media": media,
        "url": partial(_url, gathered.url),
    }


def _facts(gathered: Gathered) -> list[tuple[str, str]]:
    """What is known of it, in lines: title and value."""
    activity = gathered.activity
    created = moment(activity.created_at)
    if gathered.created_by:
        created += f" by {gathered.created_by}"
    found = [
        ("State", f"{name(activity.state)}, {activity.percent_complete} percent complete"),
        ("Assigned to", _shown(gathered.assignee) or "nobody"),
        ("Reported by", _shown(gathered.reporter)),
        ("Priority", gathered.priority),
        ("Type", _kind(gathered)),
        ("Groups", ", ".join(gathered.groups)),
        ("Created", created),
        ("Changed", moment(activity.modified_at)),
        ("Due", moment(activity.due_at)),
        ("Started", moment(activity.actual_start)),
        ("Ended", moment(activity.actual_end)),
    ]
    return [(title, value) for title, value in found if value]


def _kind(gathered: Gathered) -> str:
    activity = gathered.activity
    type_, class_ = name(activity.type), name(activity.activity_class)
    return type_ if type_ == class_ else f"{type_} ({class_})"


def _shown(person: Person | None) -> str:
    if person is None:
        return ""
    called, address = name(person.name), name(person.address or "")
    return f"{called} <{address}>" if called and address else called or address


def _url(pattern: str | None, number: int) -> str | None:
    return None if pattern is None else web_addresses.address(pattern, number)


def _lines(found: str) -> Markup:
    """HTML of a text: escaped, its lines and blanks stay, web addresses are links."""
    made = "".join(
        _marked_up(one.text)
        if one.href is None
        else f'<a href="{html_text.escape(one.href)}">{_marked_up(one.text)}</a>'
        for one in urls.pieces("\n".join(found.splitlines()))
    )
    return Markup(made)  # noqa: S704  # each piece was escaped


def _marked_up(found: str) -> str:
    return _BLANKS.sub(_kept, html_text.escape(found)).replace("\n", "<br>" + "\n")


def _kept(blanks: re.Match[str]) -> str:
    """Blanks that HTML would take for one, or none; one of them stays, where the line may break."""
    last = "&nbsp;" if blanks["indent"] else " "
    return "&nbsp;" * (len(blanks[0].expandtabs(_TAB)) - 1) + last


def _indented(found: str) -> str:
    """A text below its heading: nothing that it says can be taken for a heading."""
    return "\n".join(f"{_INDENT}{line}".rstrip() for line in found.splitlines())


def _left_out(cut: Cut, number: int, address: str | None) -> str:
    """Where the rest of a text is to be seen."""
    where = address or f"`imapgate activity show {number}`"
    return f"({cut.left_out} more characters are left out here: see {where})"


def _octets(size: int) -> str:
    if size < 1_000:
        return f"{size} bytes"
    if size < 1_000_000:
        return f"{round(size / 1_000)} kB"
    return f"{size / 1_000_000:.1f} MB"


@cache
def _environment(is_html: bool) -> Environment:
    made = Environment(
        autoescape=is_html,  # noqa: S701  # plain text has nothing to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters = {
        **made.filters,
        "lines": _lines,
        "indented": _indented,
        "moment": moment,
        "octets": _octets,
    }
    made.globals = {**made.globals, "left_out": _left_out}
    return made


@cache
def _template(file: str) -> Template:
    source = (files(__package__) / "texts" / file).read_text(encoding="utf-8")
    return _environment(file.endswith(".html")).from_string(source)

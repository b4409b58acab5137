"""The texts of a mail, made by a template."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from imapgate.activities.names import Mistake
from imapgate.activities.subjects import LONGEST_SUBJECT
from imapgate.mime.writing import html_of
from imapgate.outgoing.templates import own, sandbox
from imapgate.outgoing.templates.own import BUILT_IN, Template, built_in
from imapgate.outgoing.templates.sandbox import Unfit
from imapgate.outgoing.templates.values import completed
from storage import Tx

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rendered:
    """subject: one line, at most activities.subjects.LONGEST_SUBJECT characters, may be empty.
    text: its lines end with LF. html: a whole document."""

    subject: str
    text: str
    html: str


def render(tx: Tx, segment_id: int, name: str, values: Mapping[str, Any]) -> Rendered:
    """A mail by the template of that name. values: as templates.values describes them for it, plain
    ones; what may lack can be left out, texts are bounded and cleaned here.

    A segment's own template that fails all the same is passed over, with a warning in the log, for
    the one that comes with the program. Raises Mistake where there is none of that name, or only
    one that fails; ValueError where a value lacks that may not, TypeError for what isn't plain.
    """
    template = own.find(tx, segment_id, name)
    given = completed(name, values)
    try:
        return made(template, given)
    except Unfit as unfit:
        if not template.is_own or name not in BUILT_IN:
            raise Mistake(f'Template "{name}" can\'t be used: {unfit}.') from unfit
        _log.warning(
            "segment %d: its own template %s can't be used, the usual one is sent: %s",
            segment_id,
            name,
            unfit,
            extra={
                "event": "template_unfit",
                "fields": {"segment": segment_id, "template": name, "text": str(unfit)},
            },
        )
        return made(built_in(name), given)


def made(template: Template, values: Mapping[str, Any]) -> Rendered:
    """values: complete and plain (templates.values.completed). Raises Unfit."""
    text = _of(template.text, values, sandbox.as_text)
    if template.html is None:
        html = html_of(text)
    else:
        html = _of(template.html, values, sandbox.as_html)
    subject = " ".join(sandbox.as_text(template.subject, values).split())
    return Rendered(subject[:LONGEST_SUBJECT].strip(), text, html)


def _of(
    source: str, values: Mapping[str, Any], make: Callable[[str, Mapping[str, Any]], str]
) -> str:
    return make(source, values).strip("\n") + "\n"

"""The templates that come with the program, and a segment's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from imapgate.activities.names import Mistake
from imapgate.outgoing.templates import sandbox
from imapgate.outgoing.templates.sandbox import Unfit
from imapgate.outgoing.templates.values import samples, values_of
from storage import Tx, mail_templates, processes, settings_history

BUILT_IN = ("notification", "approval-request", "reply", "confirmation", "failure", "test")
FOR_CASES = ("reply", "confirmation")
"""Of those that come with the program, what `activity mail` and transitions can use; beside them
all of a segment's own names."""
LONGEST_NAME = 60
"""Characters."""
MOST = 200
"""Templates of one segment."""
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Template:
    """html None: made of text. is_own: the segment's; replaces: one that comes with the program is
    behind it. changed_at: seconds since 1970 UTC, None: it comes with the program."""

    name: str
    subject: str
    text: str
    html: str | None
    is_own: bool = False
    replaces: bool = False
    changed_at: int | None = None


@cache
def built_in(name: str) -> Template:
    """name: one of BUILT_IN."""
    texts = files(__package__) / "texts"
    subject, text, html = (
        (texts / f"{name}.{kind}").read_text(encoding="utf-8")
        for kind in ("subject", "txt", "html")
    )
    return Template(name, subject.strip(), text, html)


def find(tx: Tx, segment_id: int, name: str) -> Template:
    """The segment's own, else the one that comes with the program. Raises Mistake if there is
    none."""
    row = mail_templates.by_name(tx, segment_id, name)
    if row is not None:
        return _own(row)
    if name in BUILT_IN:
        return built_in(name)
    known = ", ".join(one.name for one in list_templates(tx, segment_id))
    raise Mistake(f'There is no template "{name}" (there is {known}).')


def find_for_cases(tx: Tx, segment_id: int, name: str) -> Template:
    """As `find`, of those that a mail about an activity can be made by. Raises Mistake."""
    found = find(tx, segment_id, name)
    if name in BUILT_IN and name not in FOR_CASES:
        raise Mistake(
            f'Template "{name}" is for the system\'s own mails; a mail about an activity takes '
            f"{', '.join(FOR_CASES)} or one of your own."
        )
    return found


def list_templates(tx: Tx, segment_id: int) -> list[Template]:
    """Those that come with the program, each as it counts here, then the others by name."""
    own = {row.name: _own(row) for row in mail_templates.of_segment(tx, segment_id)}
    coming = [own[name] if name in own else built_in(name) for name in BUILT_IN]
    return [*coming, *(one for one in own.values() if not one.replaces)]


def put(
    tx: Tx,
    segment_id: int,
    name: str,
    who: str,
    *,
    subject: str | None = None,
    text: str | None = None,
    html: str | None = None,
    reason: str = "",
) -> Template:
    """The segment's own template of that name from now on; it stands in the settings history.

    None: as it is now (of a name that is new: no subject or text is a mistake); html empty, or None
    where a new text is given: made of the text. Raises Mistake for what isn't fit to be used.
    """
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        raise Mistake(
            f'"{name}" is no name of a template: small letters and digits with single hyphens '
            f"between them, at most {LONGEST_NAME}."
        )
    before = _before(tx, segment_id, name)
    if before is None and len(mail_templates.of_segment(tx, segment_id)) >= MOST:
        raise Mistake(f"A segment has at most {MOST} templates of its own.")
    if before is not None:
        html = before.html if html is None and text is None else html
        subject = before.subject if subject is None else subject
        text = before.text if text is None else text
    if subject is None or text is None:
        raise Mistake(f'Template "{name}" is new: it needs a subject and a text.')
    now = Template(name, subject.strip(), text, html or None, is_own=True)
    check(now)
    mail_templates.put(tx, segment_id, name, now.subject, now.text, now.html)
    _record(tx, segment_id, name, before, now, who, reason)
    return find(tx, segment_id, name)


def reset(tx: Tx, segment_id: int, name: str, who: str, reason: str = "") -> None:
    """The segment's own template is gone; the one that comes with the program counts again, if
    there is one of that name. Raises Mistake: the segment has none, or a transition sends it."""
    before = mail_templates.by_name(tx, segment_id, name)
    if before is None:
        raise Mistake(f'The segment has no template "{name}" of its own.')
    if name not in BUILT_IN:
        _check_unused(tx, segment_id, name)
    mail_templates.remove(tx, segment_id, name)
    _record(tx, segment_id, name, _own(before), None, who, reason)


def check(template: Template) -> None:
    """Raises Mistake for what a template of that name can't be: its form, values that there aren't,
    constructs that none may use. It is tried with sample values, all of them and only those that
    never lack."""
    names = frozenset(one.name.partition(".")[0] for one in values_of(template.name))
    for what, source in (
        ("subject", template.subject),
        ("text", template.text),
        ("HTML", template.html),
    ):
        if source is None:
            continue
        is_html = what == "HTML"
        make = sandbox.as_html if is_html else sandbox.as_text
        try:
            sandbox.check(source, names, is_html)
            for lacking in (False, True):
                made = make(source, samples(template.name, lacking))
            if is_html:
                _check_kept(source, samples(template.name))
        except Unfit as unfit:
            raise Mistake(
                f'The {what} of template "{template.name}" is not fit: {unfit}.'
            ) from None
        if not made.strip():
            raise Mistake(f'The {what} of template "{template.name}" comes out empty.')


def _check_kept(source: str, values: Mapping[str, Any]) -> None:
    """Raises Unfit for HTML of which something would be left out: better now than unseen."""
    found = sandbox.left_out(source, values)
    if found is not None:
        raise Unfit(f"no mail has {found[:60]} (it is what stands in the body: text and links)")


def _before(tx: Tx, segment_id: int, name: str) -> Template | None:
    row = mail_templates.by_name(tx, segment_id, name)
    if row is not None:
        return _own(row)
    return built_in(name) if name in BUILT_IN else None


def _own(row: mail_templates.TemplateRow) -> Template:
    return Template(
        row.name,
        row.subject,
        row.text,
        row.html,
        is_own=True,
        replaces=row.name in BUILT_IN,
        changed_at=row.changed_at,
    )


def _record(
    tx: Tx,
    segment_id: int,
    name: str,
    before: Template | None,
    now: Template | None,
    who: str,
    reason: str,
) -> None:
    changes = settings_history.differences(_said(before), _said(now))
    if changes:
        settings_history.record(tx, segment_id, who, f"template {name}", changes, reason)


def _said(template: Template | None) -> dict[str, str | None]:
    if template is None:
        return {}
    return {"subject": template.subject, "text": template.text, "html": template.html}


def _check_unused(tx: Tx, segment_id: int, name: str) -> None:
    senders = processes.sending_template(tx, segment_id, name)
    if senders:
        process, transition = senders[0]
        raise Mistake(
            f'Template "{name}" is sent by transition "{transition}" of process "{process}": let '
            "that send another one, or none, first."
        )

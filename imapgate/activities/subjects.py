"""Subjects of mails that go out: they carry the number by which the answer finds its activity."""

from __future__ import annotations

import re

from imapgate.activities.matching import numbers_in
from imapgate.activities.names import Mistake, storable

USUAL = "[#{number}] {subject}"
"""The template of a segment that has none of its own."""
LONGEST_TEMPLATE = 200
"""Characters."""
LONGEST_SUBJECT = 250
"""Characters of what a template makes."""

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_KNOWN = ("number", "subject")
_NUMBERS = (10_000_001, 1, 999_999_999_999)
_SUBJECTS = ("Gadget", "", "(no subject)", "Grüße", "[list] a ] b [", "C# & {x}", "word " * 400)
_BEFORE = ("", "Re: ", "Fwd: ", "AW: WG: ", "[list] Re: ", "RE:")


def render(template: str, number: int, subject: str) -> str:
    """A subject of one line with the activity's number, at most LONGEST_SUBJECT characters: the
    mail's own subject is cut, with `...`, never the number."""
    own = " ".join(storable(subject).split())
    rest = len(_filled(template, number, ""))
    room = max(0, LONGEST_SUBJECT - rest) // max(1, template.count("{subject}"))
    if len(own) > room:
        own = own[: max(0, room - 3)] + "..."
    return _filled(template, number, own).strip()


def check(template: str, own_pattern: str | None) -> None:
    """Raises Mistake unless the number in what the template makes is found again, and no other one:
    by `#number` or by the segment's pattern, behind Re: and Fwd: too, whatever the subject."""
    if len(template) > LONGEST_TEMPLATE:
        raise Mistake(f"The subject template is longer than {LONGEST_TEMPLATE} characters.")
    if not template.isprintable():
        raise Mistake("The subject template holds control characters.")
    for name in _PLACEHOLDER.findall(template):
        if name not in _KNOWN:
            known = "{number} and {subject}"
            raise Mistake(f"The subject template has {{{name}}}: known are {known}.")
    if "{number}" not in template:
        raise Mistake("The subject template needs {number}, by which answers are found.")
    for number in _NUMBERS:
        for subject in _SUBJECTS:
            made = render(template, number, subject)
            for before in _BEFORE:
                if numbers_in(before + made, own_pattern) != (number,):
                    raise Mistake(_not_found(before + made, number, own_pattern))


def _filled(template: str, number: int, subject: str) -> str:
    values = {"number": str(number), "subject": subject}
    return _PLACEHOLDER.sub(lambda found: values[found[1]], template)


def _not_found(subject: str, number: int, own_pattern: str | None) -> str:
    shown = subject if len(subject) <= 60 else subject[:57] + "..."
    found = ", ".join(map(str, numbers_in(subject, own_pattern))) or "nothing"
    return (
        f'Answers would not be found: in the subject "{shown}", as the template makes it for '
        f"{number}, the pattern finds {found}."
    )

"""The subject that an e-mail activity goes out with: by it the answer finds what it is about."""

from __future__ import annotations

from collections.abc import Sequence

from imapgate.activities import subjects
from imapgate.activities.matching import numbers_in


def subject(
    own: str, number: int, linked: Sequence[int], template: str | None, pattern: str | None
) -> str:
    """own: the mail's subject, which stays as it is if the answer is found by it already. Else the
    segment's template (None: the usual one) adds a number: of what the mail is linked to, since
    that is what the answer is about, or the activity's own where it is linked to nothing.
    pattern: the segment's, by which answers are found beside `#number`."""
    about = tuple(linked) or (number,)
    named = numbers_in(own[: subjects.LONGEST_SUBJECT], pattern)
    if any(one in named for one in (*about, number)):
        return own
    return subjects.render(template or subjects.USUAL, about[0], own)

"""Where an activity stands on the web: a pattern that an administrator or a user sets, and the
address that it makes."""

from __future__ import annotations

from urllib.parse import urlsplit

from imapgate.activities.names import Mistake, quoted

NUMBER = "{number}"
LONGEST = 1_000
"""Characters of a pattern."""


def checked(pattern: str) -> str:
    """The pattern as it is kept. The one place that decides what may be one: http or https, a
    server, `{number}` where the activity's number stands, and nothing that could end the address in
    a mail's text, its HTML or a header. Raises Mistake."""
    kept = pattern.strip()
    bare = kept.replace(NUMBER, "1")
    try:
        parts = urlsplit(bare)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if (
        not host
        or parts.scheme not in ("https", "http")
        or "@" in parts.netloc
        or len(kept) > LONGEST
        or not kept.isprintable()
        or any(one in bare for one in '{} <>"\\')
    ):
        raise Mistake(
            f"{quoted(kept)} is no web address: https://... with {NUMBER} where the activity's "
            f"number stands, no blank, no user's name, and at most {LONGEST} characters."
        )
    if NUMBER not in kept:
        raise Mistake(f"The link has no {NUMBER}: where does the activity's number stand?")
    return kept


def address(pattern: str, number: int) -> str:
    """pattern: as `checked` gives it."""
    return pattern.replace(NUMBER, str(number))

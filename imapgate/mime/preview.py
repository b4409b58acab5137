"""The first words of a mail, for a list of mails (RFC 8970)."""

from __future__ import annotations

import re

from imapgate.mime.quotes import own_text

LONGEST = 200
"""Characters (RFC 8970 3.3 advises so many, and allows 256)."""
LOOKED_AT = 16 * 1024
"""Characters of the text that are looked at."""

_BLANKS_AND_CONTROLS = re.compile(r"[\s\x00-\x1f\x7f-\x9f]+")


def preview(text: str) -> str:
    """Of a mail's text for people: its beginning in one line, without what the mail quotes if
    something is left; "" for a mail without text."""
    beginning = text[:LOOKED_AT]
    own = own_text(beginning)
    unquoted = "\n".join(line for line in own.split("\n") if not line.lstrip().startswith(">"))
    return _folded(unquoted) or _folded(beginning)


def _folded(text: str) -> str:
    return _BLANKS_AND_CONTROLS.sub(" ", text).strip()[:LONGEST].rstrip()

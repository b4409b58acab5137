"""What a display name in a mail's header tells of the person: how a contact may be called."""

from __future__ import annotations

import re
import unicodedata

from imapgate.activities.exchange_names import decoded
from imapgate.activities.names import LONGEST, storable

_QUOTES = ("''", '""', "\u2018\u2019", "\u201c\u201d", "\u201e\u201c", "\u00ab\u00bb", "``", "`'")
_DEEPEST = 3
"""Quotes around quotes that are taken off."""
_LONGEST_READ = 2 * LONGEST
_FOR_ANOTHER = re.compile(
    r"\S\s+\(?(?:via|on behalf of|im Auftrag von|per conto di|de la part de)\s+\S", re.IGNORECASE
)
_JOINERS = "\u200c\u200d"
"""Signs that show nothing but belong to some scripts' words."""


def person_name(written: str, address: str) -> str:
    """The name as a contact is called, one line of at most LONGEST characters; empty: it names
    nobody.

    written: decoded (RFC 2047). Quotes around it go. `Muster, Erika` stays as it is: nothing tells
    it from `Acme, Inc.`. No name is: an address or an X.500 name, the address' own local part, what
    has no letter, what is longer, and who writes for another (`Erika via Support`, as mailing lists
    write), since that address isn't Erika's.
    """
    name = _line(written[: _LONGEST_READ + 1])
    for _ in range(_DEEPEST):
        if len(name) < 2 or name[0] + name[-1] not in _QUOTES:
            break
        name = name[1:-1].strip()
    if len(name) > LONGEST or "@" in name or "=?" in name or decoded(name) is not None:
        return ""
    if not any(one.isalpha() for one in name) or _FOR_ANOTHER.search(name):
        return ""
    return "" if name == address.strip().partition("@")[0] else name


def _line(text: str) -> str:
    """Composed, of one line, without signs that steer or hide."""
    kept = "".join(
        " " if _steers(one) else one
        for one in unicodedata.normalize("NFC", storable(text))
        if unicodedata.category(one) != "Cf" or one in _JOINERS
    )
    return " ".join(kept.split())


def _steers(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp")

"""Phone numbers of contacts, which fax and SMS gateways reach."""

from __future__ import annotations

import re
import unicodedata

from imapgate.activities.names import Mistake, quoted, storable

KIND = "phone"
"""Of schema.email_address."""
LONGEST = 60
"""Characters of a number as it is written."""
FEWEST_DIGITS = 3
MOST_SIGNS = 32
"""Digits and letters of a number: E.164 has 15 digits, some dial further ones inside a house."""
_WRITTEN = re.compile(r"\+?[ ()]*[0-9][0-9A-Za-z ()\-./]*")
_SIGN = re.compile(r"[0-9A-Za-z]")


def checked_phone(number: str) -> str:
    """A phone number as it is kept: as written (`+41 (44) 111-2233`, `0800 FLOWERS`), with single
    blanks. Raises Mistake."""
    kept = " ".join(unicodedata.normalize("NFKC", storable(number)).split())
    of_it = signs(kept)
    few = sum(one.isdigit() for one in of_it) < FEWEST_DIGITS
    if few or len(kept) > LONGEST or len(of_it) > MOST_SIGNS or not _WRITTEN.fullmatch(kept):
        raise Mistake(f"{quoted(number)} is no phone number.")
    return kept


def is_phone(text: str) -> bool:
    """Whether `checked_phone` takes it."""
    try:
        checked_phone(text)
    except Mistake:
        return False
    return True


def phone_key(number: str) -> str:
    """What makes two numbers the same: digits and letters, and whether `+` leads them. It begins
    with `TEL:`; no key of a mail's address does (names.key folds capitals)."""
    return "TEL:" + ("+" if number.strip().startswith("+") else "") + signs(number)


def signs(number: str) -> str:
    """Its digits and letters, the latter as capitals."""
    return "".join(_SIGN.findall(number)).upper()

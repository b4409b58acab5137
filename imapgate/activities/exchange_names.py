"""How Exchange writes the X.500 names of its users in mails, and what makes two of them the same.

Outside of its house a name goes out as an address (IMCEAEX, [MS-OXCMAIL] 2.1.1): `/` as `_`, other
signs but letters, digits, `=`, `-` and `.` as `+` and two hexadecimal digits.
"""

from __future__ import annotations

import re
import unicodedata

from imapgate.activities.names import key, storable

LONGEST = 1000
"""Characters of a decoded name."""
_WRITTEN = 4 * LONGEST
"""Characters that are decoded: each of a name may stand as three."""
_CAPSULE = re.compile(r"IMCEA(?:EX|X500)-(.*)", re.IGNORECASE | re.DOTALL)
_PREFIX = re.compile(r"(?:EX|X500):", re.IGNORECASE)
_HEX = re.compile(r"(?:\+[0-9A-Fa-f]{2})+")
_NAME = re.compile(r"/[A-Za-z]+=")
_BESIDE = re.compile(r"\([^()]*\)|\s+")


def decoded(address: str) -> str | None:
    """The X.500 name (`/O=ACME/OU=EXCHANGE/CN=RECIPIENTS/CN=ERIKA`) that an address is: as it
    stands, behind `EX:` or `X500:`, or as IMCEAEX; None: it is another address. Of one line, at
    most LONGEST characters. Never raises."""
    name = storable(address[:_WRITTEN]).strip()
    capsule = _CAPSULE.fullmatch(name)
    if capsule is not None:
        local = capsule[1].rpartition("@")[0] or capsule[1]
        name = _HEX.sub(_octets, local.replace("_", "/"))
    else:
        name = _PREFIX.sub("", name, count=1) if _PREFIX.match(name) else name
    name = " ".join(_line(name).split())
    return name[:LONGEST].strip() if _NAME.match(name) else None


def outer_domain(address: str) -> str | None:
    """The domain (as a key) in which a name goes about outside of its house, which anybody can be
    who has a domain; None: it is no IMCEAEX address, or has none."""
    name = storable(address[:_WRITTEN]).strip()
    if _CAPSULE.fullmatch(name) is None or "@" not in name:
        return None
    return key(name.rpartition("@")[2])


def address_key(address: str) -> str:
    """By which a contact's address is known: of an X.500 name without blanks and what stands in
    brackets, since mails lose both (RFC 5322 3.4 drops them between `<` and `>`)."""
    name = decoded(address)
    return key(address) if name is None else key(_BESIDE.sub("", name))


def _octets(found: re.Match[str]) -> str:
    octets = bytes.fromhex(found[0].replace("+", ""))
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("latin-1")


def _line(text: str) -> str:
    return "".join(" " if unicodedata.category(one) in _ENDS else one for one in text)


_ENDS = ("Cc", "Cs", "Zl", "Zp")

"""What each setting of a server may be by itself, and how long."""

from __future__ import annotations

import ipaddress
import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from imapgate.activities.names import Mistake, checked_email, key
from imapgate.servers.server import AUTHENTICATIONS, GRANTS, TLS_VERSIONS, Secrets

TEXT = 255
"""Characters of a host's, folder's or user's name."""
LONG_TEXT = 2000
"""Characters of an URL, a client's name, a scope."""
SECRET = 8192
"""Characters of a password or token."""
AUTHORITY = 64 * 1024
"""Characters of an authority's PEM."""
LIST = 50
"""Addresses or words in one setting."""

_HOST = re.compile(r"[^\s/:@,;<>\"'\\\[\]]+")
_PIN = re.compile(r"[0-9a-f]{64}")


def checked_secrets(secrets: Secrets) -> Secrets:
    """Any text that a server can be sent. Raises Mistake, which doesn't quote it."""
    for what, one in (
        ("password", secrets.password),
        ("client secret", secrets.client_secret),
        ("refresh token", secrets.refresh_token),
    ):
        if one is None:
            continue
        if not one:
            raise Mistake(f"The {what} is empty.")
        if len(one) > SECRET:
            raise Mistake(f"The {what} is longer than {SECRET} characters.")
        if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in one):
            raise Mistake(f"The {what} holds control characters.")
    return secrets


def is_loopback(host: str) -> bool:
    """This machine itself."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.casefold() == "localhost"


def text(what: str, value: str | None, longest: int = TEXT) -> str:
    """In one line, NFC, without outer blanks; may be empty. what: for the sentence. Raises
    Mistake, as they all do."""
    kept = unicodedata.normalize("NFC", value or "").strip()
    if len(kept) > longest:
        raise Mistake(f"The {what} is longer than {longest} characters.")
    if any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in kept):
        raise Mistake(f"The {what} holds control characters.")
    return kept


def optional(what: str, value: str | None) -> str | None:
    """None where it is empty."""
    return text(what, value) or None


def needed(what: str, value: str | None) -> str:
    """Not empty."""
    kept = text(what, value)
    if not kept:
        raise Mistake(f"The {what} is empty.")
    return kept


def one_of(what: str, known: Sequence[str], value: Any, *, or_none: bool = False) -> str | None:
    """One of those that are known."""
    if or_none and value is None:
        return None
    if value not in known:
        raise Mistake(f'The {what} is one of {", ".join(known)}, not "{shown(value)}".')
    return str(value)


def switch(what: str, value: Any, *, or_none: bool = False) -> bool | None:
    """True or false."""
    if or_none and value is None:
        return None
    if not isinstance(value, bool):
        raise Mistake(f'The {what} is on or off, not "{shown(value)}".')
    return value


def number(
    what: str, least: int, most: int, unit: str, value: Any, *, or_none: bool = False
) -> int | None:
    """unit: for the sentence, with the blank before it."""
    if or_none and value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Mistake(f'The {what} is {least} to {most}{unit}, not "{shown(value)}".')
    return value


def seconds(what: str, value: Any) -> float:
    """A time-out of 1 to 600 seconds."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not 1 <= value <= 600:
        raise Mistake(f'The {what} is 1 to 600 seconds, not "{shown(value)}".')
    return float(value)


def host(value: str | None) -> str:
    """A host name, or an address in its usual form."""
    kept = needed("host", value)
    try:
        return str(ipaddress.ip_address(kept))
    except ValueError:
        pass
    if not _HOST.fullmatch(kept):
        raise Mistake(
            f'"{shown(kept)}" is no host name: the name alone, as in imap.example.net, without '
            "port or protocol."
        )
    return kept


def mechanism(known: Sequence[str], value: str | None) -> str | None:
    """One of those, in any case; None where it is empty."""
    if not value:
        return None
    return one_of("mechanism", known, value.upper())


def url(value: str | None) -> str:
    """Of an OAuth authority; may be empty."""
    kept = text("authority", value, LONG_TEXT)
    if not kept:
        return kept
    try:
        parts = urlsplit(kept)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if host and parts.scheme == "https" and not parts.username and not parts.fragment:
        return kept
    raise Mistake(f'"{shown(kept)}" is no address of an authority: it begins with https://.')


def certificates(value: str | None) -> str | None:
    """PEM with one certificate at least; None where it is empty."""
    if not value:
        return None
    if len(value) > AUTHORITY:
        raise Mistake(f"The authority's file is longer than {AUTHORITY} characters.")
    try:
        x509.load_pem_x509_certificates(value.encode())
    except ValueError:
        raise Mistake("The authority's file holds no certificate in PEM form.") from None
    return value


def pin(value: str | None) -> str | None:
    """64 hexadecimal digits, lower case; None where it is empty."""
    if not value:
        return None
    kept = value.replace(":", "").strip().lower()
    if not _PIN.fullmatch(kept):
        raise Mistake("A certificate is pinned by its SHA-256: 64 hexadecimal digits.")
    return kept


def listed(what: str, check: Callable[[str], str], values: Any) -> list[str]:
    """Each once, the first spelling of it."""
    found = [check(one) for one in values]
    if len(found) > LIST:
        raise Mistake(f"There are more than {LIST} {what}.")
    return list({key(one): one for one in reversed(found)}.values())[::-1]


def shown(value: object) -> str:
    """Bounded, in one line."""
    shown = "".join(" " if unicodedata.category(one)[0] == "C" else one for one in str(value))
    return shown if len(shown) <= 60 else shown[:57] + "..."


SERVER: dict[str, Callable[[Any], Any]] = {
    "host": host,
    "port": partial(number, "port", 1, 65535, ""),
    "lowest_tls": partial(one_of, "lowest TLS version", TLS_VERSIONS),
    "verify": partial(switch, "certificate validation"),
    "ca": certificates,
    "pin": pin,
    "authentication": partial(one_of, "authentication", AUTHENTICATIONS),
    "user": partial(text, "user"),
    "authority": url,
    "client_id": lambda value: text("client id", value, LONG_TEXT),
    "scope": lambda value: text("scope", value, LONG_TEXT),
    "grant": partial(one_of, "grant", GRANTS),
    "reply_to": lambda value: checked_email(value) if value else None,
}
"""The checks of what every server has."""

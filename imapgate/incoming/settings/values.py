"""What each setting of an account may be by itself, and how long."""

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
from imapgate.incoming.account import (
    AFTERWARDS,
    IMAP_MECHANISMS,
    POP3_MECHANISMS,
    PROTOCOLS,
    STRANGERS,
    UNKNOWN_SENDERS,
)
from imapgate.servers.server import AUTHENTICATIONS, GRANTS, OAUTH_MECHANISMS, TLS_VERSIONS, Secrets

SECURITIES = ("none", "starttls")
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
MECHANISMS = tuple(dict.fromkeys((*IMAP_MECHANISMS, *POP3_MECHANISMS, *OAUTH_MECHANISMS)))


def checked(name: str, value: Any) -> Any:
    """The value of that setting (settings.settings_of) as it is kept. Raises Mistake."""
    return _CHECKS[name](value)


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


def _text(what: str, value: str | None, longest: int = TEXT) -> str:
    kept = unicodedata.normalize("NFC", value or "").strip()
    if len(kept) > longest:
        raise Mistake(f"The {what} is longer than {longest} characters.")
    if any(unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") for one in kept):
        raise Mistake(f"The {what} holds control characters.")
    return kept


def _optional(what: str, value: str | None) -> str | None:
    return _text(what, value) or None


def _needed(what: str, value: str | None) -> str:
    kept = _text(what, value)
    if not kept:
        raise Mistake(f"The {what} is empty.")
    return kept


def _one_of(what: str, known: Sequence[str], value: Any, *, or_none: bool = False) -> str | None:
    if or_none and value is None:
        return None
    if value not in known:
        raise Mistake(f'The {what} is one of {", ".join(known)}, not "{_shown(value)}".')
    return str(value)


def _switch(what: str, value: Any, *, or_none: bool = False) -> bool | None:
    if or_none and value is None:
        return None
    if not isinstance(value, bool):
        raise Mistake(f'The {what} is on or off, not "{_shown(value)}".')
    return value


def _number(
    what: str, least: int, most: int, unit: str, value: Any, *, or_none: bool = False
) -> int | None:
    if or_none and value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise Mistake(f'The {what} is {least} to {most}{unit}, not "{_shown(value)}".')
    return value


def _timeout(value: Any) -> float:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if not number or not math.isfinite(value) or not 1 <= value <= 600:
        raise Mistake(f'The time-out is 1 to 600 seconds, not "{_shown(value)}".')
    return float(value)


def _host(value: str | None) -> str:
    kept = _needed("host", value)
    try:
        return str(ipaddress.ip_address(kept))
    except ValueError:
        pass
    if not _HOST.fullmatch(kept):
        raise Mistake(
            f'"{_shown(kept)}" is no host name: the name alone, as in imap.example.net, without '
            "port or protocol."
        )
    return kept


def _mechanism(value: str | None) -> str | None:
    if not value:
        return None
    return _one_of("mechanism", MECHANISMS, value.upper())


def _url(value: str | None) -> str:
    kept = _text("authority", value, LONG_TEXT)
    if not kept:
        return kept
    try:
        parts = urlsplit(kept)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if host and parts.scheme == "https" and not parts.username and not parts.fragment:
        return kept
    raise Mistake(f'"{_shown(kept)}" is no address of an authority: it begins with https://.')


def _certificates(value: str | None) -> str | None:
    if not value:
        return None
    if len(value) > AUTHORITY:
        raise Mistake(f"The authority's file is longer than {AUTHORITY} characters.")
    try:
        x509.load_pem_x509_certificates(value.encode())
    except ValueError:
        raise Mistake("The authority's file holds no certificate in PEM form.") from None
    return value


def _pin(value: str | None) -> str | None:
    if not value:
        return None
    kept = value.replace(":", "").strip().lower()
    if not _PIN.fullmatch(kept):
        raise Mistake("A certificate is pinned by its SHA-256: 64 hexadecimal digits.")
    return kept


def _list(what: str, check: Callable[[str], str], values: Any) -> list[str]:
    found = [check(one) for one in values]
    if len(found) > LIST:
        raise Mistake(f"There are more than {LIST} {what}.")
    return list({key(one): one for one in reversed(found)}.values())[::-1]


def _shown(value: object) -> str:
    """Bounded, in one line."""
    shown = "".join(" " if unicodedata.category(one)[0] == "C" else one for one in str(value))
    return shown if len(shown) <= 60 else shown[:57] + "..."


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "label": partial(_text, "label"),
    "active": partial(_switch, "active"),
    "protocol": partial(_one_of, "protocol", PROTOCOLS),
    "host": _host,
    "port": partial(_number, "port", 1, 65535, ""),
    "security": partial(_one_of, "security", SECURITIES),
    "folder": partial(_needed, "folder"),
    "timeout": _timeout,
    "lowest_tls": partial(_one_of, "lowest TLS version", TLS_VERSIONS),
    "verify": partial(_switch, "certificate validation"),
    "ca": _certificates,
    "pin": _pin,
    "authentication": partial(_one_of, "authentication", AUTHENTICATIONS),
    "user": partial(_text, "user"),
    "mechanism": _mechanism,
    "authority": _url,
    "client_id": lambda value: _text("client id", value, LONG_TEXT),
    "scope": lambda value: _text("scope", value, LONG_TEXT),
    "grant": partial(_one_of, "grant", GRANTS),
    "after_reading": partial(_one_of, "choice after reading", AFTERWARDS, or_none=True),
    "move_to": partial(_optional, "folder to move to"),
    "interval": partial(_number, "interval", 10, 7 * 24 * 3600, " seconds", or_none=True),
    "retries": partial(_number, "number of retries", 0, 100, "", or_none=True),
    "debug": partial(_switch, "debug", or_none=True),
    "per_round": partial(_number, "number of messages per round", 1, 10_000, ""),
    "creator": partial(_optional, "creator"),
    "logging_user": partial(_optional, "logging user"),
    "use_linked_user": partial(_switch, "use of linked users"),
    "unknown_sender": partial(_one_of, "choice for unknown senders", UNKNOWN_SENDERS),
    "stranger": partial(_one_of, "choice for strangers", STRANGERS),
    "hourly": partial(_number, "number of mails per hour", 0, 1_000_000, ""),
    "plus": partial(_list, "plus addresses", checked_email),
    "reply_to": lambda value: checked_email(value) if value else None,
    "approve": partial(_list, "approve words", partial(_needed, "word")),
    "reject": partial(_list, "reject words", partial(_needed, "word")),
}

"""An account's settings from a file of properties: by their own names, or by JavaMail's."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from imapgate.activities.names import Mistake
from imapgate.incoming.account import PROTOCOLS
from imapgate.incoming.settings import values
from imapgate.incoming.settings.properties import Fault, Property
from imapgate.incoming.settings.texts import NAMES, value_of
from imapgate.servers.server import OAUTH_MECHANISMS, TLS_VERSIONS, Secrets
from imapgate.servers.settings.flat import Settings

SECRETS = ("password", "client_secret")
_TRUSTED = "trusted"
"""Hosts whose certificate isn't checked; `*`: of all."""
_UNCHECKED = (*SECRETS, _TRUSTED)

_OF_PROTOCOL = re.compile(r"mail\.(imaps?|pop3s?)\.([a-z0-9.-]+)", re.IGNORECASE)
_TOKENS = re.compile(r"[\s,]+")
_DISABLE = re.compile(r"auth\.([a-z0-9-]+)\.disable")
_OLD = ("SSLV2HELLO", "SSLV2", "SSLV3", "TLSV1", "TLSV1.0", "TLSV1.1")
_GENERAL = {"mail.host": "host", "mail.user": "user", "mail.debug": "debug"}
_COMMON, _SIBLING, _EXACT, _OWN = range(4)
"""Whose word counts, the last one's most: `mail.host`; `mail.imap.host` where the protocol is
imaps; `mail.imaps.host`; our own name."""


@dataclass(frozen=True, slots=True)
class Understood:
    """values: of settings, checked one by one. secrets: what the file says of them."""

    values: Settings
    secrets: Secrets


def understood(
    properties: Sequence[Property], named: Settings, account: Settings, faults: list[Fault]
) -> Understood:
    """named: what the command line says, which wins. account: what was set before, or nothing. What
    can't be used is added to faults."""
    protocol = _protocol(properties, named, account, faults)
    found: dict[str, tuple[int, Any]] = {}
    for one in properties:
        try:
            rank, meant = _one(one, protocol)
            for name, value in meant.items():
                kept = value if name in _UNCHECKED else values.checked(name, value)
                if one.key.lower().endswith(".ssl.enable") and name in named:
                    # Winning silently would take the encryption away.
                    raise Mistake(f"this means {value}, but the command line says {named[name]}")
                if name not in found or found[name][0] <= rank:
                    found[name] = (rank, _joined(name, found.get(name), rank, kept))
        except Mistake as error:
            faults.append(Fault(one.line, str(error).rstrip(".")))
    plain = {name: value for name, (_, value) in found.items()}
    trusted = plain.pop(_TRUSTED, ())
    host = {**account, **plain, **named}.get("host", "")
    if "*" in trusted or host.lower() in trusted:
        plain["verify"] = False
    secrets = Secrets(**{name: plain.pop(name) for name in SECRETS if name in plain})
    return Understood(plain, secrets)


def _joined(name: str, before: tuple[int, Any] | None, rank: int, value: Any) -> Any:
    """One setting of ours that several of JavaMail's lead to."""
    if before is not None and before[0] == rank:
        if name == "timeout":
            return max(before[1], value)
        if name == "security":
            return max(before[1], value)  # none < starttls
    return value


def _protocol(
    properties: Sequence[Property], named: Settings, account: Settings, faults: list[Fault]
) -> str:
    """What the file's names are read for."""
    if "protocol" in named:
        return str(named["protocol"])
    for one in properties:
        if one.key in ("protocol", "mail.store.protocol"):
            return one.value if one.value in PROTOCOLS else "imaps"
    if "protocol" in account:
        return str(account["protocol"])
    used = {
        found[1].lower(): one.line
        for one in properties
        if (found := _OF_PROTOCOL.fullmatch(one.key))
    }
    if len(used) > 1:
        faults.append(
            Fault(
                max(used.values()),
                f"names of {' and '.join(sorted(used))}: say which one with mail.store.protocol",
            )
        )
    return next(iter(used), "imaps")


def _one(property: Property, protocol: str) -> tuple[int, dict[str, Any]]:
    """(rank, settings) that one line means. Raises Mistake."""
    key, text = property.key, property.value
    own = key.replace("-", "_").lower()
    if own in SECRETS:
        return _OWN, {own: text}
    if text[:1] == text[-1:] and text[:1] in ('"', "'"):
        raise Mistake(f"a stray {text[0]} around the value")
    if own == "ca":
        raise Mistake("an authority's file is named with --ca")
    if own in NAMES:
        return _OWN, {own: value_of(own, text)}
    if key.lower() == "mail.store.protocol":
        return _EXACT, {"protocol": text}
    if key.lower() in _GENERAL:
        name = _GENERAL[key.lower()]
        return _COMMON, {name: value_of(name, text)}
    found = _OF_PROTOCOL.fullmatch(key)
    meaning = None if found is None else _meaning(found[2].lower())
    if found is None or meaning is None:
        raise Mistake(_unknown(key))
    family = found[1].lower()
    if family.rstrip("s") != protocol.rstrip("s"):
        raise Mistake(f'"{key}" is for {family}, but the account is of {protocol}')
    rank = _EXACT if family == protocol else _SIBLING
    return rank, meaning(text, protocol)


Meaning = Callable[[str, str], dict[str, Any]]
"""(text, protocol) -> settings."""


def _meaning(name: str) -> Meaning | None:
    found = _DISABLE.fullmatch(name)
    if found is not None:
        mechanism = found[1].upper()
        return lambda text, _: _disabled(mechanism, text)
    return _MEANINGS.get(name)


def _switched(text: str) -> bool:
    lower = text.lower()
    if lower not in ("true", "false"):
        raise Mistake(f'this is true or false, not "{text[:60]}"')
    return lower == "true"


def _same(name: str) -> Meaning:
    return lambda text, _: {name: value_of(name, text)}


def _milliseconds(text: str, _protocol: str) -> dict[str, Any]:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Mistake(f'a time-out is in milliseconds, not "{text[:60]}"')
    return {"timeout": int(text) / 1000}


def _starttls(text: str, _protocol: str) -> dict[str, Any]:
    return {"security": "starttls" if _switched(text) else "none"}


def _ssl(text: str, protocol: str) -> dict[str, Any]:
    wanted, encrypted = _switched(text), protocol.endswith("s")
    if encrypted and not wanted:
        raise Mistake(f"{protocol} is always encrypted: take {protocol[:-1]}")
    return {"protocol": f"{protocol}s"} if wanted and not encrypted else {}


def _versions(text: str, _protocol: str) -> dict[str, Any]:
    named = [one for one in _TOKENS.split(text) if one]
    if old := [one for one in named if one.upper() in _OLD]:
        raise Mistake(f"{old[0]} isn't offered: {TLS_VERSIONS[0]} is the lowest TLS version")
    versions = [one.upper().removeprefix("TLSV") for one in named]
    if not versions or not set(versions) <= set(TLS_VERSIONS):
        raise Mistake(f'"{text[:60]}" are no TLS versions (TLSv1.2 TLSv1.3)')
    return {"lowest_tls": min(versions)}


def _trust(text: str, _protocol: str) -> dict[str, Any]:
    return {_TRUSTED: _TOKENS.split(text.lower())}


def _identity(text: str, _protocol: str) -> dict[str, Any]:
    if not _switched(text):
        raise Mistake("the server's name is always checked with its certificate: leave it out")
    return {}


def _mechanisms(text: str, _protocol: str) -> dict[str, Any]:
    named = [one.upper() for one in _TOKENS.split(text) if one]
    if len(named) != 1:
        raise Mistake("name one mechanism, or leave it out: then the best that is offered is taken")
    kind = "oauth" if named[0] in OAUTH_MECHANISMS else "password"
    return {"mechanism": named[0], "authentication": kind}


def _disabled(mechanism: str, text: str) -> dict[str, Any]:
    if _switched(text) and mechanism in values.MECHANISMS:
        raise Mistake(
            f"{mechanism} can't be switched off by itself: name the mechanism to use with "
            "auth.mechanisms"
        )
    return {}


def _unknown(key: str) -> str:
    known = [*(one.replace("_", "-") for one in NAMES), *_GENERAL, "mail.store.protocol"]
    known += [f"mail.{one}.{name}" for one in PROTOCOLS for name in _MEANINGS]
    near = difflib.get_close_matches(key, known, 1, 0.8)
    shown = key if len(key) <= 60 else key[:57] + "..."
    return f'there is no setting "{shown}"' + (f' (is "{near[0]}" meant?)' if near else "")


_MEANINGS: dict[str, Meaning] = {
    "host": _same("host"),
    "port": _same("port"),
    "user": _same("user"),
    "password": lambda text, _: {"password": text},
    "starttls.enable": _starttls,
    "starttls.required": _starttls,
    "ssl.enable": _ssl,
    "ssl.protocols": _versions,
    "ssl.trust": _trust,
    "ssl.checkserveridentity": _identity,
    "timeout": _milliseconds,
    "connectiontimeout": _milliseconds,
    "writetimeout": _milliseconds,
    "auth.mechanisms": _mechanisms,
}

"""A setting's value as people write it, on the command line or in a file, and as they read it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from imapgate.incoming.settings.flat import BLANK, FOR_ALL

LISTS = ("plus", "approve", "reject")
DEFAULT = "default"
"""As the segment's defaults say."""

_SWITCHES = ("active", "verify", "debug", "use_linked_user")
_NUMBERS = ("port", "retries", "per_round", "hourly")
_ON = ("on", "yes", "true")
_OFF = ("off", "no", "false")
_SPAN = re.compile(r"([0-9]{1,9})\s*(s|sec|m|min|h|d)?")
_SECONDS = {None: 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 24 * 3600}


def value_of(name: str, text: str) -> Any:
    """What the text means as that setting (settings.settings_of); the text itself where it means
    nothing, so that values.checked says so. Lists: with commas."""
    text = text.strip()
    if name in FOR_ALL and name != "move_to" and text.lower() == DEFAULT:
        return None
    if name in _SWITCHES:
        return True if text.lower() in _ON else False if text.lower() in _OFF else text
    if name in _NUMBERS:
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
    if name in ("interval", "timeout"):
        found = _SPAN.fullmatch(text.lower())
        return int(found[1]) * _SECONDS[found[2]] if found else text
    if name in LISTS:
        return [one.strip() for one in text.split(",") if one.strip()]
    return text


def text_of(name: str, value: Any) -> str:
    """The value for people; an authority's file isn't quoted."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if name in ("interval", "timeout"):
        return span(value)
    if name == "ca":
        return str(value) if value.startswith("SHA-256") else "its own"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(value)
    return str(value)


def span(seconds: float) -> str:
    """`30 s`, `5 min`, `2 h`."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"


NAMES = tuple(BLANK)

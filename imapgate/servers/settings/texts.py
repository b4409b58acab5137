"""A setting's value as people write it, on the command line or in a file, and as they read it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_ON = ("on", "yes", "true")
_OFF = ("off", "no", "false")
_SPAN = re.compile(r"([0-9]{1,9})\s*(s|sec|m|min|h|d)?")
_SECONDS = {None: 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600, "d": 24 * 3600}


def switch(text: str) -> bool | str:
    """What it means; the text itself where it means nothing, as all of these do, so that the check
    of the value says so."""
    return True if text.lower() in _ON else False if text.lower() in _OFF else text


def number(text: str) -> int | str:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text


def seconds(text: str) -> int | str:
    """`30`, `90s`, `5m`, `1h`, `2d`."""
    found = _SPAN.fullmatch(text.lower())
    return int(found[1]) * _SECONDS[found[2]] if found else text


def text_of(value: Any) -> str:
    """The value for people; numbers as they are."""
    if value is None or value == "" or value == []:
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(value)
    return str(value)


def authority(value: str | None) -> str:
    """Of an authority's file, which isn't quoted; `SHA-256 ...` as the settings history has it."""
    if not value:
        return ""
    return value if value.startswith("SHA-256") else "its own"


def span(seconds: float) -> str:
    """`30 s`, `5 min`, `2 h`."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"

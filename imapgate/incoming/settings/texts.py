"""A setting's value as people write it, on the command line or in a file, and as they read it."""

from __future__ import annotations

from typing import Any

from imapgate.incoming.settings.flat import BLANK, FOR_ALL
from imapgate.servers.settings import texts

LISTS = ("plus", "approve", "reject")
DEFAULT = "default"
"""As the segment's defaults say."""

_SWITCHES = ("active", "verify", "debug", "use_linked_user")
_NUMBERS = ("port", "retries", "per_round", "hourly")


def value_of(name: str, text: str) -> Any:
    """What the text means as that setting (settings.settings_of); the text itself where it means
    nothing, so that values.checked says so. Lists: with commas."""
    text = text.strip()
    if name in FOR_ALL and name != "move_to" and text.lower() == DEFAULT:
        return None
    if name in _SWITCHES:
        return texts.switch(text)
    if name in _NUMBERS:
        return texts.number(text)
    if name in ("interval", "timeout"):
        return texts.seconds(text)
    if name in LISTS:
        return [one.strip() for one in text.split(",") if one.strip()]
    return text


def text_of(name: str, value: Any) -> str:
    """The value for people; an authority's file isn't quoted."""
    if name in ("interval", "timeout") and value is not None:
        return texts.span(value)
    return texts.authority(value) if name == "ca" else texts.text_of(value)


NAMES = tuple(BLANK)
